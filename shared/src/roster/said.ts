/** What devices said in a roster, read from its entries, and the one order of it. */
import { compareStamp } from '../clock/hlc.ts'
import type { DeviceId, LogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import type { RosterRole } from './authority.ts'
import type { RosterAdd, RosterRename } from './entries.ts'
import type { DeviceRecord } from './record.ts'

export interface RosterEntry {
  readonly log: LogId
  readonly entry: Entry
}

export interface Said {
  readonly from: RosterEntry
  readonly author: DeviceId
}

export interface Adding extends Said {
  readonly add: RosterAdd
}

export interface Renaming extends Said {
  readonly rename: RosterRename
}

export interface Telling extends Said {
  readonly record: DeviceRecord
}

/** A role given, or a revocation; `cut`: by log, what its author had seen of the device. */
export interface Judging extends Said {
  readonly device: DeviceId
  readonly cut: ReadonlyMap<LogId, number>
}

export interface RoleGiving extends Judging {
  readonly role: RosterRole['role']
}

/** A key on paper, named by an admin or by another such key. */
export interface Naming extends Said {
  readonly key: DeviceId
}

/** Revocations that do not count, by `placeKey`. */
export interface Restoring extends Said {
  readonly places: ReadonlySet<string>
}

export const placeKey = ({ log, seq }: { readonly log: LogId; readonly seq: number }): string =>
  `${log} ${seq}`

export function placeOrder(a: RosterEntry, b: RosterEntry): number {
  if (a.log !== b.log) return a.log < b.log ? -1 : 1
  return a.entry.seq - b.entry.seq
}

export const before = (a: Said, b: Said): number =>
  compareStamp(a.from.entry.stamp, b.from.entry.stamp) || placeOrder(a.from, b.from)

export function groupBy<K, V>(values: Iterable<V>, keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}

/** Each place once, in one order. */
export function distinct<T extends Said>(all: readonly T[]): T[] {
  return all
    .toSorted((a, b) => placeOrder(a.from, b.from))
    .filter((each, i, list) => {
      const previous = list[i - 1]
      return previous === undefined || placeOrder(previous.from, each.from) !== 0
    })
}
