/** Devices that pair in a world without sockets, disks or WebRTC: every part can fail on demand. */
import type { BoundChannel, PairedLink } from '@baton/client/core/contact/bind'
import { type Contact, openContact } from '@baton/client/core/contact/contact'
import { freshRandom } from '@baton/client/core/fresh-random'
import type { PairMemory, PairMemoryRecord } from '@baton/client/core/pairing/memory'
import { createPairing } from '@baton/client/core/pairing/pairing'
import type {
  OwnIdentity,
  PairedPeer,
  Pairing,
  PairPorts,
  PairRun,
  PairRunEvent,
} from '@baton/client/core/pairing/ports'
import type { Clock, Keyring, Random, TraceField } from '@baton/client/core/ports/platform'
import type { Rendezvous, Slot } from '@baton/client/core/ports/rendezvous'
import { type Bytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { pureSha256 } from '@baton/shared/primitives'
import { createCount } from './count.ts'
import { createFakeNetwork, type FakeNetwork } from './fake-network.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createMemoryKeyring } from './memory-keyring.ts'
import {
  createMemorySignaling,
  type MemoryOptions,
  type MemorySignaling,
} from './memory-rendezvous.ts'
import { nodePrimitives } from './signer.ts'

/** What outlives a process of the device. */
export interface Disk {
  readonly records: Map<string, PairMemoryRecord>
  /** Device ids in the roster, hex. */
  readonly roster: Set<string>
  rosterId: Bytes
}

export interface Device {
  readonly name: string
  readonly keyring: Keyring
  readonly disk: Disk
  readonly ports: PairPorts
  readonly pairing: Pairing
  readonly rendezvous: Rendezvous
  readonly recovered: PairedPeer[]
  /** Every traced event, as text. */
  readonly traced: string[]
  /** The process dies at its n-th write (from 1): with it on disk, or without. */
  dieAt(write: number, applied: boolean): void
  /** The process dies now: nothing leaves it or reaches it any more. */
  kill(): void
  readonly writes: () => number
}

export interface World {
  readonly clock: ManualClock
  readonly network: FakeNetwork
  readonly signaling: MemorySignaling
  /** A process of the device with this seed; with a disk, one that starts again. */
  device(name: string, seed: number, disk?: Disk, keyring?: Keyring, clock?: Clock): Device
  settle(): Promise<void>
  /** Lets time go by slowly enough that what is under way arrives before the next timer. */
  pass(ms: number): Promise<void>
}

export function createWorld(
  options: Omit<MemoryOptions, 'clock'> & {
    rendezvous?: (inner: Rendezvous) => Rendezvous
    /** What a device's random source makes of an honest one. */
    random?: (name: string, honest: Random) => Random
  } = {},
): World {
  const clock = createManualClock()
  const network = createFakeNetwork(clock)
  const signaling = createMemorySignaling({ ...options, clock })

  async function settle(): Promise<void> {
    for (let i = 0; i < 6; i++) await signaling.flush()
  }

  function device(
    name: string,
    seed: number,
    disk: Disk = newDisk(seed),
    keyring: Keyring = createMemoryKeyring(seed),
    own: Clock = clock,
  ): Device {
    const traced: string[] = []
    const recovered: PairedPeer[] = []
    let writes = 0
    let last = { write: Number.POSITIVE_INFINITY, applied: true }
    let dead = false

    async function write(change: () => void): Promise<void> {
      writes += 1
      const dies = writes === last.write
      if (!dead && (!dies || last.applied)) change()
      if (dies) kill()
      if (dead) await new Promise(() => {})
    }

    function kill(): void {
      dead = true
      void inner.close()
    }

    const memory: PairMemory = {
      all: async () => [...disk.records.values()],
      put: (record) => write(() => disk.records.set(record.id, record)),
      remove: (id) => write(() => disk.records.delete(id)),
    }
    const honest = seededRandom(`${name} ${run()}`)
    const inner = signaling.client()
    const rendezvous = mortal(options.rendezvous?.(inner) ?? inner, () => dead)
    const ports: PairPorts = {
      rendezvous,
      dialer: network.dialer(),
      keyring,
      memory,
      clock: own,
      random: freshRandom(options.random?.(name, honest) ?? honest),
      trace: (event, fields = {}) =>
        traced.push(`${event} ${JSON.stringify(fields satisfies Record<string, TraceField>)}`),
      verify: nodePrimitives.verify,
      ice: () => ({ servers: [], policy: 'auto' }),
    }
    const pairing = createPairing(ports, {
      identity: async (): Promise<OwnIdentity> => ({
        name,
        platform: 'test',
        roster: { id: disk.rosterId, populated: disk.roster.size > 0 },
      }),
      commitAdd: (peer) => write(() => disk.roster.add(toHex(peer.device))),
      adoptRoster: (roster, inviter) =>
        write(() => {
          disk.rosterId = roster
          disk.roster.add(toHex(inviter.device))
        }),
      isMember: async (key) => disk.roster.has(toHex(key)),
      recovered: (peer) => recovered.push(peer),
    })
    return {
      name,
      keyring,
      disk,
      ports,
      pairing,
      rendezvous,
      recovered,
      traced,
      dieAt: (at, applied) => {
        last = { write: at, applied }
      },
      kill,
      writes: () => writes,
    }
  }

  async function pass(ms: number): Promise<void> {
    const until = clock.monotonic() + ms
    while (clock.monotonic() < until) {
      clock.advance(Math.min(250, until - clock.monotonic()))
      await signaling.flush()
      await signaling.flush()
    }
    await settle()
  }

  return { clock, network, signaling, device, settle, pass }
}

const run = createCount()

/** A client that falls silent, both ways, once its process is dead. */
function mortal(inner: Rendezvous, dead: () => boolean): Rendezvous {
  const alive =
    <A extends unknown[]>(run: (...args: A) => void) =>
    (...args: A) => {
      if (!dead()) run(...args)
    }
  const never = new Promise<never>(() => {})
  const slotOf = async (slot: Promise<Slot>): Promise<Slot> => {
    const opened = await slot
    return {
      nameplate: opened.nameplate,
      sid: opened.sid,
      send: (blob) => (dead() ? never : opened.send(blob)),
      onEvent: (handler) => opened.onEvent(alive(handler)),
      release: () => (dead() ? never : opened.release()),
      close: () => (dead() ? never : opened.close()),
    }
  }
  return {
    server: inner.server,
    open: (sid) => slotOf(inner.open(sid)),
    claim: (nameplate) => slotOf(inner.claim(nameplate)),
    listen: (key, handler) => inner.listen(key, alive(handler)),
    post: (mailbox, blob) => (dead() ? never : inner.post(mailbox, blob)),
    serverTime: () => inner.serverTime(),
    onState: (handler) => inner.onState(alive(handler)),
    close: () => inner.close(),
  }
}

const newDisk = (seed: number): Disk => ({
  records: new Map(),
  roster: new Set(),
  rosterId: new Uint8Array(16).fill(seed),
})

/** SHA-256 in counter mode: the same bytes in every run of a test. */
export function seededRandom(seed: string): Random {
  let counter = 0
  return {
    bytes(length) {
      const out = new Uint8Array(length)
      for (let at = 0; at < length; at += 32) {
        const block = pureSha256(new TextEncoder().encode(`${seed} ${counter++}`))
        out.set(block.subarray(0, Math.min(32, length - at)), at)
      }
      return out
    },
  }
}

/** Gathers a run's events as they come. */
export function watchRun(run: PairRun): {
  readonly events: PairRunEvent[]
  last(): PairRunEvent | undefined
  of<A extends PairRunEvent['at']>(at: A): Extract<PairRunEvent, { at: A }>
} {
  const events: PairRunEvent[] = []
  void (async () => {
    for await (const event of run.events) events.push(event)
  })()
  return {
    events,
    last: () => events.at(-1),
    of(at) {
      const found = events.find((event) => event.at === at)
      if (!found) throw new BatonError('not-found', `no ${at} among ${events.map((e) => e.at)}`)
      return found as never
    },
  }
}

/** Two devices that have paired by words and closed the link of it. */
export async function paired(world: World): Promise<readonly [Device, Device]> {
  const [alice, bob] = [world.device('alice', 1), world.device('bob', 2)]
  const inviting = watchRun(alice.pairing.invite({ qr: false, confirm: false }))
  await world.settle()
  const joining = watchRun(bob.pairing.join(inviting.of('code').code, { confirm: false }))
  await world.settle()
  for (const run of [inviting, joining]) await run.of('paired').link?.bound.channel.close('test')
  return [alice, bob]
}

export interface WatchedContact {
  readonly contact: Contact
  readonly links: BoundChannel[]
  readonly log: string[]
  readonly received: string[]
}

/** Opens the contact of a device's only pair record, and keeps what its hooks were told. */
export function contactOf(device: Device, link?: PairedLink): WatchedContact {
  const record = [...device.disk.records.values()].find((each) => each.at === 'paired')
  if (record?.at !== 'paired') throw new BatonError('not-paired', `${device.name} has no pair`)
  const links: BoundChannel[] = []
  const log: string[] = []
  const received: string[] = []
  const hooks = {
    connected(bound: BoundChannel) {
      links.push(bound)
      log.push('connected')
      bound.channel.receive((_lane, message) => {
        received.push(new TextDecoder().decode(message))
      })
    },
    disconnected: (reason: string) => void log.push(`disconnected: ${reason}`),
    trouble: ({ code }: { code: string }) => void log.push(`trouble: ${code}`),
  }
  return { contact: openContact(device.ports, record, hooks, link), links, log, received }
}
