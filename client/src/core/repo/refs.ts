/** Which log a short reference of the wire means (rule RP7): one, or none when several share it. */
import { type Bytes, toBase64url } from '@baton/shared/bytes'
import type { LogId } from '@baton/shared/ids'
import { logRef } from '@baton/shared/protocol/sync'

export interface Refs {
  add(log: LogId): void
  /** The only log with this reference. */
  resolve(ref: Bytes): LogId | undefined
}

export function createRefs(): Refs {
  const known = new Map<string, LogId | 'several'>()
  return {
    add(log) {
      const ref = toBase64url(logRef(log))
      const before = known.get(ref)
      known.set(ref, before === undefined || before === log ? log : 'several')
    },
    resolve(ref) {
      const log = known.get(toBase64url(ref))
      return log === 'several' ? undefined : log
    },
  }
}
