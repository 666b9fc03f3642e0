/**
 * MessagePack as this project writes and accepts it (EN1 to EN6). One value, no extensions. Written
 * here rather than configured from a package because the check of hostile bytes and the decoding
 * are one pass, with the same result on every platform. Knows nothing of what a value means.
 */
import type { Bytes } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { createByteReader } from './read.ts'
import { type ByteWriter, createByteWriter } from './write.ts'

/** What can be carried. Maps are objects with string keys; decoded ones have no prototype. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Bytes
  | readonly Value[]
  | { readonly [key: string]: Value }

export interface DecodeLimits {
  /** Longest input; default `maxDecodeBytes`. */
  readonly maxBytes?: number
  /** Values in all, keys not counted; default `maxDecodeValues`. */
  readonly maxValues?: number
}

/** A zod/mini schema, as far as decoding needs to know one. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: unknown }
}

/** One buffer serves all calls: growing a new one costs more than encoding an entry. */
let idle: ByteWriter | undefined

/**
 * The canonical bytes of a value, in a buffer of their own: shortest form of every integer and
 * length, map keys sorted by UTF-16 unit, one NaN, -0 as a float. Throws `invalid` on anything that
 * is not a `Value`: undefined, functions, symbols, bigint, lone surrogates, class instances, holes,
 * and nesting deeper than `maxDepth`. A number that is no safe integer is written as a float.
 */
export function encode(value: Value): Bytes {
  const writer = idle ?? createByteWriter()
  // A getter of the value may encode too, and a value that is refused leaves half its bytes behind.
  idle = undefined
  writer.value(value, 0)
  const bytes = writer.take()
  idle = writer
  return bytes
}

/**
 * Reads exactly one value. Any valid MessagePack within the limits is accepted, canonical or not.
 * Byte strings are views of `bytes`: a caller that keeps one and reuses its buffer must copy it.
 * Throws `invalid`, or `too-large` for more bytes, values or depth than allowed, and nothing else.
 */
export function decode(bytes: Bytes, limits: DecodeLimits = {}): Value {
  const reader = createByteReader(bytes, limits)
  const value = reader.value(0)
  reader.end()
  return value
}

/** Decodes and validates. The error names no part of the value. */
export function decodeAs<T>(schema: Schema<T>, bytes: Bytes, limits?: DecodeLimits): T {
  const parsed = schema.safeParse(decode(bytes, limits))
  if (parsed.success) return parsed.data
  throw new BatonError('invalid', 'failed to decode: not the expected shape')
}
