/**
 * The one configured msgpackr (EN1 to EN6): values without extensions, hostile bytes walked by
 * scan.ts before msgpackr sees them. What its platforms decode differently is made equal here: maps
 * come without a prototype, and a byte order mark at the head of a text stays. Knows nothing of what
 * a value means.
 */
import { Packr, Unpackr } from 'msgpackr'
import type { Bytes } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { maxDepth } from '../limits.ts'
import { scan } from './scan.ts'

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

const options = {
  useRecords: false,
  moreTypes: false,
  mapsAsObjects: false,
  variableMapSize: true,
  int64AsType: 'number',
  copyBuffers: false,
} as const
const mark = '\ufeff'
/** With the u flag a pair is one character, so this finds only surrogates that stand alone. */
const loneSurrogate = /\p{Surrogate}/u

const packr = new Packr(options)
const unpackr = new Unpackr(options)

/**
 * The canonical bytes of a value, in a buffer of their own: shortest form of every length and of
 * integers up to 32 bits, larger ones as floats, map keys sorted by UTF-16 unit, -0 as 0. Throws
 * `invalid` on anything that is not a `Value`: undefined, functions, symbols, bigint, lone
 * surrogates, class instances, holes, and nesting deeper than `maxDepth`.
 */
export function encode(value: Value): Bytes {
  return new Uint8Array(packr.pack(packable(value, 0)))
}

/**
 * Reads exactly one value. Any valid MessagePack within the limits is accepted, canonical or not.
 * Byte strings are views of `bytes`: a caller that keeps one and reuses its buffer must copy it.
 * Throws `invalid`, or `too-large` for more bytes, values or depth than allowed, and nothing else.
 */
export function decode(bytes: Bytes, limits: DecodeLimits = {}): Value {
  // A Buffer's subarray is a Buffer again; what comes out here is always a plain Uint8Array.
  const input = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  const { maps, marked } = scan(input, limits)
  const value: unknown = unpackr.unpack(input)
  return maps || marked.size > 0 ? createRestorer(marked)(value) : (value as Value)
}

/** Decodes and validates. The error names no part of the value. */
export function decodeAs<T>(schema: Schema<T>, bytes: Bytes, limits?: DecodeLimits): T {
  const parsed = schema.safeParse(decode(bytes, limits))
  if (parsed.success) return parsed.data
  throw new BatonError('invalid', 'failed to decode: not the expected shape')
}

/** Maps become objects that inherit nothing, and marks that the platform dropped come back. */
function createRestorer(marked: ReadonlySet<number>): (value: unknown) => Value {
  let texts = 0
  return function restore(value: unknown): Value {
    if (typeof value === 'string') {
      const dropped = marked.has(texts) && !value.startsWith(mark)
      texts += 1
      return dropped ? mark + value : value
    }
    if (Array.isArray(value)) return value.map(restore)
    if (!(value instanceof Map)) return value as Value
    const out = Object.create(null) as { [key: string]: Value }
    for (const [name, item] of value as Map<string, unknown>) out[name] = restore(item)
    return out
  }
}

/** The value as msgpackr writes it in one form: maps sorted, and nothing in it that is refused. */
function packable(value: Value | undefined, depth: number): unknown {
  if (typeof value === 'string') {
    if (loneSurrogate.test(value)) throw refused('a lone surrogate')
    return value
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'object') throw refused(typeof value)
  if (value instanceof Uint8Array) return value
  if (depth >= maxDepth) throw refused('nesting that deep')
  if (!Array.isArray(value)) return sortedMap(value as { readonly [key: string]: Value }, depth)
  const out: unknown[] = []
  // Not for-of: a hole must be seen, and an iterator could be anyone's code.
  for (let i = 0; i < value.length; i++) out.push(packable(value[i], depth + 1))
  return out
}

function sortedMap(object: { readonly [key: string]: Value }, depth: number): Map<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== null && prototype !== Object.prototype) throw refused('a class instance')
  if (Object.getOwnPropertySymbols(object).length > 0) throw refused('a symbol key')
  const out = new Map<string, unknown>()
  for (const key of Object.keys(object).sort((a, b) => (a < b ? -1 : 1))) {
    if (key.startsWith(mark)) throw refused('a key that begins with a byte order mark')
    if (loneSurrogate.test(key)) throw refused('a lone surrogate')
    out.set(key, packable(object[key], depth + 1))
  }
  return out
}

function refused(what: string): BatonError {
  return new BatonError('invalid', `failed to encode: ${what} has no form`)
}
