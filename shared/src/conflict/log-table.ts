/** Logs by number, for cached folds: an id of 56 bytes stands once instead of at every place. */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, idBytes, type LogId, logId, splitLogId } from '../ids.ts'

export interface LogTable {
  /** The number of a log, given when it is first asked for. */
  at(log: LogId): number
  /** All ids in the order of their numbers, 56 bytes each. */
  ids(): Bytes[]
}

export function createLogTable(): LogTable {
  const numbers = new Map<LogId, number>()
  return {
    at(log) {
      const known = numbers.get(log)
      if (known !== undefined) return known
      numbers.set(log, numbers.size)
      return numbers.size - 1
    },
    ids: () => [...numbers.keys()].map(idBytes),
  }
}

export interface ReadLogs {
  /** Throws a TypeError for a number that the table has not. */
  at(number: number): { readonly log: LogId; readonly device: DeviceId }
}

export function readLogTable(ids: readonly Bytes[]): ReadLogs {
  const logs = ids.map((id) => {
    const log = logId(id)
    return { log, device: splitLogId(log).device }
  })
  return {
    at(number) {
      const found = logs[number]
      if (found === undefined) throw new TypeError('a cached fold names a log it does not hold')
      return found
    },
  }
}
