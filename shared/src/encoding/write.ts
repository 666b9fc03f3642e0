/** The writing half of MessagePack (EN1, EN2): canonical form into one growing buffer. */
import { type Bytes, utf8Encode } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { maxDepth } from '../limits.ts'
import type { Value } from './msgpack.ts'

export interface ByteWriter {
  value(value: Value, depth: number): void
  /** The bytes written, as a buffer of exactly their length. The writer is spent afterwards. */
  take(): Bytes
}

const initialBytes = 512
/** Above this the copy made by the platform's encoder is cheaper than a loop here. */
const shortChars = 48

export function createByteWriter(): ByteWriter {
  let out = new Uint8Array(initialBytes)
  let view = new DataView(out.buffer)
  let at = 0

  function room(bytes: number): void {
    if (at + bytes <= out.length) return
    const grown = new Uint8Array(Math.max(out.length * 2, at + bytes))
    grown.set(out.subarray(0, at))
    out = grown
    view = new DataView(out.buffer)
  }

  /** A token with a length behind it; `token8` undefined where the format has no 8-bit form. */
  function head(length: number, token8: number | undefined, token16: number): void {
    room(5)
    if (token8 !== undefined && length < 0x100) {
      out[at] = token8
      out[at + 1] = length
      at += 2
    } else if (length < 0x10000) {
      out[at] = token16
      view.setUint16(at + 1, length)
      at += 3
    } else {
      out[at] = token16 + 1
      view.setUint32(at + 1, length)
      at += 5
    }
  }

  function one(token: number): void {
    room(1)
    out[at++] = token
  }

  function number(value: number): void {
    room(9)
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) float(value)
    else if (value >= 0) {
      if (value < 0x80) out[at++] = value
      else if (value < 0x1_0000_0000) head32(value)
      else int64(0xcf, value)
    } else if (value >= -0x20) {
      out[at++] = value
    } else if (value >= -0x80) {
      out[at] = 0xd0
      view.setInt8(at + 1, value)
      at += 2
    } else if (value >= -0x8000) {
      out[at] = 0xd1
      view.setInt16(at + 1, value)
      at += 3
    } else if (value >= -0x8000_0000) {
      out[at] = 0xd2
      view.setInt32(at + 1, value)
      at += 5
    } else int64(0xd3, value)
  }

  const head32 = (value: number): void => head(value, 0xcc, 0xcd)

  function int64(token: number, value: number): void {
    out[at] = token
    view.setInt32(at + 1, Math.floor(value / 0x1_0000_0000))
    view.setUint32(at + 5, value >>> 0)
    at += 9
  }

  function float(value: number): void {
    out[at] = 0xcb
    view.setFloat64(at + 1, value)
    // One NaN: which bits a platform keeps in it is its own choice.
    if (Number.isNaN(value)) {
      view.setUint32(at + 1, 0x7ff8_0000)
      view.setUint32(at + 5, 0)
    }
    at += 9
  }

  function text(value: string): void {
    if (value.length <= shortChars && ascii(value)) {
      textHead(value.length)
      room(value.length)
      for (let i = 0; i < value.length; i++) out[at + i] = value.charCodeAt(i)
      at += value.length
    } else {
      const encoded = wellFormed(value)
      textHead(encoded.length)
      raw(encoded)
    }
  }

  function textHead(length: number): void {
    if (length < 0x20) one(0xa0 | length)
    else head(length, 0xd9, 0xda)
  }

  function raw(bytes: Bytes): void {
    room(bytes.length)
    out.set(bytes, at)
    at += bytes.length
  }

  function list(items: readonly Value[], depth: number): void {
    if (items.length < 0x10) one(0x90 | items.length)
    else head(items.length, undefined, 0xdc)
    // Not for-of: a hole must be seen, and an iterator could be anyone's code.
    for (let i = 0; i < items.length; i++) any(items[i], depth)
  }

  function map(object: { readonly [key: string]: Value }, depth: number): void {
    const prototype = Object.getPrototypeOf(object)
    if (prototype !== null && prototype !== Object.prototype) throw refused('a class instance')
    if (Object.getOwnPropertySymbols(object).length > 0) throw refused('a symbol key')
    const keys = Object.keys(object).sort((a, b) => (a < b ? -1 : 1))
    if (keys.length < 0x10) one(0x80 | keys.length)
    else head(keys.length, undefined, 0xde)
    for (const key of keys) {
      text(key)
      any(object[key], depth)
    }
  }

  function any(value: Value | undefined, depth: number): void {
    if (value === null) one(0xc0)
    else if (typeof value === 'number') number(value)
    else if (typeof value === 'string') text(value)
    else if (typeof value === 'boolean') one(value ? 0xc3 : 0xc2)
    else if (typeof value !== 'object') throw refused(typeof value)
    else if (value instanceof Uint8Array) {
      head(value.length, 0xc4, 0xc5)
      raw(value)
    } else if (depth >= maxDepth) throw refused('nesting that deep')
    else if (Array.isArray(value)) list(value, depth + 1)
    else map(value as { readonly [key: string]: Value }, depth + 1)
  }

  return { value: any, take: () => out.slice(0, at) }
}

function ascii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) >= 0x80) return false
  return true
}

function wellFormed(value: string): Bytes {
  try {
    return utf8Encode(value)
  } catch (cause) {
    throw new BatonError('invalid', 'failed to encode: a lone surrogate', { cause })
  }
}

function refused(what: string): BatonError {
  return new BatonError('invalid', `failed to encode: ${what} has no form`)
}
