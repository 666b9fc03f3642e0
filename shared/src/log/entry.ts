/**
 * One entry of a log (LG1 to LG4): body = msgpack [kind, seq, stamp, deps, payload]. The bytes that
 * arrived are what is hashed and kept; this only writes new ones and reads what was verified.
 */
import type { Bytes } from '../bytes.ts'
import { decodeStamp, encodeStamp, type Stamp, stampBytes } from '../clock/hlc.ts'
import { isBytes, isCount } from '../encoding/field.ts'
import { decode, encode, type Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { idBytes, type LogId, logId, logIdBytes } from '../ids.ts'
import { maxDeps, maxEntryBytes, maxInlineBytes, maxOrigins } from '../limits.ts'
import { kinds } from './kinds.ts'

/** An entry that must be held before this one folds: its log, seq and the first 8 bytes of its h. */
export interface Dep {
  readonly log: LogId
  readonly seq: number
  readonly hash: Bytes
}

export interface Entry {
  /** See kinds.ts; may be a number of a later version. */
  readonly kind: number
  /** 1 for the genesis of a log. */
  readonly seq: number
  readonly stamp: Stamp
  readonly deps: readonly Dep[]
  readonly payload: Value
  /** It was said before, in these places; they are hidden by now (again.ts). */
  readonly again?: readonly Dep[]
}

export const depHashBytes = 8
/** Where an entry stood that is said again, its kind and its stamp. */
const againBytes = maxOrigins * 80 + 40

type Form = readonly [number, number, Bytes, readonly (readonly [Bytes, number, Bytes])[], Value]

/**
 * By hand, not by a schema: it is asked of every entry ever received or folded, and a schema takes
 * longer for it than decoding the entry does.
 */
function isForm(value: unknown): value is Form {
  if (!Array.isArray(value) || value.length !== 5) return false
  const [kind, seq, stamp, deps] = value
  return (
    isCount(kind, 0) &&
    isCount(seq, 1) &&
    isBytes(stamp, stampBytes) &&
    Array.isArray(deps) &&
    deps.length <= maxDeps &&
    deps.every(isDep)
  )
}

const isDep = (dep: unknown): boolean =>
  Array.isArray(dep) &&
  dep.length === 3 &&
  isBytes(dep[0], logIdBytes) &&
  isCount(dep[1], 1) &&
  isBytes(dep[2], depHashBytes)

/** The canonical body. Throws `too-large` when the author must put the payload into a blob. */
export function encodeEntry(entry: Entry): Bytes {
  const deps = entry.deps.map((dep) => [idBytes(dep.log), dep.seq, dep.hash])
  const body = encode([entry.kind, entry.seq, encodeStamp(entry.stamp), deps, entry.payload])
  // The payload is last, and what stands before it without deps is at most 30 bytes; what an entry
  // is wrapped into that is said again comes to that.
  const room = 30 + deps.length * 96 + (entry.kind === kinds.again ? againBytes : 0)
  if (deps.length > maxDeps || body.length > Math.min(maxInlineBytes + room, maxEntryBytes)) {
    throw new BatonError('too-large', 'failed to write an entry: it is over its inline size')
  }
  return body
}

/**
 * Reads a verified body at its place in the log. Throws `invalid` or `too-large`: such an entry is
 * still stored and forwarded, and hidden in the fold.
 */
export function decodeEntry(body: Bytes, seq: number): Entry {
  const form: unknown = decode(body, { maxBytes: maxEntryBytes })
  if (!isForm(form)) throw new BatonError('invalid', `failed to read entry ${seq}: no entry`)
  const [kind, own, stamp, deps, payload] = form
  if (own !== seq) throw new BatonError('invalid', `failed to read entry ${seq}: it names another`)
  return {
    kind,
    seq,
    stamp: decodeStamp(stamp),
    deps: deps.map(([log, depSeq, hash]) => ({ log: logId(log), seq: depSeq, hash })),
    payload,
  }
}
