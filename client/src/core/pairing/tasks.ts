/** Pairing runs as tasks for surfaces: a new device is kept reachable, a guest only for its visit. */
import { type DeviceId, deviceId, type SessionId } from '@baton/shared/ids'
import { createEventQueue } from '../event-queue.ts'
import type { Links } from '../links.ts'
import type {
  DeviceRow,
  InviteOptions,
  JoinOptions,
  PairingEvent,
  PairingTask,
} from '../mesh-api.ts'
import type { ChannelEnd } from '../ports/channel.ts'
import type { PairMemory, PairRecord } from './memory.ts'
import type { Pairing, PairRun, PairRunEvent } from './ports.ts'

/** A device that is here for one session, or where this one is for that. */
export interface Guest {
  readonly name: string
  readonly platform: string
  /** It is here: this device let it in. */
  readonly visits: boolean
  /** The sessions that an invitation named; undefined for one that is here without, as in the tour. */
  readonly only: Set<SessionId> | undefined
}

export interface PairTasksPorts {
  readonly pairing: Pairing
  readonly memory: PairMemory
  readonly paired: Map<DeviceId, PairRecord>
  readonly guests: Map<DeviceId, Guest>
  readonly links: Links
  row(device: DeviceId): DeviceRow | undefined
  /** The link of a guest closed. */
  left(device: DeviceId, guest: Guest, end: ChannelEnd): void
}

export interface PairTasks {
  invite(options: InviteOptions): PairingTask
  join(code: string, options: JoinOptions): PairingTask
}

export function createPairTasks(ports: PairTasksPorts): PairTasks {
  const { paired, guests, links, memory } = ports

  async function settle(
    event: Extract<PairRunEvent, { at: 'paired' }>,
    how: Pick<Guest, 'visits' | 'only'>,
  ): Promise<PairingEvent> {
    const { peer, link } = event
    const device = deviceId(peer.device)
    if (peer.guest && paired.has(device)) {
      // The two know each other for good: they have their own link.
      void link?.bound.channel.close('paired already')
    } else if (peer.guest) {
      const guest: Guest = { name: peer.name, platform: peer.platform, ...how }
      guests.set(device, guest)
      if (link) {
        links.guest(link)
        link.bound.channel.onClose((end) => ports.left(device, guest, end))
      }
    } else {
      for (const record of await memory.all()) {
        if (record.at !== 'paired' || deviceId(record.device) !== device) continue
        paired.set(device, record)
        links.keep(record, link)
      }
    }
    return { at: 'paired', device: ports.row(device) as DeviceRow, ms: event.ms }
  }

  function task(run: PairRun, how: Pick<Guest, 'visits' | 'only'>): PairingTask {
    const queue = createEventQueue<PairingEvent>()
    const pump = async () => {
      for await (const event of run.events) {
        queue.push(event.at === 'paired' ? await settle(event, how) : event)
      }
    }
    pump()
      .catch(() =>
        queue.push({ at: 'failed', code: 'pairing-failed', message: 'the pairing failed' }),
      )
      .finally(() => queue.end())
    return { events: queue.events, answer: run.answer, cancel: run.cancel }
  }

  return {
    invite: (options) =>
      task(ports.pairing.invite(options), { visits: true, only: none(options.words === false) }),
    join: (code, options) =>
      task(ports.pairing.join(code, options), {
        ...{ visits: false, only: none(options.guest === true) },
      }),
  }
}

/** None yet: an invitation names them. */
const none = (invited: boolean): Set<SessionId> | undefined => (invited ? new Set() : undefined)
