/**
 * The recovery key as a device uses it (rules RS12 to RS15): names it, ends it, and, while a person's
 * words are at hand, says with it who goes, who is back and who is an admin. What it would say is
 * tried on the roster first, so that nothing is said that does not hold.
 */
import { BatonError } from '@baton/shared/errors'
import {
  type DeviceId,
  deviceId,
  incarnationBytes,
  joinLogId,
  type SessionId,
} from '@baton/shared/ids'
import { parseRecovery, recoveryKeyOf } from '@baton/shared/keyexchange/recovery-words'
import { signWith } from '@baton/shared/keyexchange/signature'
import { maxCutLogs } from '@baton/shared/limits'
import { depHashBytes } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { Written } from '@baton/shared/log/writer'
import type { Sha256 } from '@baton/shared/primitives'
import type { CutLog } from '@baton/shared/roster/authority'
import { foldRoster, type Roster } from '@baton/shared/roster/fold'
import { readRoster } from '@baton/shared/roster/read'
import { rosterRecoveryPayload, rosterRestorePayload } from '@baton/shared/roster/recovery'
import type { Judging, Naming, RosterEntry } from '@baton/shared/roster/said'
import {
  appendRemoval,
  appendRole,
  checkEnding,
  checkNaming,
  heldOf,
  keysNamedBy,
} from './authority.ts'
import type { Devices } from './devices.ts'
import type { RecoveryUse } from './mesh-api.ts'
import type { Appender, Repository } from './repo/repository.ts'

export interface RecoveryPorts {
  readonly self: DeviceId
  readonly devices: Devices
  readonly repository: Repository
  readonly sha256: Sha256
}

export interface Recovery {
  /** Durable. Throws `not-paired`, `revoked`, `not-permitted` or `bad-key`. */
  name(key: DeviceId): Promise<void>
  /** Durable. Throws `not-paired`, `not-found`, `revoked` or `not-permitted`. */
  end(key: DeviceId): Promise<void>
  /** Durable. Throws `code-format`, `not-found`, `not-paired`, `revoked`, `invalid`, `ambiguous` or `not-permitted`. */
  use(using: RecoveryUse): Promise<void>
}

export function createRecovery({ self, devices, repository, sha256 }: RecoveryPorts): Recovery {
  function session(): SessionId {
    const known = devices.session()
    if (known) return known
    throw new BatonError(
      'not-paired',
      'failed: this device never paired, so nothing is to recover',
      {
        hint: 'pair it with one that is left: baton pair',
      },
    )
  }

  /** What a key would say, as entries of a log that nobody has. */
  function rehearse(key: DeviceId, say: (to: Appender) => void): Roster {
    const entries = devices.entries()
    const ms = Math.max(0, ...entries.map(({ entry }) => entry.stamp.ms)) + 1
    const log = joinLogId(session(), key, new Uint8Array(incarnationBytes).fill(255))
    const said: RosterEntry[] = []
    say({
      log,
      append(kind, payload, deps = []) {
        const seq = said.length + 2
        said.push({ log, entry: { kind, seq, stamp: { ms, counter: seq }, deps, payload } })
        return { log, seq, hash: new Uint8Array(32) }
      },
    })
    return foldRoster(sha256, session(), [...entries, ...said])
  }

  function placeOf({ from: { log, entry } }: Judging): CutLog {
    const hash = devices.hashAt({ log, seq: entry.seq }) ?? new Uint8Array(32)
    return { log, seq: entry.seq, hash: hash.slice(0, depHashBytes) }
  }

  /** Who goes and who is back, in the words of `key`. */
  function judge(key: DeviceId, { remove, back }: Pick<RecoveryUse, 'remove' | 'back'>) {
    const { revocations, namings } = readRoster(sha256, session(), devices.entries())
    const pillars = pillarsOf(key, namings)
    const saws = (each: Judging) =>
      pillars.some(
        ({ author, from }) =>
          author === each.device && from.entry.seq > (each.cut.get(from.log) ?? 0),
      )
    const undone = revocations
      .filter((each) => each.author !== key)
      .filter((each) => back.includes(each.device) || each.device === key || saws(each))
      .map(placeOf)
    if (revocations.some((each) => saws(each) && ![...back, ...remove].includes(each.device))) {
      throw new BatonError(
        'ambiguous',
        'failed to use the recovery key: the device that made it was removed before that was heard of',
        { hint: 'say whether it comes back: name it with --back, or with --remove' },
      )
    }
    const standsOn = new Set([key, ...pillars.map((naming) => naming.key)])
    const theirs = remove.flatMap((device) => keysNamedBy(devices.roster(), device))
    const ends = theirs.filter((each) => !standsOn.has(each))
    return (to: Appender) => {
      for (let from = 0; from < undone.length; from += maxCutLogs) {
        const part = undone.slice(from, from + maxCutLogs)
        to.append(kinds.rosterRestore, rosterRestorePayload(part))
      }
      for (const device of new Set([...remove, ...ends])) {
        appendRemoval(to, device, heldOf(repository, device))
      }
    }
  }

  /** Everything that `using` asks for. */
  function wordsOf(key: DeviceId, using: RecoveryUse): (to: Appender) => void {
    const judged = judge(key, using)
    const own = rehearse(key, judged).devices.get(self)
    const raises = using.raise && own?.role !== 'admin'
    const cut = heldOf(repository, self, session())
    return (to) => {
      let last: Written | undefined
      const append: Appender['append'] = (kind, payload, deps) => {
        last = to.append(kind, payload, deps)
        return last
      }
      const noting = { log: to.log, append }
      judged(noting)
      if (raises) {
        appendRole(
          noting,
          { device: self, role: 'admin', cut },
          devices.depsOf(own?.roleSaid ?? []),
        )
      }
      if (using.successor) append(kinds.rosterRecovery, rosterRecoveryPayload(using.successor))
      if (!using.end) return
      // Up to here, so that what was just said counts.
      const now = last ? [{ ...last, hash: last.hash.slice(0, depHashBytes) }] : []
      appendRemoval(noting, key, [...heldOf(repository, key), ...now])
    }
  }

  return {
    async name(key) {
      checkNaming(devices.roster(), self, key)
      await repository.write(session(), (to) => {
        to.append(kinds.rosterRecovery, rosterRecoveryPayload(key))
        return []
      })
      await devices.refresh()
    },
    async end(key) {
      checkEnding(devices.roster(), self, key)
      await repository.write(session(), (to) => {
        appendRemoval(to, key, heldOf(repository, key))
        return []
      })
      await devices.refresh()
    },
    async use(asked) {
      const { seed, key: publicKey } = recoveryKeyOf(parseRecovery(sha256, asked.secret))
      const key = deviceId(publicKey)
      const back = asked.raise ? [self, ...asked.back] : asked.back
      const using = { ...asked, back }
      check(devices.roster(), self, key, using)
      const say = wordsOf(key, using)
      confirm(rehearse(key, say), key, self, using)
      const author = { device: key, sign: async (message: Uint8Array) => signWith(seed, message) }
      await repository.writeAs(author, session(), (to) => {
        say(to)
        return []
      })
      await devices.refresh()
    },
  }
}

/** From a key to the device it goes back to: the namings it stands on. */
function pillarsOf(key: DeviceId, namings: readonly Naming[]): readonly Naming[] {
  const found = new Set<Naming>()
  const keys = new Set([key])
  for (const each of keys) {
    for (const naming of namings) {
      if (naming.key !== each) continue
      found.add(naming)
      keys.add(naming.author)
    }
  }
  return [...found]
}

function check(roster: Roster, self: DeviceId, key: DeviceId, using: RecoveryUse): void {
  if (!roster.recoveryAuthors.has(key)) {
    throw new BatonError(
      'not-found',
      'failed to use the recovery key: no admin of these devices named it',
      {
        hint: 'is it the right paper? what was named lately may not have come here yet',
      },
    )
  }
  if (roster.recovery.some((each) => each.key === key && each.ended?.by === key)) {
    throw new BatonError('revoked', 'failed to use the recovery key: it was given up, for good')
  }
  for (const device of [...using.remove, ...using.back]) {
    if (roster.devices.has(device) || roster.removed.has(device)) continue
    throw new BatonError(
      'not-paired',
      'failed to use the recovery key: no such device was ever paired',
    )
  }
  if (using.remove.some((device) => device === self || using.back.includes(device))) {
    throw new BatonError(
      'invalid',
      'failed to use the recovery key: a device cannot both go and stay',
    )
  }
}

/** Throws `not-permitted` when what was asked for would not come of it. */
function confirm(after: Roster, key: DeviceId, self: DeviceId, using: RecoveryUse): void {
  const holds =
    using.back.every((device) => after.devices.has(device)) &&
    using.remove.every((device) => after.removed.has(device)) &&
    (!using.raise || after.devices.get(self)?.role === 'admin') &&
    after.recovery.some((each) => each.key === key && (each.ended !== undefined) === using.end) &&
    (!using.successor || after.recovery.some((each) => each.key === using.successor && !each.ended))
  if (holds) return
  throw new BatonError(
    'not-permitted',
    'failed to use the recovery key: it does not reach that far',
    {
      hint: 'it is above the device that made it, and not above those that were there before that one',
    },
  )
}
