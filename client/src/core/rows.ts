/** What the mesh knows, as the plain rows of mesh-api.ts. It changes nothing. */
import type { DeviceId } from '@baton/shared/ids'
import type { DeviceRecord } from '@baton/shared/roster/record'
import type { AheadDesk } from './ahead/desk.ts'
import type { Devices } from './devices.ts'
import type { ForkCare } from './forks.ts'
import type { Links } from './links.ts'
import type { DeviceRow, MeshStatus } from './mesh-api.ts'
import type { PairRecord } from './pairing/memory.ts'
import type { Clock } from './ports/platform.ts'
import type { Rendezvous } from './ports/rendezvous.ts'
import type { Source } from './ports/source.ts'
import type { Presence } from './presence.ts'
import type { Repository } from './repo/repository.ts'
import type { ServiceState } from './service-state.ts'
import type { Library } from './sessions/library.ts'
import type { Sharing } from './sessions/sharing.ts'

export interface RowsPorts {
  readonly self: DeviceId
  readonly name: string
  readonly platform: string
  readonly storeKind: string
  readonly record: DeviceRecord
  readonly clock: Clock
  readonly rendezvous: Rendezvous
  readonly service: ServiceState
  readonly sources: readonly Source[]
  readonly repository: Repository
  readonly devices: Devices
  readonly paired: ReadonlyMap<DeviceId, PairRecord>
  readonly guests: ReadonlyMap<DeviceId, { readonly name: string; readonly platform: string }>
  readonly links: Links
  readonly library: Library
  readonly sharing: Sharing
  readonly forks: ForkCare
  readonly ahead: AheadDesk
  readonly presence: Presence
}

export interface Rows {
  device(device: DeviceId): DeviceRow | undefined
  devices(): DeviceRow[]
  status(): Promise<MeshStatus>
}

/** How a device came to be known. */
const trust = { inPerson: 1, introduced: 0.7, guest: 0.3 } as const

export const shortOf = (device: DeviceId): string => device.slice(0, 8)

export function createRows(ports: RowsPorts): Rows {
  const { self, devices, links } = ports

  function device(id: DeviceId): DeviceRow | undefined {
    const roster = devices.roster()
    const gone = roster.removed.get(id)
    const member = roster.devices.get(id) ?? gone
    const record = ports.paired.get(id) ?? ports.guests.get(id)
    if (!member && !record && id !== self) return undefined
    const facts = links.reach(id)?.facts()
    const told = id === self ? ports.record : member?.record
    return {
      id,
      short: shortOf(id),
      name: id === self && !member?.renamed ? ports.name : (member?.shown ?? record?.name ?? ''),
      platform: id === self ? ports.platform : (member?.platform ?? record?.platform ?? ''),
      self: id === self,
      state: gone ? 'removed' : id === self ? 'self' : links.state(id),
      trouble: id === self ? undefined : links.trouble(id),
      path: facts?.path,
      rttMs: facts?.rttMs,
      presence: ports.presence.of(id),
      type: told?.type,
      capabilities: told?.capabilities ?? [],
      trust: trustOf(id),
      role: member?.role,
      removed: gone && { by: gone.removedBy, at: gone.removedAt },
      addedAt: member?.addedAt ?? 0,
      lastSeen: id === self ? ports.clock.now() : links.lastSeen(id),
    }
  }

  function trustOf(id: DeviceId): number {
    const record = ports.paired.get(id)
    if (id === self || (record && !record.introduced)) return trust.inPerson
    return ports.guests.has(id) ? trust.guest : trust.introduced
  }

  function all(): DeviceRow[] {
    const ids = new Set([
      self,
      ...devices.roster().devices.keys(),
      ...devices.roster().removed.keys(),
      ...ports.paired.keys(),
      ...ports.guests.keys(),
    ])
    return [...ids].map(device).filter((row) => row !== undefined)
  }

  return {
    device,
    devices: all,
    async status() {
      const rows = all()
      const sessions = await ports.library.rows()
      const carried = ports.repository
        .sessions()
        .filter((session) => ports.sharing.author(session) !== undefined)
      return {
        self: rows[0] as DeviceRow,
        signaling: { server: ports.rendezvous.server, state: ports.service.now() },
        devices: {
          paired: rows.filter(({ self: own, state }) => !own && state !== 'removed').length,
          connected: rows.filter((row) => row.state === 'connected').length,
        },
        ranTwice: rows.filter(({ id }) => ports.forks.devices().has(id)).map(({ name }) => name),
        sessions: { found: sessions.length, carried: carried.length },
        sources: ports.sources.map(({ agent, roots }) => ({ agent, roots })),
        store: { kind: ports.storeKind, bytes: undefined },
        counters: { aheadDifferent: ports.ahead.different },
      }
    },
  }
}
