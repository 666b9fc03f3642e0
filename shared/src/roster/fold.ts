/**
 * The roster from the set of its entries (RO2 to RO15), in whatever order they came: who founded it,
 * who is in it, in which role, who took them in, who was removed and up to where their logs count.
 */
import { isBatonError } from '../errors.ts'
import { type DeviceId, idBytes, type LogId, type SessionId, splitLogId } from '../ids.ts'
import { checkDeviceKey } from '../keyexchange/signature.ts'
import { parseGenesis } from '../log/genesis.ts'
import { kinds } from '../log/kinds.ts'
import type { At } from '../model/agent-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { type CutLog, parseRosterRevoke, parseRosterRole, type Role } from './authority.ts'
import { foundsRoster, parseRosterAdd, parseRosterRename, type RosterAdd } from './entries.ts'
import { type DeviceRecord, parseDeviceRecord } from './record.ts'
import { type Removal, removalsOf } from './removal.ts'
import {
  type Adding,
  before,
  distinct,
  groupBy,
  type Judging,
  placeOrder,
  type Renaming,
  type RoleGiving,
  type RosterEntry,
  type Said,
  type Telling,
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

export type SkipReason =
  | 'unknown-kind'
  | 'malformed'
  /** Its author is not in the roster. */
  | 'stranger'
  /** No device can have such a key. */
  | 'bad-key'
  /** Its author may not say this, or is one too many. */
  | 'not-permitted'
  /** Beyond the cut of a revocation. */
  | 'revoked'

export interface Roster {
  /** Undefined until the genesis of its first log is held. */
  readonly founder: DeviceId | undefined
  /** In the order in which they were added. Only devices an `add` tells something of are shown. */
  readonly devices: ReadonlyMap<DeviceId, RosterDevice>
  readonly removed: ReadonlyMap<DeviceId, RemovedDevice>
  readonly skipped: readonly { readonly entry: RosterEntry; readonly reason: SkipReason }[]
}

/** `entries`: verified ones of the logs of `session`, in any order, repeated or not. */
export function foldRoster(
  sha256: Sha256,
  session: SessionId,
  entries: Iterable<RosterEntry>,
): Roster {
  const read = readAll(sha256, session, entries)
  const { founder, skipped, adds, given, revocations } = read
  const { removed, standing } = removalsOf(founder, adds, given, revocations)
  const beyond = ({ author, from }: Said): boolean => {
    const removal = removed.get(author)
    return removal !== undefined && from.entry.seq > (removal.cut.get(from.log) ?? 0)
  }
  const counts = (allowed: (said: Said) => boolean) => (said: Said) => {
    const stands = standing.rank.has(said.author)
    const reason = !stands ? 'stranger' : beyond(said) ? 'revoked' : 'not-permitted'
    if (stands && !beyond(said) && allowed(said)) return true
    skipped.push({ entry: said.from, reason })
    return false
  }
  const asAdder = counts((said) => {
    const { author, add } = said as Adding
    // Of itself anyone may say what it is called. One too many has no rank.
    return (
      author === add.device || (standing.allows(said, 'member') && standing.rank.has(add.device))
    )
  })
  const asMember = counts((said) => standing.allows(said, 'member'))
  const asAdmin = counts((said) => standing.allows(said, 'admin'))
  const asAnyone = counts(() => true)

  const counted = adds.filter(asAdder)
  for (const each of [...given, ...revocations]) {
    if (each.author !== each.device) asAdmin(each)
    else asAnyone(each)
  }
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
    skipped: distinctRows(skipped),
  }
}

interface Read {
  readonly founder: DeviceId | undefined
  readonly adds: readonly Adding[]
  readonly given: readonly RoleGiving[]
  readonly revocations: readonly Judging[]
  readonly renamings: readonly Renaming[]
  readonly tellings: readonly Telling[]
  readonly skipped: { entry: RosterEntry; reason: SkipReason }[]
}

/** Each list in one order whatever order the entries came in, and each entry once. */
function readAll(sha256: Sha256, session: SessionId, entries: Iterable<RosterEntry>): Read {
  const skipped: { entry: RosterEntry; reason: SkipReason }[] = []
  const adds: Adding[] = []
  const given: RoleGiving[] = []
  const revocations: Judging[] = []
  const renamings: Renaming[] = []
  const tellings: Telling[] = []
  const keys = new Map<DeviceId, boolean>()
  const logs = new Map<LogId, ReturnType<typeof splitLogId>>()
  let founder: DeviceId | undefined
  for (const from of entries) {
    const { device: author, incarnation } = logs.get(from.log) ?? splitLogId(from.log)
    if (!logs.has(from.log)) logs.set(from.log, splitLogId(from.log))
    const { kind, payload } = from.entry
    const skip = (reason: SkipReason) => skipped.push({ entry: from, reason })
    try {
      if (kind === kinds.genesis) {
        const { descriptor } = parseGenesis(payload, incarnation)
        if (descriptor && foundsRoster(sha256, session, author, descriptor)) founder = author
      } else if (kind === kinds.rosterAdd) {
        const add = parseRosterAdd(payload)
        const sound = keys.get(add.device) ?? isDeviceKey(add.device)
        keys.set(add.device, sound)
        if (sound) adds.push({ from, author, add })
        else skip('bad-key')
      } else if (kind === kinds.rosterRole) {
        const { device, role, cut } = parseRosterRole(payload)
        given.push({ from, author, device, role, cut: seqs(cut) })
      } else if (kind === kinds.rosterRevoke) {
        const { device, cut } = parseRosterRevoke(payload)
        revocations.push({ from, author, device, cut: seqs(cut) })
      } else if (kind === kinds.rosterRename) {
        renamings.push({ from, author, rename: parseRosterRename(payload) })
      } else if (kind === kinds.row) {
        const record = parseDeviceRecord(payload)
        if (record) tellings.push({ from, author, record })
        else skip('malformed')
      } else skip('unknown-kind')
    } catch (error) {
      if (!isBatonError(error)) throw error
      skip('malformed')
    }
  }
  const sorted = <T extends Said>(all: readonly T[]): T[] => distinct(all).sort(before)
  return {
    founder,
    skipped,
    adds: sorted(adds),
    given: sorted(given),
    revocations: sorted(revocations),
    renamings: sorted(renamings),
    tellings: sorted(tellings),
  }
}

const seqs = (cut: readonly CutLog[]): ReadonlyMap<LogId, number> => {
  const most = new Map<LogId, number>()
  for (const { log, seq } of cut) most.set(log, Math.max(most.get(log) ?? 0, seq))
  return most
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

function isDeviceKey(device: DeviceId): boolean {
  try {
    checkDeviceKey(idBytes(device))
    return true
  } catch {
    // What lands here: only `bad-key`.
    return false
  }
}
