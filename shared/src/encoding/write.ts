/** The writing half of MessagePack (EN1, EN2): canonical form into one growing buffer. */
import { type Bytes, utf8Encode } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { maxDepth } from '../limits.ts'
import type { Value } from './msgpack.ts'

export interface ByteWriter {
  value(value: Value, depth: number): void
  /** The bytes written, in a buffer of their own, and an empty writer again. */
  take(): Bytes
}

const initialBytes = 4096
const keptBytes = 256 * 1024
/** Above this the platform's encoder, with the copy it makes, is faster than the loop here. */
const shortChars = 512

export function createByteWriter(): ByteWriter {
  let out = new Uint8Array(initialBytes)
  let view = new DataView(out.buffer)
  let at = 0

  function room(bytes: number): void {
    if (at + bytes > out.length) grow(Math.max(out.length * 2, at + bytes))
  }

  function grow(length: number): void {
    const grown = new Uint8Array(length)
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
    const length = value.length > shortChars ? -1 : utf8Length(value)
    if (length < 0) {
      const encoded = wellFormed(value)
      textHead(encoded.length)
      raw(encoded)
      return
    }
    textHead(length)
    room(length)
    if (length === value.length) {
      for (let i = 0; i < length; i++) out[at++] = value.charCodeAt(i)
    } else at = writeUtf8(value, out, at)
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

  return {
    value: any,
    take: () => {
      const bytes = out.slice(0, at)
      at = 0
      if (out.length > keptBytes) grow(initialBytes)
      return bytes
    },
  }
}

/** Bytes of a text in UTF-8, or -1 for a lone surrogate. */
function utf8Length(value: string): number {
  let length = value.length
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else if (unit < 0xd800 || unit > 0xdfff) length += 2
    else {
      const low = value.charCodeAt(i + 1)
      if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return -1
      length += 2
      i += 1
    }
  }
  return length
}

/** Writes a text without lone surrogates; returns the place behind it. */
function writeUtf8(value: string, out: Bytes, from: number): number {
  let at = from
  for (let i = 0; i < value.length; i++) {
    const code = value.codePointAt(i) as number
    if (code < 0x80) out[at++] = code
    else {
      if (code < 0x800) out[at++] = 0xc0 | (code >> 6)
      else {
        if (code < 0x10000) out[at++] = 0xe0 | (code >> 12)
        else {
          out[at++] = 0xf0 | (code >> 18)
          out[at++] = 0x80 | ((code >> 12) & 0x3f)
          i += 1
        }
        out[at++] = 0x80 | ((code >> 6) & 0x3f)
      }
      out[at++] = 0x80 | (code & 0x3f)
    }
  }
  return at
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
