/** Byte strings: joining, comparing, and their text forms. No platform API is used. */
import { base64urlnopad, hex, utf8 } from '@scure/base'
import { BatonError } from './errors.ts'

export type Bytes = Uint8Array

export function concat(...parts: Bytes[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Lexicographic order; a prefix sorts before what it begins. */
export function compareBytes(a: Bytes, b: Bytes): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a[i] as number
    const y = b[i] as number
    if (x !== y) return x < y ? -1 : 1
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
}

/** Compares without an early exit, so that timing tells nothing about where secrets differ. */
export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  let diff = 0
  for (let i = 0; i < a.length; i++) diff |= (a[i] as number) ^ (b[i] as number)
  return diff === 0
}

export const startsWith = (bytes: Bytes, prefix: Bytes): boolean =>
  compareBytes(bytes.subarray(0, prefix.length), prefix) === 0

export const toHex = (bytes: Bytes): string => hex.encode(bytes)
export const toBase64url = (bytes: Bytes): string => base64urlnopad.encode(bytes)
export const utf8Encode = (text: string): Bytes => utf8.decode(text)

export function fromHex(text: string): Bytes {
  return decoding('hex', () => hex.decode(text))
}

/** Strict: no padding, no foreign characters, no stray bits. */
export function fromBase64url(text: string): Bytes {
  return decoding('base64url', () => base64urlnopad.decode(text))
}

/** Strict UTF-8; a malformed sequence throws. */
export function utf8Decode(bytes: Bytes): string {
  return decoding('utf-8', () => utf8.encode(bytes))
}

/** Unsigned 64-bit big-endian of a safe integer. */
export function u64(value: number): Bytes {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, BigInt(value))
  return out
}

function decoding<T>(form: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new BatonError('invalid', `failed to decode ${form}`, { cause })
  }
}
