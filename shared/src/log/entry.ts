/**
 * One entry of a log (LG1 to LG4): body = msgpack [kind, seq, stamp, deps, payload]. The bytes that
 * arrived are what is hashed and kept; this only writes new ones and reads what was verified.
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import { decodeStamp, encodeStamp, type Stamp, stampBytes } from '../clock/hlc.ts'
import { anyField, bytesField, countField, seqField } from '../encoding/field.ts'
import { decodeAs, encode, type Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { idBytes, type LogId, logId, logIdBytes } from '../ids.ts'
import { maxDeps, maxEntryBytes, maxInlineBytes } from '../limits.ts'

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
}

export const depHashBytes = 8

const bodySchema = z.tuple([
  countField,
  seqField,
  bytesField(stampBytes),
  z
    .array(z.tuple([bytesField(logIdBytes), seqField, bytesField(depHashBytes)]))
    .check(z.maxLength(maxDeps)),
  anyField,
])

/** The canonical body. Throws `too-large` when the author must put the payload into a blob. */
export function encodeEntry(entry: Entry): Bytes {
  const deps = entry.deps.map((dep) => [idBytes(dep.log), dep.seq, dep.hash])
  const body = encode([entry.kind, entry.seq, encodeStamp(entry.stamp), deps, entry.payload])
  // The payload is last, and what stands before it without deps is at most 30 bytes.
  if (deps.length > maxDeps || body.length > maxInlineBytes + 30 + deps.length * 96) {
    throw new BatonError('too-large', 'failed to write an entry: it is over its inline size')
  }
  return body
}

/**
 * Reads a verified body at its place in the log. Throws `invalid` or `too-large`: such an entry is
 * still stored and forwarded, and hidden in the fold.
 */
export function decodeEntry(body: Bytes, seq: number): Entry {
  const [kind, own, stamp, deps, payload] = decodeAs(bodySchema, body, { maxBytes: maxEntryBytes })
  if (own !== seq) throw new BatonError('invalid', `failed to read entry ${seq}: it names another`)
  return {
    kind,
    seq,
    stamp: decodeStamp(stamp),
    deps: deps.map(([log, depSeq, hash]) => ({ log: logId(log), seq: depSeq, hash })),
    payload,
  }
}
