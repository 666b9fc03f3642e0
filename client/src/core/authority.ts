/**
 * What this device may say about others in the roster, and what it writes for it (rules RS6, RS7,
 * RS15): revocations that name all it holds of the device's logs, and roles.
 */
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import { maxCutLogs } from '@baton/shared/limits'
import { type Dep, depHashBytes } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import {
  type CutLog,
  type Role,
  rosterRevokePayload,
  rosterRolePayload,
} from '@baton/shared/roster/authority'
import type { Roster, RosterDevice } from '@baton/shared/roster/fold'
import type { Appender, Repository } from './repo/repository.ts'

/** Throws `revoked` or `not-permitted`. */
export function checkAdding(roster: Roster, self: DeviceId, device: DeviceId): void {
  if (roster.removed.has(device)) {
    throw new BatonError(
      'revoked',
      'failed to pair: that device was removed, and its key is dead',
      {
        hint: 'pair it as another device: start it with another home (BATON_HOME)',
      },
    )
  }
  checkPairing(roster, self, true)
}

/** Before a code is drawn or claimed. `takesIn`: as the inviter. Throws `revoked` or `not-permitted`. */
export function checkPairing(roster: Roster, self: DeviceId, takesIn: boolean): void {
  if (roster.removed.has(self)) standing(roster, self)
  if (takesIn && roster.devices.get(self)?.role === 'observer') {
    throw new BatonError('not-permitted', 'failed to pair: this device is an observer', {
      hint: 'pair on another device, or make this one a member there: baton role <device> member',
    })
  }
}

/** Throws `revoked`, `not-paired` or `not-permitted`. */
export function checkRemoval(roster: Roster, self: DeviceId, device: DeviceId): void {
  const own = standing(roster, self)
  if (!roster.devices.has(device) && !roster.removed.has(device)) throw unknown('remove')
  if (device !== self && own.role !== 'admin') throw notAdmin('remove another')
  const admins = [...roster.devices.values()].filter(({ role }) => role === 'admin')
  if (device !== self || roster.devices.size === 1 || hasRecovery(roster)) return
  if (admins.every((each) => each.device === self)) {
    throw new BatonError('not-permitted', 'failed to remove: nobody else could remove a device', {
      hint: 'make another one an admin first: baton role <device> admin; or a recovery key: baton recovery make',
    })
  }
}

/** Throws `revoked`, `not-paired` or `not-permitted`. */
export function checkRole(roster: Roster, self: DeviceId, device: DeviceId, role: Role): void {
  const own = standing(roster, self)
  const known = roster.devices.get(device)
  if (!known) throw unknown('give a role')
  if (device === self) {
    if (known.rank > 0 && role === 'admin' && own.role !== 'admin') throw notAdmin('give a role')
    const others = [...roster.devices.values()].filter((each) => each.device !== self)
    const isLast = !hasRecovery(roster) && others.every((each) => each.role !== 'admin')
    if (role !== 'admin' && isLast) {
      throw new BatonError('not-permitted', 'failed to give a role: no admin would be left', {
        hint: 'make another one an admin first: baton role <device> admin',
      })
    }
    return
  }
  if (own.role !== 'admin') throw notAdmin('give a role')
  if (known.rank < own.rank) {
    throw new BatonError('not-permitted', 'failed to give a role: that device is senior to this', {
      hint: 'it can give up its role itself; as an admin this device can remove it',
    })
  }
}

/** Throws `revoked`, `not-paired` or `not-permitted`. */
export function checkNaming(roster: Roster, self: DeviceId, key: DeviceId): void {
  const own = standing(roster, self)
  if (own.role !== 'admin') throw notAdmin('name a recovery key')
  if (roster.devices.has(key) || roster.removed.has(key)) {
    throw new BatonError('not-permitted', 'failed to name a recovery key: it is a device')
  }
  // One that a junior named is not above this device: its own may stand beside it.
  const senior = roster.recovery.find(({ namedBy, ended }) => {
    const row = roster.devices.get(namedBy) ?? roster.removed.get(namedBy)
    return !ended && (row === undefined || row.rank <= own.rank)
  })
  if (!senior) return
  throw new BatonError('not-permitted', 'failed to name a recovery key: there is one', {
    hint: 'with its words: baton recovery replace; without: baton recovery end, then make another',
  })
}

/** Throws `revoked`, `not-paired`, `not-found` or `not-permitted`. */
export function checkEnding(roster: Roster, self: DeviceId, key: DeviceId): void {
  const own = standing(roster, self)
  if (own.role !== 'admin') throw notAdmin('end a recovery key')
  if (roster.recovery.some((each) => each.key === key && !each.ended)) return
  throw new BatonError('not-found', 'failed to end a recovery key: there is none like this')
}

/** Recovery keys in use that go back to a device, over any distance. */
export function keysNamedBy({ recovery }: Roster, device: DeviceId): readonly DeviceId[] {
  const found = new Set([device])
  for (const each of found) {
    for (const { key, namedBy } of recovery) if (namedBy === each) found.add(key)
  }
  return recovery.filter(({ key, ended }) => !ended && found.has(key)).map(({ key }) => key)
}

const hasRecovery = ({ recovery }: Roster): boolean => recovery.some(({ ended }) => !ended)

function standing(roster: Roster, self: DeviceId): RosterDevice {
  if (roster.removed.has(self)) {
    throw new BatonError('revoked', 'this device was removed: what it says counts no longer', {
      hint: 'pair it anew as another device: with another home (BATON_HOME)',
    })
  }
  const own = roster.devices.get(self)
  if (!own) throw unknown('go on')
  return own
}

const unknown = (what: string) =>
  new BatonError('not-paired', `failed to ${what}: no such device is paired with this one`)

const notAdmin = (what: string) =>
  new BatonError('not-permitted', `failed to ${what}: only an admin may`, {
    hint: 'do it on an admin, or make this one an admin there: baton role <device> admin',
  })

/** Everything held of a device's logs, or of those in one session. */
export function heldOf(repository: Repository, device: DeviceId, session?: SessionId): CutLog[] {
  const sessions = session === undefined ? repository.sessions() : [session]
  return sessions.flatMap((each) =>
    repository
      .heads(each)
      .filter(({ log, seq }) => seq > 0 && splitLogId(log).device === device)
      .map(({ log, seq, hash }) => ({ log, seq, hash: hash.slice(0, depHashBytes) })),
  )
}

/** What a role goes by. Throws `too-large`. */
export function roleCut(
  repository: Repository,
  device: DeviceId,
  roster: SessionId,
  role: Role,
): CutLog[] {
  const cut = role === 'observer' ? heldOf(repository, device) : heldOf(repository, device, roster)
  if (cut.length <= maxCutLogs) return cut
  throw new BatonError('too-large', 'failed to give a role: that device wrote too many sessions', {
    hint: 'it can still be removed: baton remove <device>',
  })
}

/** Cuts that say more than the removals that are known. */
export function newCuts(roster: Roster, device: DeviceId, held: readonly CutLog[]): CutLog[] {
  const known = roster.removed.get(device)?.cut
  return held.filter(({ log, seq }) => seq > (known?.get(log) ?? 0))
}

/** Several entries where one is too small: together they are one word. */
export function appendRemoval(to: Appender, device: DeviceId, cut: readonly CutLog[]): void {
  let from = 0
  do {
    const part = cut.slice(from, from + maxCutLogs)
    to.append(kinds.rosterRevoke, rosterRevokePayload({ device, cut: part }))
    from += maxCutLogs
  } while (from < cut.length)
}

/** `saw`: the words that this one takes the place of. */
export function appendRole(
  to: Appender,
  role: { readonly device: DeviceId; readonly role: Role; readonly cut: readonly CutLog[] },
  saw: readonly Dep[],
): void {
  to.append(kinds.rosterRole, rosterRolePayload(role), saw)
}
