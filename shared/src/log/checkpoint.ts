/**
 * What a device says of its own earlier logs in a session (rules SU1, SU5): a checkpoint names those
 * of which it said again, in the log before it, all that still counts; a drop those of which everyone
 * who shares the session has that. Payload: [[incarnation(8), seq, h(32), signature(64)]...].
 */
import { type Bytes, toHex } from '../bytes.ts'
import { isBytes, isCount } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { incarnationBytes, joinLogId, type LogId, splitLogId } from '../ids.ts'
import { maxCheckpointLogs } from '../limits.ts'
import { hashBytes, type SignedHead, signatureBytes } from './chain.ts'
import type { Entry } from './entry.ts'
import { kinds } from './kinds.ts'

/** At most `maxCheckpointLogs` heads, of logs of one device in one session. */
export const encodeCheckpoint = (heads: readonly SignedHead[]): Value =>
  heads.map(({ log, seq, hash, signature }) => [splitLogId(log).incarnation, seq, hash, signature])

/**
 * The heads that an entry of `log` names, of other logs of the same device in the same session, each
 * once. Undefined for an entry that is neither a checkpoint nor a drop, or has another shape. Whether
 * the device signed these heads is not looked at.
 */
export function checkpointHeads(
  log: LogId,
  { kind, payload }: Pick<Entry, 'kind' | 'payload'>,
): readonly SignedHead[] | undefined {
  if (kind !== kinds.checkpoint && kind !== kinds.drop) return undefined
  if (!Array.isArray(payload) || payload.length === 0 || payload.length > maxCheckpointLogs) {
    return undefined
  }
  const { session, device, incarnation } = splitLogId(log)
  // It cannot say of itself that it is superseded.
  const named = new Set([toHex(incarnation)])
  const heads: SignedHead[] = []
  for (const row of payload) {
    if (!isRow(row) || named.has(toHex(row[0]))) return undefined
    named.add(toHex(row[0]))
    const [inc, seq, hash, signature] = row
    heads.push({ log: joinLogId(session, device, inc), seq, hash, signature })
  }
  return heads
}

const isRow = (row: unknown): row is [Bytes, number, Bytes, Bytes] =>
  Array.isArray(row) &&
  row.length === 4 &&
  isBytes(row[0], incarnationBytes) &&
  isCount(row[1], 1) &&
  isBytes(row[2], hashBytes) &&
  isBytes(row[3], signatureBytes)
