/**
 * The devices of a simulated run and what is between them: links that come and go, processes that die,
 * stores that go back to a backup, are copied while their device lives on, or are taken by another
 * process. It knows nothing of what is written.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { Row } from '@baton/client/core/memory/store'
import { toHex } from '@baton/shared/bytes'
import { logId } from '@baton/shared/ids'
import { type ChannelPair, createChannelPair } from '../support/channel-pair.ts'
import { createMemoryKeyring } from '../support/memory-keyring.ts'
import { createDevice, type SimDevice } from './device.ts'
import { type History, Violation } from './history.ts'
import { type Chance, createBytes } from './random.ts'

export interface Link {
  readonly ends: readonly [number, number]
  readonly pair: ChannelPair
  /** Carries to this end only. */
  oneWay: 0 | 1 | undefined
}

export const sides = ['alice', 'bob'] as const
export const lanes = ['live', 'bulk'] as const

/** More copies than that in one run teach nothing new. */
const maxCopies = 2

export type World = ReturnType<typeof createWorld>

/** "hd\0" || log(56) || seq(8) || hash(32): what a device signs of its logs. */
const headBytes = 3 + 56 + 8 + 32

export function createWorld(
  seed: number,
  count: number,
  chance: Chance,
  history: History,
  checkpoints: boolean,
) {
  const random = createBytes(seed)
  const faults: unknown[] = []
  const tell = { acknowledged: 0, crashes: 0, restores: 0, clones: 0, tabs: 0, delivered: 0 }
  const backups = new Map<SimDevice, { rows: readonly Row[]; step: number }>()
  let processes = 0
  let links: Link[] = []

  const noted = (run: () => void) => {
    try {
      run()
    } catch (violation) {
      faults.push(violation)
    }
  }

  const ports = {
    chance,
    random,
    checkpoints,
    process: () => (processes += 1),
    /** Everything that is ever signed, sent or not. */
    keyring(of: number) {
      const inner = createMemoryKeyring(of)
      return {
        ...inner,
        sign(message: Uint8Array) {
          if (message.length === headBytes && message[2] === 0) {
            const seq = Number(new DataView(message.buffer, message.byteOffset).getBigUint64(59))
            noted(() => history.signed(logId(message.slice(3, 59)), seq, toHex(message.slice(67))))
          }
          return inner.sign(message)
        },
      }
    },
    started(peer: { repository: SimPeer['repository'] }) {
      peer.repository.onEntries((log, entries, hashes) =>
        noted(() => history.stored(peer, log, entries, hashes)),
      )
    },
  }
  const devices = Array.from({ length: count }, (_, i) =>
    createDevice(`device ${i + 1}`, i + 1, ports),
  )

  /** Copies of one device share a key: the other side has a link with one of them. */
  const joins = ({ ends: [a, b] }: Link, one: number, other: number) => {
    const [x, y] = [devices[one]?.seed, devices[other]?.seed]
    const [p, q] = [devices[a]?.seed, devices[b]?.seed]
    return (p === x && q === y) || (p === y && q === x)
  }

  function drop(which: (link: Link) => boolean): void {
    for (const link of links) if (which(link)) link.pair.cut()
    links = links.filter((link) => !which(link))
  }

  async function connect(one: number, other: number): Promise<void> {
    const [a, b] = [devices[one], devices[other]]
    if (!a?.peer || !b?.peer || a.seed === b.seed) return
    drop((link) => joins(link, one, other))
    const pair = createChannelPair()
    pair.alice.admit()
    pair.bob.admit()
    links.push({ ends: [one, other], pair, oneWay: undefined })
    await Promise.all([
      a.peer.join(pair.alice, b.peer.device),
      b.peer.join(pair.bob, a.peer.device),
    ])
  }

  function crash(index: number): void {
    devices[index]?.crash()
    tell.crashes += 1
    drop(({ ends }) => ends.includes(index))
  }

  /** Copies what is on disk; both go on from there and draw the same at first. */
  async function clone(index: number): Promise<readonly [number, number] | undefined> {
    const original = devices[index]
    if (!original?.peer || tell.clones >= maxCopies) return undefined
    history.cloned.add(original.peer.device)
    crash(index)
    const rows = await original.disk.backup()
    const copy = createDevice(
      `copy ${tell.clones + 1} of ${original.name}`,
      original.seed,
      ports,
      original.clock.now(),
    )
    tell.clones += 1
    const at = devices.push(copy) - 1
    for (const device of [original, copy]) {
      device.disk.restore(rows)
      device.disk.fill(undefined)
      await device.start(createBytes(seed * 1000 + tell.clones))
    }
    return [index, at]
  }

  /** Another process takes the store of one that goes on, and does not know. */
  async function tab(index: number): Promise<void> {
    const device = devices[index]
    if (!device?.peer || device.stale.length > 1) return
    device.stale.push(device.peer)
    tell.tabs += 1
    await device.start()
  }

  /** Delivers until nothing is on its way; how much there was. */
  async function quiet(): Promise<number> {
    let delivered = 0
    for (let idle = 0; idle < 12; ) {
      let moved = 0
      for (const { pair } of links) {
        for (const side of sides) while (pair.step(side, chance.pick(lanes))) moved += 1
      }
      delivered += moved
      // What a device is looking at may have it say more.
      if (moved === 0) for (const { peer } of devices) await peer?.checkpoints?.settled()
      idle = moved > 0 ? 0 : idle + 1
      if (delivered > 200_000) throw new Violation('they talk without end')
      await turn()
    }
    tell.delivered += delivered
    return delivered
  }

  /** Links one copy of each device with all others until all is quiet. */
  async function round(which: number): Promise<void> {
    drop(() => true)
    let rest = which
    // Each copy of one device meets each copy of another.
    const shown = copies().map((all) => {
      const at = all[rest % all.length] as number
      rest = Math.floor(rest / all.length)
      return at
    })
    for (const [i, one] of shown.entries()) {
      for (const other of shown.slice(i + 1)) await connect(one, other)
    }
    // Devices whose disk was full look again after half a minute.
    for (let wait = 0; wait < 4; wait++) {
      await quiet()
      for (const { clock } of devices) await clock.elapse(31_000)
    }
    await quiet()
    const said = await quiet()
    if (said > 0) throw new Violation(`they do not fall silent: ${said} more messages`)
    if (links.length < (shown.length * (shown.length - 1)) / 2) {
      throw new Violation('a link ended by itself')
    }
  }

  /** Indexes of the devices that share a key. */
  const copies = (): number[][] => {
    const groups = new Map<number, number[]>()
    for (const [i, { seed: of }] of devices.entries()) {
      groups.set(of, [...(groups.get(of) ?? []), i])
    }
    return [...groups.values()]
  }

  async function mend(): Promise<void> {
    drop(() => true)
    for (const device of devices) {
      device.disk.fill(undefined)
      device.stale.length = 0
      if (!device.peer) await device.start()
    }
    for (let i = 0; i < 4; i++) await turn()
    // Copies cannot meet: what one knows the others hear of a third, and each says again what it holds.
    const meetings = copies().reduce((product, all) => product * all.length, 1)
    const least = meetings > 1 ? 3 * meetings : 1
    for (let i = 0; i < least || (i < 3 * least && !areSame()); i++) await round(i)
  }

  function areSame(): boolean {
    const held = devices.map(({ peer }) => {
      const { repository } = peer as SimPeer
      return repository.sessions().map((session) => toHex(repository.frontier(session)))
    })
    return new Set(held.map(String)).size === 1
  }

  return {
    devices,
    backups,
    faults,
    tell,
    links: () => links,
    connect,
    drop,
    crash,
    clone,
    tab,
    mend,
  }
}

type SimPeer = NonNullable<SimDevice['peer']>
