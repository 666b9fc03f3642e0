/** Schema fields that JSON does not have, for `decodeAs`: byte strings and counts. */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import type { Value } from './msgpack.ts'

/** Exactly `length` bytes. */
export const bytesField = (length: number): z.ZodMiniCustom<Bytes, Bytes> =>
  z.custom<Bytes>((value) => value instanceof Uint8Array && value.length === length)

/** At most `max` bytes. */
export const bytesUpTo = (max: number): z.ZodMiniCustom<Bytes, Bytes> =>
  z.custom<Bytes>((value) => value instanceof Uint8Array && value.length <= max)

/** 0 to 2^48: what counts or measures something, with room above it to add. */
export const countField = z.int().check(z.minimum(0), z.maximum(2 ** 48))

/** The seq of an entry: 1 for the first of a log. */
export const seqField = z.int().check(z.minimum(1), z.maximum(2 ** 48))

/** Anything `decode` returns: for payloads that a newer version gave another shape. */
export const anyField = z.custom<Value>((value) => value !== undefined)

/** Any map, handed on as it is: a loose schema would copy it into an object with a prototype. */
export const recordField = z.custom<{ readonly [name: string]: Value }>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array),
)
