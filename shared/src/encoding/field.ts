/** Schema fields that JSON does not have, for `decodeAs`: byte strings and counts. */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import type { Value } from './msgpack.ts'

/** 2^48: what is counted stays below it, with room above to add. */
const maxCount = 2 ** 48

/** True for exactly `length` bytes. */
export const isBytes = (value: unknown, length: number): value is Bytes =>
  value instanceof Uint8Array && value.length === length

/** True for an integer from `least` to 2^48. */
export const isCount = (value: unknown, least: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= maxCount

/** Exactly `length` bytes. */
export const bytesField = (length: number): z.ZodMiniCustom<Bytes, Bytes> =>
  z.custom<Bytes>((value) => isBytes(value, length))

/** At most `max` bytes. */
export const bytesUpTo = (max: number): z.ZodMiniCustom<Bytes, Bytes> =>
  z.custom<Bytes>((value) => value instanceof Uint8Array && value.length <= max)

/** 0 to 2^48: what counts or measures something. */
export const countField = z.int().check(z.minimum(0), z.maximum(maxCount))

/** The seq of an entry: 1 for the first of a log. */
export const seqField = z.int().check(z.minimum(1), z.maximum(maxCount))

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
