/** Which log a name of the wire means (rule RP7): one, or none when several share it. */
import { type Bytes, toBase64url } from '@baton/shared/bytes'
import { idBytes, type LogId, logId, logIdBytes } from '@baton/shared/ids'
import { logRef } from '@baton/shared/log/log-ref'

export interface Refs {
  add(log: LogId): void
  /** The log of a whole id, or the only one with this reference. */
  resolve(name: Bytes): LogId | undefined
  /** The shortest name that means the log. */
  name(log: LogId): Bytes
}

export function createRefs(): Refs {
  const known = new Map<string, LogId | 'several'>()
  return {
    add(log) {
      const ref = toBase64url(logRef(log))
      const before = known.get(ref)
      known.set(ref, before === undefined || before === log ? log : 'several')
    },
    resolve(name) {
      if (name.length === logIdBytes) return logId(name)
      const log = known.get(toBase64url(name))
      return log === 'several' ? undefined : log
    },
    name(log) {
      const ref = logRef(log)
      return known.get(toBase64url(ref)) === log ? ref : idBytes(log)
    },
  }
}
