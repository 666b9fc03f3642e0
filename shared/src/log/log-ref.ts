/** Short names of logs on the wire. */
import type { Bytes } from '../bytes.ts'
import { idBytes, type LogId, splitLogId } from '../ids.ts'

/**
 * Eight bytes that name a log to a peer that holds it: parts of the session id, the device key and
 * the incarnation, all uniformly random. Where two logs share one, the whole id is said instead.
 */
export function logRef(log: LogId): Bytes {
  const { session, device, incarnation } = splitLogId(log)
  const ref = new Uint8Array(8)
  ref.set(idBytes(session).subarray(0, 2))
  ref.set(idBytes(device).subarray(0, 2), 2)
  ref.set(incarnation.subarray(0, 4), 4)
  return ref
}
