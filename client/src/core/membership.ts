/**
 * What follows from the roster (rules RS8, RS9, RS13, RS14): cuts of the folds, links and pair roots
 * that end, and what people are told. Run after every change of it, here or elsewhere.
 */
import type { DeviceId, LogId } from '@baton/shared/ids'
import { deviceId, splitLogId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import type { Roster, RosterDevice } from '@baton/shared/roster/fold'
import type { Devices } from './devices.ts'
import { traceFault } from './fault.ts'
import { createIntroductions } from './introductions.ts'
import type { Links } from './links.ts'
import type { Mesh } from './mesh-api.ts'
import { createNaming } from './naming.ts'
import type { PairMemory, PairRecord } from './pairing/memory.ts'
import type { Keyring, Trace } from './ports/platform.ts'
import { createRecovery } from './recovery.ts'
import type { CutKeeper } from './repo/cuts.ts'
import type { Repository } from './repo/repository.ts'
import type { Sharing } from './sessions/sharing.ts'

export interface MembershipPorts {
  readonly self: DeviceId
  readonly devices: Devices
  readonly repository: Repository
  readonly primitives: Primitives
  readonly cuts: CutKeeper
  readonly memory: PairMemory
  readonly paired: Map<DeviceId, PairRecord>
  readonly guests: Map<DeviceId, unknown>
  readonly links: Links
  readonly sharing: Sharing
  readonly keyring: Keyring
  readonly trace: Trace
  /** What is shown of a device may have changed. */
  news(device: DeviceId): void
  notice(message: string): void
}

export interface Membership extends Pick<Mesh, 'rename' | 'remove' | 'setRole' | 'recovery'> {
  /** Once at start. Rejects when the keyring cannot be read or does not forget a pair root. */
  begin(): Promise<void>
  /** Keeps every paired device reachable; those already kept are passed over. */
  meet(): Promise<void>
  /** After entries of the roster came. What fails is traced, and tried again with the next ones. */
  read(): Promise<void>
}

export function createMembership(ports: MembershipPorts): Membership {
  const { self, devices, cuts, memory, paired, guests, links } = ports
  let before = devices.roster()
  const cutBy = { revoked: '', observer: '' }

  function cut(roster: Roster): void {
    const silent = new Map<DeviceId, ReadonlyMap<LogId, number>>()
    for (const { device, silentFrom } of roster.devices.values()) {
      if (silentFrom) silent.set(device, silentFrom)
    }
    const gone = [...roster.removed].map(([device, row]) => [device, row.cut] as const)
    cutAt('revoked', new Map(gone))
    cutAt('observer', silent)
  }

  /** Folds are made anew only for another answer. */
  function cutAt(
    reason: 'revoked' | 'observer',
    devicesAt: ReadonlyMap<DeviceId, ReadonlyMap<LogId, number>>,
  ): void {
    const form = [...devicesAt].map(([device, upTo]) => [device, [...upTo].sort()]).sort()
    const now = devicesAt.size === 0 ? '' : JSON.stringify(form)
    if (now === cutBy[reason]) return
    cutBy[reason] = now
    // Asked of every entry that is folded, so each log is taken apart once.
    const known = new Map<LogId, number | undefined>()
    cuts.set(reason, (log) => {
      if (!known.has(log)) {
        const upTo = devicesAt.get(splitLogId(log).device)
        known.set(log, upTo && (upTo.get(log) ?? 0))
      }
      return known.get(log)
    })
  }

  async function part(roster: Roster): Promise<void> {
    for (const device of roster.removed.keys()) {
      if (!devices.isShut(device)) continue
      paired.delete(device)
      guests.delete(device)
      links.forget(device)
    }
    // A recovery key may bring them back: both then meet by the root they had.
    if (roster.recoveryAuthors.size > 0) return
    for (const record of await memory.all()) {
      if (record.at === 'paired' && roster.removed.has(deviceId(record.device))) {
        await memory.remove(record.id)
      }
    }
  }

  function tell(roster: Roster): void {
    const phrase = (id: DeviceId): string => {
      const row = roster.devices.get(id) ?? roster.removed.get(id)
      if (!row && roster.recoveryAuthors.has(id)) return 'a recovery key'
      return id === self ? 'this device' : `${row?.shown ?? 'a device'} (${id.slice(0, 8)})`
    }
    for (const { device, removedBy } of roster.removed.values()) {
      if (before.removed.has(device)) continue
      const by = removedBy === device ? 'left' : `was removed by ${phrase(removedBy)}`
      const more = device === self ? ': what it says counts nowhere any more' : ''
      ports.notice(`${phrase(device)} ${by}${more}`)
    }
    for (const device of before.removed.keys()) {
      if (roster.devices.has(device)) ports.notice(`${phrase(device)} was brought back`)
    }
    // A roster that was just adopted is no news.
    if (!before.devices.has(self)) return
    tellKeys(roster, phrase)
    for (const { device, addedBy } of roster.devices.values()) {
      if (isKnown(before, device) || addedBy === self || device === self) continue
      const how = `was added by ${phrase(addedBy)}`
      ports.notice(`${phrase(device)} ${how}; not yours? baton remove ${device.slice(0, 8)}`)
    }
    for (const { device, role } of roster.devices.values()) {
      const known: RosterDevice | undefined = before.devices.get(device)
      if (known && known.role !== role) ports.notice(`${phrase(device)} is now ${article[role]}`)
    }
  }

  function tellKeys(roster: Roster, phrase: (id: DeviceId) => string): void {
    for (const { key, namedBy, ended } of roster.recovery) {
      const known = before.recovery.find((each) => each.key === key)
      const short = key.slice(0, 8)
      if (!known && namedBy !== self) {
        ports.notice(
          `recovery key ${short} was made by ${phrase(namedBy)}; not yours? see baton recovery`,
        )
      }
      if (!ended || known?.ended || ended.by === self) continue
      const how = ended.by === key ? 'was given up' : `was ended by ${phrase(ended.by)}`
      ports.notice(
        `recovery key ${short} ${how}; not you? its words still count: baton recovery use`,
      )
    }
  }

  async function changed(): Promise<void> {
    const roster = devices.roster()
    const shut = (device: DeviceId) => before.removed.has(device) && !devices.isShut(device)
    const opened = [...before.removed.keys()].some(shut)
    cut(roster)
    tell(roster)
    before = roster
    await part(roster)
    if (opened) await meet()
  }

  async function meet(): Promise<void> {
    for (const record of await memory.all()) {
      if (record.at !== 'paired' || devices.isShut(deviceId(record.device))) continue
      paired.set(deviceId(record.device), record)
      links.keep(record)
    }
  }

  const introduce = createIntroductions(ports)
  const recovery = createRecovery({ ...ports, sha256: ports.primitives.sha256 })

  async function read(): Promise<void> {
    try {
      await devices.refresh()
      await devices.describe()
      await changed()
      await introduce()
      const { devices: living, removed } = devices.roster()
      for (const device of [...living.keys(), ...removed.keys()]) ports.news(device)
      // New members may have written what was passed over, and may hold what they could not.
      for (const session of ports.sharing.sharedByAny()) links.grew(session)
      links.reconsider()
    } catch (error) {
      traceFault(ports.trace, 'roster.failed', error)
    }
  }

  return {
    async begin() {
      await changed()
      await meet()
      // A disk that takes nothing: the others know it by what it said before.
      await devices.describe().catch((error: unknown) => {
        traceFault(ports.trace, 'roster.failed', error)
      })
      await introduce()
    },
    meet,
    read,
    rename: createNaming(devices, ports.news),
    async remove(device) {
      await devices.remove(device)
      await read()
    },
    async setRole(device, role) {
      await devices.setRole(device, role)
      await read()
    },
    recovery: {
      async keys() {
        return devices.roster().recovery.map(({ key, namedBy, namedAt, ended }) => {
          return { id: key, short: key.slice(0, 8), by: namedBy, at: namedAt, ended }
        })
      },
      async name(key) {
        await recovery.name(key)
        await read()
      },
      async end(key) {
        await recovery.end(key)
        await read()
      },
      async use(using) {
        await recovery.use(using)
        await read()
      },
    },
  }
}

const isKnown = (roster: Roster, device: DeviceId): boolean =>
  roster.devices.has(device) || roster.removed.has(device)

const article = { admin: 'an admin', member: 'a member', observer: 'an observer' } as const
