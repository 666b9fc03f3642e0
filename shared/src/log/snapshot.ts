/**
 * Snapshots (SN2 to SN5): a manifest of signed heads, then segments. Nothing in it is believed
 * because of who sent it: heads are signed by the logs' authors, and segments chain from what is
 * held to those heads. Sizes and counts are the sender's word, for progress only.
 */
import * as z from 'zod/mini'
import { type Bytes, equalBytes } from '../bytes.ts'
import type { Missing } from '../clock/vector.ts'
import { bytesField, countField, seqField } from '../encoding/field.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import {
  idBytes,
  type LogId,
  logId,
  logIdBytes,
  type SessionId,
  sessionId,
  sessionIdBytes,
  splitLogId,
} from '../ids.ts'
import { maxLogsPerSession } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { type Head, hashBytes, type SignedHead, signatureBytes } from './chain.ts'
import { type Delta, type DeltaVerdict, verifyDelta, verifyHead } from './delta.ts'

export interface SnapshotLog {
  readonly head: SignedHead
  /** Bytes of all bodies, entries and segments that will come. */
  readonly bytes: number
  readonly entries: number
  readonly segments: number
}

export interface Manifest {
  readonly session: SessionId
  readonly logs: readonly SnapshotLog[]
  /** Blobs the entries name, which come apart from the segments. */
  readonly blobs: { readonly count: number; readonly bytes: number }
}

const manifestSchema = z.tuple([
  bytesField(sessionIdBytes),
  z
    .array(
      z.tuple([
        bytesField(logIdBytes),
        seqField,
        bytesField(hashBytes),
        bytesField(signatureBytes),
        // The checkpoint the log begins at: none is written yet.
        z.null(),
        countField,
        countField,
        countField,
      ]),
    )
    .check(z.maxLength(maxLogsPerSession)),
  z.tuple([countField, countField]),
])

export function encodeManifest({ session, logs, blobs }: Manifest): Bytes {
  const rows = logs.map(({ head, bytes, entries, segments }) => {
    const signed = [idBytes(head.log), head.seq, head.hash, head.signature]
    return [...signed, null, bytes, entries, segments]
  })
  return encode([idBytes(session), rows, [blobs.count, blobs.bytes]])
}

/** Throws `invalid` or `too-large`; also for a log of another session, or one named twice. */
export function decodeManifest(bytes: Bytes): Manifest {
  const [id, rows, [count, blobBytes]] = decodeAs(manifestSchema, bytes, {
    maxValues: 9 * (maxLogsPerSession + 1),
  })
  const session = sessionId(id)
  const logs = rows.map(([log, seq, hash, signature, , size, entries, segments]): SnapshotLog => {
    return { head: { log: logId(log), seq, hash, signature }, bytes: size, entries, segments }
  })
  const ids = new Set(logs.map(({ head }) => head.log))
  if (ids.size !== logs.length || [...ids].some((log) => splitLogId(log).session !== session)) {
    throw new BatonError('invalid', 'failed to read a manifest: its logs do not fit')
  }
  return { session, logs, blobs: { count, bytes: blobBytes } }
}

/** True when every head is signed by the author of its log. Whether those are known is asked apart. */
export async function verifyManifest({ verify }: Primitives, manifest: Manifest): Promise<boolean> {
  for (const { head } of manifest.logs) if (!(await verifyHead(verify, head))) return false
  return true
}

export type SegmentVerdict =
  | DeltaVerdict
  /** The log of the segment is not in the manifest. */
  | { readonly at: 'foreign' }
  /** It is signed, and passes the head of the manifest with another hash. */
  | { readonly at: 'forked' }

export interface SnapshotReader {
  /** What is still to come, by log: where to go on after an interruption. */
  missing(): Missing[]
  /** Checks the next segment of a log. Anything but 'verified' leaves the reader as it was. */
  take(segment: Delta): Promise<SegmentVerdict>
  /** True once every log is held up to its head in the manifest. */
  done(): boolean
}

/** `held`: heads of the logs, as far as they are held and verified already. */
export function createSnapshotReader(
  primitives: Primitives,
  manifest: Manifest,
  held: ReadonlyMap<LogId, Head>,
): SnapshotReader {
  const heads = new Map<LogId, Head>(held)
  const wanted = new Map(manifest.logs.map(({ head }) => [head.log, head]))
  const after = (log: LogId): number => heads.get(log)?.seq ?? 0

  return {
    missing: () =>
      [...wanted.values()]
        .map(({ log, seq }) => ({ log, after: after(log), to: seq }))
        .filter((range) => range.after < range.to),
    take: async (segment) => {
      const goal = wanted.get(segment.log)
      if (goal === undefined) return { at: 'foreign' }
      const verdict = await verifyDelta(primitives, heads.get(segment.log), segment)
      if (verdict.at !== 'verified') return verdict
      const { delta } = verdict
      const place = goal.seq - delta.after - 1
      if (place >= 0 && place < delta.bodies.length) {
        const hash = delta.hashes.subarray(place * hashBytes, (place + 1) * hashBytes)
        if (!equalBytes(hash, goal.hash)) return { at: 'forked' }
      }
      heads.set(segment.log, delta.head)
      return verdict
    },
    done: () => [...wanted.values()].every(({ log, seq }) => after(log) >= seq),
  }
}
