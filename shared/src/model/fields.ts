/**
 * Reading what others wrote into a model's shape (rules VW7, VW8): field by field, so that one that
 * does not fit takes nothing else with it. What fits no schema is left out and counted, what no schema
 * names is handed on. Nothing here throws.
 */
import * as z from 'zod/mini'
import type { Value } from '../encoding/msgpack.ts'
import { maxDepth } from '../limits.ts'

/** Counts values that do not take, over one reading. */
export interface Tally {
  malformed: number
}

/** A map without a prototype: any key is only a name. */
export type Values = { readonly [name: string]: Value }

export type Shape = Readonly<Record<string, z.ZodMiniType>>
export type Known<S extends Shape> = { readonly [K in keyof S]?: z.output<S[K]> }

export const isMap = (value: unknown): value is Values =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array)

/** Undefined for nothing, and for what does not take, which is counted. */
export function take<T>(schema: z.ZodMiniType<T>, value: unknown, tally: Tally): T | undefined {
  if (value === undefined) return undefined
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  tally.malformed += 1
  return undefined
}

/** Known fields that take, and the rest as it came. */
export function readFields<S extends Shape>(
  shape: S,
  entries: Iterable<readonly [string, Value]>,
  tally: Tally,
): { known: Known<S>; extra: Values } {
  const known: Record<string, unknown> = {}
  const extra: Record<string, Value> = Object.create(null)
  for (const [name, value] of entries) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (schema === undefined) extra[name] = value
    else {
      const fits = take(schema, value, tally)
      if (fits !== undefined) known[name] = fits
    }
  }
  return { known: known as Known<S>, extra }
}

/** The same of a value that has to be a map. */
export function readMap<S extends Shape>(
  shape: S,
  value: Value,
  tally: Tally,
): { known: Known<S>; extra: Values } | undefined {
  if (isMap(value)) return readFields(shape, Object.entries(value), tally)
  tally.malformed += 1
  return undefined
}

export function valuesFrom(entries: Iterable<readonly [string, Value]>): Values {
  const out: Record<string, Value> = Object.create(null)
  for (const [name, value] of entries) out[name] = value
  return out
}

/** True for what an entry can carry as it is, JSON from a file for example. */
export function isCarried(value: unknown, depth = 0): value is Value {
  if (typeof value === 'string') return !loneSurrogate.test(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return true
  if (typeof value !== 'object' || depth >= maxDepth - headroom) return false
  if (value instanceof Uint8Array) return true
  // A copy has no holes, which `every` would pass over.
  if (Array.isArray(value)) return [...value].every((each) => isCarried(each, depth + 1))
  const proto: unknown = Object.getPrototypeOf(value)
  if (proto !== null && proto !== Object.prototype) return false
  return Object.entries(value).every(
    ([name, each]) =>
      !loneSurrogate.test(name) && !name.startsWith('\ufeff') && isCarried(each, depth + 1),
  )
}

/** With the u flag a pair is one character, so this finds only surrogates that stand alone. */
const loneSurrogate = /\p{Surrogate}/u

/** Levels that an entry and a row or capture put around a value. */
const headroom = 6

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** A time as JSON has it, kept as it was written. */
export const timeField = z
  .string()
  .check(z.refine((text) => dateTime.test(text) && !Number.isNaN(Date.parse(text))))
export const mapField = z.custom<Values>(isMap)

/** `ms` since 1970 as JSON has it; what no calendar has counts as 1970. */
export const timeText = (ms: number): string =>
  new Date(ms >= 0 && ms <= 8.64e15 ? ms : 0).toISOString()
