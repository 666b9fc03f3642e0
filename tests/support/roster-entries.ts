/** Entries of a roster as five devices may write them, whether they may or not, without signatures. */
import type { Value } from '@baton/shared/encoding/msgpack'
import { type DeviceId, joinLogId, type LogId } from '@baton/shared/ids'
import type { Dep, Entry } from '@baton/shared/log/entry'
import { type Descriptor, genesisPayload } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import {
  type CutLog,
  type Role,
  rosterRevokePayload,
  rosterRolePayload,
} from '@baton/shared/roster/authority'
import {
  mintRoster,
  type RosterAdd,
  rosterAddPayload,
  rosterRenamePayload,
} from '@baton/shared/roster/entries'
import { foldRoster, type Roster } from '@baton/shared/roster/fold'
import { rosterRecoveryPayload, rosterRestorePayload } from '@baton/shared/roster/recovery'
import type { RosterEntry } from '@baton/shared/roster/said'
import { expect } from 'vitest'
import { nodePrimitives, signer } from './signer.ts'

const { sha256 } = nodePrimitives
export const [alice, bob, carol, dave, mallory] = [1, 2, 3, 4, 5].map(
  (seed) => signer(seed).device,
) as [DeviceId, DeviceId, DeviceId, DeviceId, DeviceId]
export const { session, descriptor } = mintRoster(
  sha256,
  alice,
  (n) => new Uint8Array(n).fill(7),
  1000,
)

export const logOf = (device: DeviceId, incarnation = 1): LogId =>
  joinLogId(session, device, new Uint8Array(8).fill(incarnation))

export const entry = (
  author: DeviceId,
  seq: number,
  kind: number,
  payload: Value,
  ms = 1000 + seq,
) => ({
  log: logOf(author),
  entry: { kind, seq, stamp: { ms, counter: 0 }, deps: [], payload } satisfies Entry,
})

export const genesis = (author: DeviceId, first: Descriptor | undefined = undefined): RosterEntry =>
  entry(author, 1, kinds.genesis, genesisPayload({ predecessor: undefined, descriptor: first }))

export const about = (device: DeviceId, more: Partial<RosterAdd> = {}): RosterAdd => ({
  device,
  exchange: new Uint8Array(32).fill(1),
  name: 'laptop',
  platform: 'linux',
  addedAt: 5000,
  pairing: new Uint8Array(32).fill(2),
  ...more,
})

export const adds = (
  author: DeviceId,
  seq: number,
  device: DeviceId,
  more: Partial<RosterAdd> = {},
  ms?: number,
) => entry(author, seq, kinds.rosterAdd, rosterAddPayload(about(device, more)), ms)

export const fold = (entries: Iterable<RosterEntry>): Roster => foldRoster(sha256, session, entries)
export const members = (roster: Roster) => [...roster.devices.keys()]
export const reasons = (roster: Roster) => roster.skipped.map(({ reason }) => reason)

/** How much of logs is held, as a revocation says it: `cutTo([bob, 5], [carol, 7])`. */
export const cutTo = (...held: readonly (readonly [DeviceId, number, number?])[]): CutLog[] =>
  held.map(([device, seq, incarnation]) => ({
    log: logOf(device, incarnation),
    seq,
    hash: new Uint8Array(8),
  }))

export const revokes = (
  author: DeviceId,
  seq: number,
  device: DeviceId,
  cut: readonly CutLog[] = [],
  ms?: number,
) => entry(author, seq, kinds.rosterRevoke, rosterRevokePayload({ device, cut }), ms)

export const gives = (
  author: DeviceId,
  seq: number,
  device: DeviceId,
  role: Role,
  { cut = [], ms, saw = [] }: { cut?: readonly CutLog[]; ms?: number; saw?: readonly Dep[] } = {},
): RosterEntry => {
  const { log, entry: plain } = entry(
    author,
    seq,
    kinds.rosterRole,
    rosterRolePayload({ device, role, cut }),
    ms,
  )
  return { log, entry: { ...plain, deps: saw } }
}

export const renames = (
  author: DeviceId,
  seq: number,
  device: DeviceId,
  name: string,
  ms?: number,
) => entry(author, seq, kinds.rosterRename, rosterRenamePayload({ device, name }), ms)

export const namesKey = (author: DeviceId, seq: number, key: DeviceId, ms?: number) =>
  entry(author, seq, kinds.rosterRecovery, rosterRecoveryPayload(key), ms)

/** That these revocations do not count. */
export const restores = (
  author: DeviceId,
  seq: number,
  undone: readonly RosterEntry[],
  ms?: number,
) => {
  const places = undone.map(({ log, entry: { seq: at } }) => ({
    log,
    seq: at,
    hash: new Uint8Array(8),
  }))
  return entry(author, seq, kinds.rosterRestore, rosterRestorePayload(places), ms)
}

/** Alice took in bob, carol and dave; bob and carol are admins. Her log is at 7, theirs have not begun. */
export const base = [
  genesis(alice, descriptor),
  adds(alice, 2, alice),
  adds(alice, 3, bob),
  adds(alice, 4, carol),
  adds(alice, 5, dave),
  gives(alice, 6, bob, 'admin'),
  gives(alice, 7, carol, 'admin'),
]
const names = new Map<DeviceId, string>([
  [alice, 'alice'],
  [bob, 'bob'],
  [carol, 'carol'],
  [dave, 'dave'],
  [mallory, 'mallory'],
])
const named = (devices: Iterable<DeviceId>) => [...devices].map((each) => names.get(each)).sort()
export const living = (roster: Roster) => named(members(roster))
export const gone = (roster: Roster) => named(roster.removed.keys())
export const roleOf = (roster: Roster, device: DeviceId) => roster.devices.get(device)?.role

/** Folds in many orders, which must all say the same. */
export function foldAll(entries: readonly RosterEntry[]): Roster {
  const roster = fold(entries)
  for (let turn = 1; turn < entries.length; turn++) {
    const other = [...entries.slice(turn), ...entries.slice(0, turn)]
    expect(fold(turn % 2 ? other : other.toReversed())).toEqual(roster)
  }
  return roster
}
