/**
 * The roster from the set of its entries (RO2 to RO8), in whatever order they came: who founded it,
 * who is in it, who took them in and what they are called. Roles and revocation are kinds of a later
 * version: kept by the log, listed as skipped here.
 */
import { compareBytes } from '../bytes.ts'
import { compareStamp } from '../clock/hlc.ts'
import { isBatonError } from '../errors.ts'
import { type DeviceId, idBytes, type LogId, type SessionId, splitLogId } from '../ids.ts'
import { checkDeviceKey } from '../keyexchange/signature.ts'
import type { Entry } from '../log/entry.ts'
import { parseGenesis } from '../log/genesis.ts'
import { kinds } from '../log/kinds.ts'
import type { Sha256 } from '../primitives.ts'
import {
  foundsRoster,
  parseRosterAdd,
  parseRosterRename,
  type RosterAdd,
  type RosterRename,
} from './entries.ts'
import { type DeviceRecord, parseDeviceRecord } from './record.ts'

export interface RosterEntry {
  readonly log: LogId
  readonly entry: Entry
}

export interface RosterDevice extends RosterAdd {
  /** Who took it in; the founder itself for the founder. */
  readonly addedBy: DeviceId
  /** The name, numbered when an earlier device has the same: "laptop", "laptop 2". For display. */
  readonly shown: string
  /** Someone called it something else than it called itself. */
  readonly renamed: boolean
  /** What it says of itself; undefined until it said something. */
  readonly record: DeviceRecord | undefined
}

export type SkipReason =
  | 'unknown-kind'
  | 'malformed'
  /** Its author is not in the roster. */
  | 'stranger'
  /** No device can have such a key. */
  | 'bad-key'

export interface Roster {
  /** Undefined until the genesis of its first log is held. */
  readonly founder: DeviceId | undefined
  /** In the order in which they were added. Only devices an `add` tells something of are shown. */
  readonly devices: ReadonlyMap<DeviceId, RosterDevice>
  readonly skipped: readonly { readonly entry: RosterEntry; readonly reason: SkipReason }[]
}

interface Said {
  readonly from: RosterEntry
  readonly author: DeviceId
}

interface Statement extends Said {
  readonly add: RosterAdd
}

interface Telling extends Said {
  readonly record: DeviceRecord
}

interface Renaming extends Said {
  readonly rename: RosterRename
}

/** `entries`: verified ones of the logs of `session`, in any order, repeated or not. */
export function foldRoster(
  sha256: Sha256,
  session: SessionId,
  entries: Iterable<RosterEntry>,
): Roster {
  const skipped: { entry: RosterEntry; reason: SkipReason }[] = []
  const statements: Statement[] = []
  const renamings: Renaming[] = []
  const tellings: Telling[] = []
  let founder: DeviceId | undefined
  for (const from of entries) {
    const { device: author, incarnation } = splitLogId(from.log)
    try {
      if (from.entry.kind === kinds.genesis) {
        const { descriptor } = parseGenesis(from.entry.payload, incarnation)
        if (descriptor && foundsRoster(sha256, session, author, descriptor)) founder = author
      } else if (from.entry.kind === kinds.rosterAdd) {
        statements.push({ from, author, add: parseRosterAdd(from.entry.payload) })
      } else if (from.entry.kind === kinds.rosterRename) {
        renamings.push({ from, author, rename: parseRosterRename(from.entry.payload) })
      } else if (from.entry.kind === kinds.row) {
        const record = parseDeviceRecord(from.entry.payload)
        if (record) tellings.push({ from, author, record })
        else skipped.push({ entry: from, reason: 'malformed' })
      } else skipped.push({ entry: from, reason: 'unknown-kind' })
    } catch (error) {
      if (!isBatonError(error)) throw error
      skipped.push({ entry: from, reason: 'malformed' })
    }
  }

  const keys = new Map<DeviceId, boolean>()
  const sound = statements.filter(({ from, add }) => {
    const good = keys.get(add.device) ?? isDeviceKey(add.device)
    keys.set(add.device, good)
    if (good) return true
    skipped.push({ entry: from, reason: 'bad-key' })
    return false
  })
  const members = reach(founder, sound)
  const isMember = ({ from, author }: Said): boolean => {
    if (members.has(author)) return true
    skipped.push({ entry: from, reason: 'stranger' })
    return false
  }
  const counted = sound.filter(isMember).toSorted(before)
  const names = new Map<DeviceId, string>()
  // The last word counts, whoever says it: all of them are one person's.
  for (const { rename } of renamings.filter(isMember).toSorted(before)) {
    names.set(rename.device, rename.name)
  }
  const records = new Map<DeviceId, DeviceRecord>()
  for (const { author, record } of tellings.filter(isMember).toSorted(before)) {
    records.set(author, record)
  }
  return { founder, devices: devicesOf(counted, names, records), skipped: distinct(skipped) }
}

/** The least set that holds the founder and whoever one of its members adds. */
function reach(founder: DeviceId | undefined, statements: readonly Statement[]): Set<DeviceId> {
  const members = new Set<DeviceId>()
  const open = founder === undefined ? [] : [founder]
  const byAuthor = groupBy(statements, ({ author }) => author)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (members.has(next)) continue
    members.add(next)
    for (const { add } of byAuthor.get(next) ?? []) open.push(add.device)
  }
  return members
}

/**
 * Each device in the order of its first statement. Its keys and names are what it says of itself,
 * or else what was said first; when and by whom it was taken in is what another said first.
 */
function devicesOf(
  sorted: readonly Statement[],
  names: ReadonlyMap<DeviceId, string>,
  records: ReadonlyMap<DeviceId, DeviceRecord>,
): Map<DeviceId, RosterDevice> {
  const taken = new Set<string>()
  const out = new Map<DeviceId, RosterDevice>()
  for (const [device, said] of groupBy(sorted, ({ add }) => add.device)) {
    const [first] = said as [Statement, ...Statement[]]
    const self = said.find(({ author }) => author === device) ?? first
    const other = said.find(({ author }) => author !== device) ?? first
    const { addedAt, pairing } = other.add
    const name = names.get(device) ?? self.add.name
    let shown = name
    for (let n = 2; taken.has(shown); n++) shown = `${name} ${n}`
    taken.add(shown)
    out.set(device, {
      ...self.add,
      name,
      addedAt,
      pairing,
      addedBy: other.author,
      shown,
      renamed: names.has(device),
      record: records.get(device),
    })
  }
  return out
}

function groupBy<K, V>(values: Iterable<V>, keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}

function placeOrder(a: RosterEntry, b: RosterEntry): number {
  return compareBytes(idBytes(a.log), idBytes(b.log)) || a.entry.seq - b.entry.seq
}

const before = (a: Said, b: Said): number =>
  compareStamp(a.from.entry.stamp, b.from.entry.stamp) || placeOrder(a.from, b.from)

/** In one order whatever order they came in, and each once. */
const distinct = <T extends { readonly entry: RosterEntry }>(rows: readonly T[]): T[] =>
  rows
    .toSorted((a, b) => placeOrder(a.entry, b.entry))
    .filter((row, i, all) => {
      const previous = all[i - 1]
      return previous === undefined || placeOrder(previous.entry, row.entry) !== 0
    })

function isDeviceKey(device: DeviceId): boolean {
  try {
    checkDeviceKey(idBytes(device))
    return true
  } catch {
    // What lands here: only `bad-key`.
    return false
  }
}
