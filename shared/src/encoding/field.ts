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

/** A safe integer of 0 or more. */
export const countField = z.int().check(z.minimum(0))

/** Anything `decode` returns: for payloads that a newer version gave another shape. */
export const anyField = z.custom<Value>((value) => value !== undefined)
