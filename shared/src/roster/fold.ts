/**
 * The roster from the set of its entries (RO2 to RO18), in whatever order they came: who founded it,
 * who is in it, in which role, who took them in, who was removed and up to where their logs count,
 * and which recovery keys stand.
 */
import type { DeviceId, LogId, SessionId } from '../ids.ts'
import type { At } from '../model/agent-entries.ts'
import type { Sha256 } from '../primitives.ts'
import type { Role } from './authority.ts'
import type { RosterAdd } from './entries.ts'
import { readRoster, type SkipReason } from './read.ts'
import type { DeviceRecord } from './record.ts'
import { type Removal, removalsOf } from './removal.ts'
import {
  type Adding,
  groupBy,
  type Naming,
  placeOrder,
  type RosterEntry,
  type Said,
} from './said.ts'
import type { Standing } from './standing.ts'

export interface RosterDevice extends RosterAdd {
  /** Who took it in; the founder itself for the founder. */
  readonly addedBy: DeviceId
  /** Its keys and first name are its own word, not that of who took it in. */
  readonly ownKeys: boolean
  /** The name, numbered when an earlier device has the same: "laptop", "laptop 2". For display. */
  readonly shown: string
  /** Someone called it something else than it called itself. */
  readonly renamed: boolean
  /** What it says of itself; undefined until it said something. */
  readonly record: DeviceRecord | undefined
  readonly role: Role
  /** Seniority: 0 for the founder. */
  readonly rank: number
  /** Where its role was last said. */
  readonly roleSaid: readonly At[]
  /** Of an observer: how many entries count of each of its logs, in any session; none of those not named. */
  readonly silentFrom: ReadonlyMap<LogId, number> | undefined
}

/** A device that was in the roster and never will be again. */
export interface RemovedDevice extends RosterDevice {
  /** Who removed it first, itself when it left. */
  readonly removedBy: DeviceId
  /** ms since 1970 by the clock of who removed it. */
  readonly removedAt: number
  /** How many entries count of each of its logs, in any session; none of those not named. */
  readonly cut: ReadonlyMap<LogId, number>
}

/** A key on paper that is above the devices (RO16). */
export interface RecoveryKey {
  readonly key: DeviceId
  /** The device that named it, or the recovery key whose place it takes. */
  readonly namedBy: DeviceId
  /** ms since 1970 by the clock of who named it. */
  readonly namedAt: number
  /** Who ended it, itself when it was given up by its own words, and when. */
  readonly ended: { readonly by: DeviceId; readonly at: number } | undefined
}

export interface Roster {
  /** Undefined until the genesis of its first log is held. */
  readonly founder: DeviceId | undefined
  /** In the order in which they were added. Only devices an `add` tells something of are shown. */
  readonly devices: ReadonlyMap<DeviceId, RosterDevice>
  readonly removed: ReadonlyMap<DeviceId, RemovedDevice>
  /** The most senior first. */
  readonly recovery: readonly RecoveryKey[]
  /** Recovery keys whose logs are worth having, also when who named them was cut off since. */
  readonly recoveryAuthors: ReadonlySet<DeviceId>
  readonly skipped: readonly { readonly entry: RosterEntry; readonly reason: SkipReason }[]
}

/** `entries`: verified ones of the logs of `session`, in any order, repeated or not. */
export function foldRoster(
  sha256: Sha256,
  session: SessionId,
  entries: Iterable<RosterEntry>,
): Roster {
  const read = readRoster(sha256, session, entries)
  const { founder, skipped, adds, given, revocations } = read
  const { removed, standing, named } = removalsOf(read, revocations, read.restorings)
  const beyond = ({ author, from }: Said): boolean => {
    const removal = removed.get(author)
    return removal !== undefined && from.entry.seq > (removal.cut.get(from.log) ?? 0)
  }
  const counts = (allowed: (said: Said) => boolean) => (said: Said) => {
    const stands = standing.stands(said.author)
    const reason = !stands ? 'stranger' : beyond(said) ? 'revoked' : 'not-permitted'
    if (stands && !beyond(said) && allowed(said)) return true
    skipped.push({ entry: said.from, reason })
    return false
  }
  const asAdder = counts((said) => {
    const { author, add } = said as Adding
    // Of itself anyone may say what it is called. One too many has no rank.
    const areDevices = standing.rank.has(author) && standing.rank.has(add.device)
    return areDevices && (author === add.device || standing.allows(said, 'member'))
  })
  const asMember = counts((said) => standing.allows(said, 'member'))
  const asAdmin = counts((said) => standing.allows(said, 'admin'))
  const asAnyone = counts(() => true)

  const counted = adds.filter(asAdder)
  for (const each of [...given, ...revocations]) {
    if (each.author !== each.device) asAdmin(each)
    else asAnyone(each)
  }
  const asNamer = counts((said) => {
    const { key } = said as Naming
    return standing.allows(said, 'admin') && standing.keys.has(key)
  })
  for (const each of read.namings) asNamer(each)
  const asKey = counts(({ author }) => standing.keys.has(author))
  for (const each of read.restorings) asKey(each)

  const names = new Map<DeviceId, string>()
  // The last word counts, whoever says it: all of them are one person's.
  for (const { rename } of read.renamings.filter(asMember)) names.set(rename.device, rename.name)
  const records = new Map<DeviceId, DeviceRecord>()
  for (const { author, record } of read.tellings.filter(asAnyone)) records.set(author, record)

  const all = devicesOf(counted, names, records, standing)
  const [living, gone] = partition(all, removed)
  return {
    founder,
    devices: living,
    removed: gone,
    recovery: recoveryOf(standing, removed),
    recoveryAuthors: named,
    skipped: distinctRows(skipped),
  }
}

function partition(
  all: ReadonlyMap<DeviceId, RosterDevice>,
  removed: ReadonlyMap<DeviceId, Removal>,
): [Map<DeviceId, RosterDevice>, Map<DeviceId, RemovedDevice>] {
  const living = new Map<DeviceId, RosterDevice>()
  const gone = new Map<DeviceId, RemovedDevice>()
  for (const [device, row] of all) {
    const { by: [first] = [], cut } = removed.get(device) ?? {}
    if (!first || !cut) living.set(device, row)
    else {
      const removedAt = first.from.entry.stamp.ms
      gone.set(device, { ...row, removedBy: first.author, removedAt, cut })
    }
  }
  return [living, gone]
}

function recoveryOf(
  { keys }: Standing,
  removed: ReadonlyMap<DeviceId, Removal>,
): readonly RecoveryKey[] {
  return [...keys].map(([key, { author, from }]) => {
    const last = removed.get(key)?.by[0]
    const ended = last && { by: last.author, at: last.from.entry.stamp.ms }
    return { key, namedBy: author, namedAt: from.entry.stamp.ms, ended }
  })
}

/**
 * Each device in the order of its first statement. Its keys and names are what it says of itself,
 * or else what was said first; when and by whom it was taken in is what another said first.
 */
function devicesOf(
  sorted: readonly Adding[],
  names: ReadonlyMap<DeviceId, string>,
  records: ReadonlyMap<DeviceId, DeviceRecord>,
  standing: Standing,
): Map<DeviceId, RosterDevice> {
  const taken = new Set<string>()
  const out = new Map<DeviceId, RosterDevice>()
  for (const [device, said] of groupBy(sorted, ({ add }) => add.device)) {
    const [first] = said as [Adding, ...Adding[]]
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
      ownKeys: self.author === device,
      shown,
      renamed: names.has(device),
      record: records.get(device),
      role: standing.role(device) ?? 'member',
      rank: standing.rank.get(device) ?? 0,
      silentFrom: standing.silentFrom(device),
      roleSaid: standing.words(device).map(({ from }) => ({ log: from.log, seq: from.entry.seq })),
    })
  }
  return out
}

/** In one order whatever order they came in, and each once. */
const distinctRows = <T extends { readonly entry: RosterEntry }>(rows: readonly T[]): T[] =>
  rows
    .toSorted((a, b) => placeOrder(a.entry, b.entry))
    .filter((row, i, all) => {
      const previous = all[i - 1]
      return previous === undefined || placeOrder(previous.entry, row.entry) !== 0
    })
