/**
 * One simulated run: a handful of devices change one document while links come and go, carry one way
 * only or not at all, processes die at any write, disks fill, stall and go back to a backup, and
 * clocks are off by hours. Then all is mended, and everyone has to hold the same, nothing acknowledged
 * may be gone, and everybody has to fall silent. The same seed gives the same run.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { readHeld } from '@baton/client/core/documents/bodies'
import type { Row } from '@baton/client/core/memory/store'
import { entriesOf } from '@baton/client/core/repo/rows'
import { toHex } from '@baton/shared/bytes'
import { conflicts } from '@baton/shared/conflict/conflicts'
import { policyPath } from '@baton/shared/conflict/strategy'
import type { SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { parseDocumentEntry } from '@baton/shared/model/document-entries'
import { type ChannelPair, createChannelPair } from '../support/channel-pair.ts'
import type { TestPeer } from '../support/peer.ts'
import { createDevice, type SimDevice } from './device.ts'
import { createHistory, lost, Violation } from './history.ts'
import { createBytes, createChance, noise } from './random.ts'

export interface SimReport {
  readonly seed: number
  readonly devices: number
  readonly acknowledged: number
  readonly crashes: number
  readonly restores: number
  readonly delivered: number
}

export interface SimOptions {
  /** Actions before all is mended; default 400. */
  readonly steps?: number
}

interface Link {
  readonly ends: readonly [number, number]
  readonly pair: ChannelPair
  /** Carries to this end only. */
  oneWay: 0 | 1 | undefined
}

const sides = ['alice', 'bob'] as const
const lanes = ['live', 'bulk'] as const
/** Some values are long: runs of entries that are packed, and blobs. */
const maxFillChars = 50_000

/** Throws a `Violation`, or whatever a device threw that it must not. */
export async function simulate(seed: number, { steps = 400 }: SimOptions = {}): Promise<SimReport> {
  const chance = createChance(seed)
  const random = createBytes(seed)
  const history = createHistory()
  const faults: unknown[] = []
  const count = 2 + chance.below(chance.percent(20) ? 7 : 3)
  const tell = { acknowledged: 0, crashes: 0, restores: 0, delivered: 0 }
  const devices = Array.from({ length: count }, (_, i) =>
    createDevice(i, chance, random, (peer) => {
      peer.repository.onEntries((log, entries, hashes) => {
        for (const [at, { seq }] of entries.entries()) {
          try {
            history.signed(log, seq, hashes.slice(at * 32, at * 32 + 32))
          } catch (violation) {
            faults.push(violation)
          }
        }
      })
    }),
  )
  let links: Link[] = []
  const backups = new Map<SimDevice, { rows: readonly Row[]; step: number }>()
  let step = 0
  let values = 0

  const first = devices[0] as SimDevice
  const author = await first.start()
  const created = await author.documents.create('agent', { title: `run ${seed}` })
  const { session } = created
  await created.set(
    policyPath('strategy'),
    chance.pick(['merge', 'timestamp', 'manual', 'user_choice']),
  )
  for (const device of devices.slice(1)) {
    await device.start()
    await created.share((device.peer as TestPeer).device, { write: true })
  }

  const settle = async () => {
    for (let i = 0; i < 4; i++) await turn()
  }

  async function connect(one: number, other: number): Promise<void> {
    const [a, b] = [devices[one], devices[other]]
    if (!a?.peer || !b?.peer) return
    drop(({ ends }) => ends.includes(one) && ends.includes(other))
    const pair = createChannelPair()
    pair.alice.admit()
    pair.bob.admit()
    links.push({ ends: [one, other], pair, oneWay: undefined })
    await Promise.all([
      a.peer.join(pair.alice, b.peer.device),
      b.peer.join(pair.bob, a.peer.device),
    ])
  }

  function drop(which: (link: Link) => boolean): void {
    for (const link of links) if (which(link)) link.pair.cut()
    links = links.filter((link) => !which(link))
  }

  function crash(index: number): void {
    devices[index]?.crash()
    tell.crashes += 1
    drop(({ ends }) => ends.includes(index))
  }

  function change(device: SimDevice): void {
    const at = step
    values += 1
    const value = `value ${values} of ${device.name}`
    const acknowledged = () => {
      history.acknowledged.push({ value, device: device.name, step: at })
      tell.acknowledged += 1
    }
    const path = ['config', chance.pick(['a', 'b', 'c'])]
    const fill = chance.percent(12) ? noise(chance, chance.below(maxFillChars)) : undefined
    const said = fill === undefined ? value : [value, fill]
    const what = chance.below(10)
    const run = async () => {
      const document = await device.document(session)
      if (!document) return
      const held = { at: 'value', value: said } as const
      if (what < 5) await document.set(path, said)
      else if (what < 7) await document.say(said, { id: value })
      else if (what === 7)
        await document.change([{ kind: 'row', collection: 'tabs', key: value, held }])
      else if (what === 8) {
        const [open] = await document.conflicts()
        if (!open) return
        await document.resolve(open.id, { by: 'side', side: 0 })
        return
      } else await document.change([{ kind: 'tool', call: value, status: 'ok', held }])
      acknowledged()
    }
    run().catch(() => undefined)
  }

  async function restore(index: number): Promise<void> {
    const device = devices[index] as SimDevice
    const backup = backups.get(device)
    if (!backup) return
    if (device.peer) crash(index)
    const kept = await present(devices.filter((each) => each !== device))
    for (const { value, device: by, step: at } of history.acknowledged) {
      if (by === device.name && at >= backup.step && !kept.has(value)) history.excused.add(value)
      // What only this device had got from others counts as gone with it, too.
      else if (!kept.has(value)) history.excused.add(value)
    }
    device.disk.restore(backup.rows)
    tell.restores += 1
    await device.start()
  }

  /** Values that running devices hold on disk. */
  async function present(of: readonly SimDevice[]): Promise<Set<string>> {
    const found = new Set<string>()
    for (const { peer } of of) {
      if (!peer) continue
      for (const { log } of peer.repository.heads(session)) {
        const durable = peer.repository.durable(log)
        for await (const delta of peer.repository.read(log, 0)) {
          for (const { seq, entry } of entriesOf(delta)) {
            if (seq > durable || !entry || entry.kind === kinds.genesis) continue
            const held = parseDocumentEntry(entry.kind, entry.payload)?.held
            const value = held && (await readHeld(peer.repository, held))
            const name = Array.isArray(value) ? value[0] : value
            if (typeof name === 'string') found.add(name)
          }
        }
      }
    }
    return found
  }

  async function act(): Promise<void> {
    const index = chance.below(count)
    const device = devices[index] as SimDevice
    const roll = chance.below(100)
    if (roll < 22) {
      if (device.peer) change(device)
    } else if (roll < 62) {
      const link = links[chance.below(links.length)]
      if (!link) return
      const to = link.oneWay ?? (chance.below(2) as 0 | 1)
      for (let i = chance.below(6); i >= 0; i--) {
        // A lane keeps its order, and none waits for another.
        if (link.pair.step(sides[to], chance.pick(lanes))) tell.delivered += 1
      }
    } else if (roll < 76) await connect(index, (index + 1 + chance.below(count - 1)) % count)
    else if (roll < 80) drop(() => chance.percent(40))
    else if (roll < 83) {
      const link = links[chance.below(links.length)]
      if (link) link.oneWay = chance.percent(50) ? undefined : (chance.below(2) as 0 | 1)
    } else if (roll < 87) {
      if (device.peer) crash(index)
    } else if (roll < 91) {
      if (!device.peer) await device.start()
    } else if (roll < 93) device.disk.fill(chance.percent(60) ? chance.below(4) : undefined)
    else if (roll < 94) device.clock.sleep((chance() - 0.3) * 7_200_000)
    else if (roll < 96) await device.clock.elapse(chance.below(40_000))
    else if (roll < 98) {
      if (device.peer) void device.document(session)
    } else if (roll === 98) {
      backups.set(device, { rows: await device.disk.backup(), step })
    } else if (backups.has(device)) await restore(index)
  }

  for (; step < steps; step++) {
    await act()
    if (chance.percent(50)) await turn()
    if (faults.length > 0) throw faults[0]
  }
  await mend()
  await judge()
  return { seed, devices: count, ...tell }

  async function mend(): Promise<void> {
    drop(() => true)
    for (const device of devices) {
      device.disk.fill(undefined)
      if (!device.peer) await device.start()
    }
    await settle()
    for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) await connect(i, j)
    // Devices whose disk was full look again after half a minute.
    for (let round = 0; round < 4; round++) {
      await quiet()
      for (const { clock } of devices) await clock.elapse(31_000)
    }
    await quiet()
    const said = await quiet()
    if (said > 0) throw new Violation(`they do not fall silent: ${said} more messages`)
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
      idle = moved > 0 ? 0 : idle + 1
      if (delivered > 200_000) throw new Violation('they talk without end')
      await turn()
    }
    tell.delivered += delivered
    return delivered
  }

  async function judge(): Promise<void> {
    if (faults.length > 0) throw faults[0]
    if (links.length < (count * (count - 1)) / 2) throw new Violation('a link ended by itself')
    const facts = await Promise.all(devices.map(({ peer }) => factsOf(peer as TestPeer, session)))
    for (const [i, each] of facts.entries()) {
      for (const key of ['frontier', 'digest', 'conflicts', 'waiting'] as const) {
        if (each[key] === facts[0]?.[key]) continue
        throw new Violation(`${devices[i]?.name} and ${first.name} differ in ${key}`)
      }
    }
    const gone = lost(history, await present([first]))
    if (gone.length > 0) throw new Violation(`acknowledged and lost: ${JSON.stringify(gone[0])}`)
    // A fold made anew says the same as the one that came along.
    const anew = await anewDigest(first)
    if (anew !== facts[0]?.digest) throw new Violation('a fold made anew differs')
  }

  async function anewDigest(device: SimDevice): Promise<string | undefined> {
    drop(() => true)
    await (device.peer as TestPeer).repository.flush()
    device.crash()
    return (await factsOf(await device.start(), session)).digest
  }
}

async function factsOf(peer: TestPeer, session: SessionId) {
  const state = await peer.documents.state(session)
  const document = await peer.documents.open(session)
  return {
    frontier: toHex(peer.repository.frontier(session)),
    digest: await document.digest(),
    conflicts: JSON.stringify(conflicts(state)),
    waiting: state.waiting.list().length,
  }
}
