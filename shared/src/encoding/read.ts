/**
 * The reading half of MessagePack (EN3 to EN6): checks and decodes hostile bytes in one pass. Every
 * length is compared with what is left before anything is made of it.
 */
import { type Bytes, utf8Decode } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { maxDecodeBytes, maxDecodeValues, maxDepth } from '../limits.ts'
import type { DecodeLimits, Value } from './msgpack.ts'

export interface ByteReader {
  value(depth: number): Value
  /** Throws unless every byte was read. */
  end(): void
}

/** Up to here a call of the platform's decoder costs more than looking at each byte. */
const shortBytes = 200

export function createByteReader(input: Bytes, limits: DecodeLimits): ByteReader {
  if (input.length > (limits.maxBytes ?? maxDecodeBytes)) throw tooLarge('bytes')
  // A Buffer's subarray is a Buffer again; what comes out here is always a plain Uint8Array.
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.length)
  let values = limits.maxValues ?? maxDecodeValues
  let at = 0

  /** Steps over `length` bytes and says where they began. */
  function step(length: number): number {
    if (length > bytes.length - at) throw invalid('it ends early')
    const from = at
    at += length
    return from
  }

  function raw(length: number): Bytes {
    const from = step(length)
    return bytes.subarray(from, from + length)
  }

  function text(length: number): string {
    const from = step(length)
    const part = bytes.subarray(from, at)
    if (length > shortBytes) return utf8Decode(part)
    for (let i = from; i < at; i++) if ((bytes[i] as number) >= 0x80) return utf8Decode(part)
    return String.fromCharCode.apply(null, part as unknown as number[])
  }

  function key(): string {
    const token = bytes[step(1)] as number
    if (token >= 0xa0 && token < 0xc0) return text(token & 0x1f)
    if (token >= 0xd9 && token <= 0xdb) return text(length(token - 0xd9))
    throw invalid('a map key is not a string')
  }

  /** A length of 1, 2 or 4 bytes. */
  function length(size: number): number {
    return size === 0 ? (bytes[step(1)] as number) : size === 1 ? uint16(step(2)) : uint32(step(4))
  }

  const uint16 = (from: number): number =>
    ((bytes[from] as number) << 8) | (bytes[from + 1] as number)

  const uint32 = (from: number): number => uint16(from) * 0x10000 + uint16(from + 2)

  const view = (from: number): DataView => new DataView(input.buffer, input.byteOffset + from)

  function int64(high: number, from: number): number {
    const value = high * 0x1_0000_0000 + uint32(from + 4)
    if (!Number.isSafeInteger(value)) throw invalid('an integer beyond 2^53 - 1')
    return value
  }

  function list(count: number, depth: number): Value[] {
    if (count > bytes.length - at) throw invalid('it ends early')
    claim(count, depth)
    const out: Value[] = []
    for (let i = 0; i < count; i++) out.push(any(depth + 1))
    return out
  }

  function map(count: number, depth: number): Value {
    if (count * 2 > bytes.length - at) throw invalid('it ends early')
    claim(count, depth)
    const out = Object.create(null) as { [key: string]: Value }
    for (let i = 0; i < count; i++) {
      const name = key()
      if (name in out) throw invalid('a map names a key twice')
      out[name] = any(depth + 1)
    }
    return out
  }

  /** Counted before they are read, so that a claim too many costs nothing. */
  function claim(count: number, depth: number): void {
    if (depth >= maxDepth) throw tooLarge('depth')
    values -= count
    if (values < 0) throw tooLarge('values')
  }

  function any(depth: number): Value {
    const token = bytes[step(1)] as number
    if (token < 0x80) return token
    if (token < 0x90) return map(token & 0x0f, depth)
    if (token < 0xa0) return list(token & 0x0f, depth)
    if (token < 0xc0) return text(token & 0x1f)
    if (token >= 0xe0) return token - 0x100
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return raw(length(token - 0xc4))
      case 0xca:
        return view(step(4)).getFloat32(0)
      case 0xcb:
        return view(step(8)).getFloat64(0)
      case 0xcc:
      case 0xcd:
      case 0xce:
        return length(token - 0xcc)
      case 0xcf: {
        const from = step(8)
        return int64(uint32(from), from)
      }
      case 0xd0:
        return ((bytes[step(1)] as number) << 24) >> 24
      case 0xd1:
        return (uint16(step(2)) << 16) >> 16
      case 0xd2:
        return uint32(step(4)) | 0
      case 0xd3: {
        const from = step(8)
        return int64(uint32(from) | 0, from)
      }
      case 0xd9:
      case 0xda:
      case 0xdb:
        return text(length(token - 0xd9))
      case 0xdc:
      case 0xdd:
        return list(length(token - 0xdb), depth)
      case 0xde:
      case 0xdf:
        return map(length(token - 0xdd), depth)
      default:
        throw invalid('an extension or unknown token')
    }
  }

  return {
    value: any,
    end: () => {
      if (at !== bytes.length) throw invalid('something trails it')
    },
  }
}

const invalid = (why: string): BatonError => new BatonError('invalid', `failed to decode: ${why}`)
const tooLarge = (what: string): BatonError =>
  new BatonError('too-large', `failed to decode: more ${what} than allowed`)
