/**
 * The entries of a roster by what they say, broken ones and unknown kinds aside (rule RO6), each list in
 * the one order, whatever order they came in. What counts of them stands in fold.ts.
 */
import { isBatonError } from '../errors.ts'
import { type DeviceId, idBytes, type LogId, type SessionId, splitLogId } from '../ids.ts'
import { checkDeviceKey } from '../keyexchange/signature.ts'
import { parseGenesis } from '../log/genesis.ts'
import { kinds } from '../log/kinds.ts'
import type { Sha256 } from '../primitives.ts'
import { type CutLog, parseRosterRevoke, parseRosterRole } from './authority.ts'
import { foundsRoster, parseRosterAdd, parseRosterRename } from './entries.ts'
import { parseDeviceRecord } from './record.ts'
import { parseRosterRecovery, parseRosterRestore } from './recovery.ts'
import {
  type Adding,
  before,
  distinct,
  type Judging,
  type Naming,
  placeKey,
  type Renaming,
  type Restoring,
  type RoleGiving,
  type RosterEntry,
  type Said,
  type Telling,
} from './said.ts'

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

export interface Read {
  readonly founder: DeviceId | undefined
  readonly adds: readonly Adding[]
  readonly given: readonly RoleGiving[]
  readonly revocations: readonly Judging[]
  /** Can it be the key of anyone? Asked of what counts otherwise: it takes a while. */
  isSound(key: DeviceId): boolean
  readonly namings: readonly Naming[]
  readonly restorings: readonly Restoring[]
  readonly renamings: readonly Renaming[]
  readonly tellings: readonly Telling[]
  readonly skipped: { entry: RosterEntry; reason: SkipReason }[]
}

/** `entries`: of the logs of `session`, repeated or not; what is broken goes to `skipped`. */
export function readRoster(
  sha256: Sha256,
  session: SessionId,
  entries: Iterable<RosterEntry>,
): Read {
  const skipped: { entry: RosterEntry; reason: SkipReason }[] = []
  const adds: Adding[] = []
  const given: RoleGiving[] = []
  const revocations: Judging[] = []
  const namings: Naming[] = []
  const restorings: Restoring[] = []
  const renamings: Renaming[] = []
  const tellings: Telling[] = []
  const keys = new Map<DeviceId, boolean>()
  const logs = new Map<LogId, ReturnType<typeof splitLogId>>()
  let founder: DeviceId | undefined
  const isSound = (key: DeviceId): boolean => {
    const sound = keys.get(key) ?? isDeviceKey(key)
    keys.set(key, sound)
    return sound
  }
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
        if (isSound(add.device)) adds.push({ from, author, add })
        else skip('bad-key')
      } else if (kind === kinds.rosterRole) {
        const { device, role, cut } = parseRosterRole(payload)
        given.push({ from, author, device, role, cut: seqs(cut) })
      } else if (kind === kinds.rosterRevoke) {
        const { device, cut } = parseRosterRevoke(payload)
        revocations.push({ from, author, device, cut: seqs(cut) })
      } else if (kind === kinds.rosterRecovery) {
        namings.push({ from, author, key: parseRosterRecovery(payload) })
      } else if (kind === kinds.rosterRestore) {
        const places = new Set(parseRosterRestore(payload).map(placeKey))
        restorings.push({ from, author, places })
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
    isSound,
    adds: sorted(adds),
    given: sorted(given),
    revocations: sorted(revocations),
    namings: sorted(namings),
    restorings: sorted(restorings),
    renamings: sorted(renamings),
    tellings: sorted(tellings),
  }
}

const seqs = (cut: readonly CutLog[]): ReadonlyMap<LogId, number> => {
  const most = new Map<LogId, number>()
  for (const { log, seq } of cut) most.set(log, Math.max(most.get(log) ?? 0, seq))
  return most
}

function isDeviceKey(device: DeviceId): boolean {
  try {
    checkDeviceKey(idBytes(device))
    return true
  } catch {
    // What lands here: only `bad-key`.
    return false
  }
}
