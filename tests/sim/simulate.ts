/**
 * One simulated run: a handful of devices change one document while links come and go, carry one way
 * only or not at all, processes die at any write, disks fill, stall and go back to a backup, clocks
 * are off by hours, and in some runs devices are copied and stores are taken. Then all is mended, and
 * everyone has to hold the same, nothing acknowledged may be gone, and everybody has to fall silent.
 * The same seed gives the same run.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { Document } from '@baton/client/core/mesh-api'
import { policyPath } from '@baton/shared/conflict/strategy'
import { heldOf } from '@baton/shared/model/changes'
import type { TestPeer } from '../support/peer.ts'
import { createAheadWatch } from './ahead.ts'
import type { SimDevice } from './device.ts'
import { createHistory } from './history.ts'
import { judge, look, present } from './judge.ts'
import { type Chance, createChance, noise } from './random.ts'
import { createRetracting } from './retracting.ts'
import { createWorld, lanes, sides } from './world.ts'

export interface SimReport {
  readonly seed: number
  readonly devices: number
  readonly acknowledged: number
  readonly crashes: number
  readonly restores: number
  readonly clones: number
  readonly tabs: number
  readonly forks: number
  readonly delivered: number
  /** Logs that the first device holds without their entries in the end. */
  readonly dropped: number
  /** Looks at a message of which more was shown than was signed. */
  readonly ahead: number
  readonly retracted: number
}

export interface SimOptions {
  /** Actions before all is mended; default 400. */
  readonly steps?: number
  /** Devices make their logs smaller, in four of five runs; default true. Older seeds go without. */
  readonly checkpoints?: boolean
}

/** Throws a `Violation`, or whatever a device threw that it must not. */
export async function simulate(
  seed: number,
  { steps = 400, checkpoints = true }: SimOptions = {},
): Promise<SimReport> {
  const chance = createChance(seed)
  /** What came later draws for itself, so that older seeds stay the runs they were. */
  const more = createChance(seed ^ 0x5eed5)
  const [clones, tabs] = [more.percent(40), more.percent(30)]
  const latest = createChance(seed ^ 0x57ea5)
  const streams = latest.percent(40)
  /** Logs are said again and go. */
  const last = createChance(seed ^ 0xc4ec)
  const sayAgain = checkpoints && last.percent(80)
  const watching = createAheadWatch(seed)
  const history = createHistory()
  const retracting = createRetracting(seed, history)
  const count = 2 + chance.below(chance.percent(20) ? 7 : 3)
  const world = createWorld(seed, count, chance, history, sayAgain)
  const { devices, tell } = world
  let step = 0
  let values = 0

  const first = devices[0] as SimDevice
  const author = await first.start()
  const created = await author.documents.create('agent', { title: `run ${seed}`, open: true })
  const { session } = created
  await created.set(
    policyPath('strategy'),
    chance.pick(['merge', 'timestamp', 'manual', 'user_choice']),
  )
  for (const device of devices.slice(1)) {
    await device.start()
    await created.share((device.peer as TestPeer).device, { write: true })
  }

  function name(device: SimDevice): string {
    values += 1
    const value = `value ${values} of ${device.name}`
    history.written.add(value)
    return value
  }

  function note(
    device: SimDevice,
    process: number,
    begun: number,
    value: string,
    large = false,
  ): void {
    history.acknowledged.push({ value, device: device.name, process, begun, step, large })
    tell.acknowledged += 1
  }

  function change(device: SimDevice): void {
    const { process } = device
    const begun = step
    const value = name(device)
    const path = ['config', chance.pick(['a', 'b', 'c'])]
    // Some values are long: runs of entries that are packed, and blobs.
    const fill = chance.percent(12) ? noise(chance, chance.below(50_000)) : undefined
    const said = fill === undefined ? value : [value, fill]
    const what = chance.below(10)
    const run = async () => {
      const document = await device.document(session)
      if (!document) return
      const held = heldOf(said)
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
      note(device, process, begun, value, sayAgain && what < 5 && fill !== undefined)
    }
    run().catch(() => undefined)
  }

  /** Two things at once, or one by a process whose store was taken: that one must not be told yes. */
  function changeMore(device: SimDevice): void {
    const begun = step
    const stale = device.stale.at(-1)
    const process = stale ? -1 : device.process
    const [one, other] = [name(device), name(device)]
    const run = async () => {
      const document: Document | undefined = stale
        ? await stale.documents.open(session)
        : await device.document(session)
      await document?.change([
        { kind: 'row', collection: 'tabs', key: one, held: heldOf(one) },
        { kind: 'tool', call: other, status: 'ok', held: heldOf(other) },
      ])
      if (!document) return
      note(device, process, begun, one)
      note(device, process, begun, other)
    }
    history.pairs.push([one, other])
    run().catch(() => undefined)
  }

  /** A message bit by bit: what was flushed of it is told to be written. Some are never ended. */
  function stream(device: SimDevice): void {
    const { process } = device
    const id = name(device)
    const bits = Array.from({ length: latest.below(6) }, () => name(device))
    const ends = latest.percent(60)
    retracting.says(id, bits)
    const run = async () => {
      const document = await device.document(session)
      const writer = await document?.stream({ role: 'assistant' }, { id })
      for (const value of bits) {
        const begun = step
        watching.says(id, value)
        await writer?.write(value)
        await writer?.flush()
        if (writer) note(device, process, begun, value)
      }
      // It stands there unsigned until the second is over, or the process.
      if (writer && watching.goesOn()) {
        watching.says(id, ` and on from ${id}`)
        await writer.write(` and on from ${id}`)
        for (let n = 0; n < 6; n++) await turn()
      }
      if (ends) await writer?.end()
    }
    run().catch(() => undefined)
  }

  async function restore(index: number): Promise<void> {
    const device = devices[index] as SimDevice
    const backup = world.backups.get(device)
    if (!backup) return
    if (device.peer) world.crash(index)
    const kept = await present(
      devices.filter((each) => each !== device),
      session,
    )
    // What only this device had, of its own or got from others, is gone with it.
    for (const { value } of history.acknowledged) if (!kept.has(value)) history.excused.add(value)
    await retracting.forget(
      devices.filter((each) => each !== device),
      session,
    )
    device.disk.restore(backup.rows)
    tell.restores += 1
    await device.start()
  }

  async function act(): Promise<void> {
    const index = chance.below(count)
    const device = devices[index] as SimDevice
    const roll = chance.below(100)
    const links = world.links()
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
    } else if (roll < 76) {
      await world.connect(index, (index + 1 + chance.below(count - 1)) % count)
    } else if (roll < 80) world.drop(() => chance.percent(40))
    else if (roll < 83) {
      const link = links[chance.below(links.length)]
      if (link) link.oneWay = chance.percent(50) ? undefined : (chance.below(2) as 0 | 1)
    } else if (roll < 87) {
      if (device.peer) world.crash(index)
    } else if (roll < 91) {
      if (!device.peer) await device.start()
    } else if (roll < 93) device.disk.fill(chance.percent(60) ? chance.below(4) : undefined)
    else if (roll < 94) device.clock.sleep((chance() - 0.3) * 7_200_000)
    else if (roll < 96) await device.clock.elapse(chance.below(40_000))
    else if (roll < 98) {
      if (device.peer) void device.document(session)
    } else if (roll === 98) {
      world.backups.set(device, { rows: await device.disk.backup(), step })
    } else if (world.backups.has(device)) await restore(index)
  }

  async function actMore(): Promise<void> {
    const index = more.below(devices.length)
    const device = devices[index] as SimDevice
    const roll = more.below(100)
    if (roll < 6) {
      const seen = await look(device, session, step)
      if (seen) history.looks.push(seen)
    } else if (roll < 8) {
      if (device.peer) changeMore(device)
    } else if (roll === 8 && clones) await clone(index)
    else if (roll === 9 && tabs) await world.tab(index)
    // The copies that others do not know of.
    else if (roll < 20 && index >= count) await actCopy(index, more)
  }

  async function actCopy(index: number, { below, percent }: Chance): Promise<void> {
    const device = devices[index] as SimDevice
    if (!device.peer) await device.start()
    else if (percent(10)) world.crash(index)
    else if (percent(50)) await world.connect(index, below(count))
    else change(device)
  }

  /** At first both copies do the same: what they write then is one, down to the last byte. */
  async function clone(index: number): Promise<void> {
    const pair = await world.clone(index)
    if (!pair) return
    for (let same = more.below(4); same > 0; same--) {
      const begun = step
      const value = name(devices[index] as SimDevice)
      const path = ['config', more.pick(['a', 'b', 'c'])]
      for (const at of pair) {
        const device = devices[at] as SimDevice
        const document = await device.document(session)
        await document?.set(path, value).then(
          () => note(device, device.process, begun, value),
          () => undefined,
        )
      }
    }
  }

  for (; step < steps; step++) {
    await act()
    await actMore()
    if (streams && latest.percent(4)) {
      const device = latest.pick(devices)
      if (device.peer) stream(device)
    }
    if (streams) await watching.look(devices, session, world.faults)
    await retracting.act(devices, session)
    if (sayAgain && last.percent(4)) last.pick(devices).peer?.checkpoints?.soon(session)
    if (chance.percent(50)) await turn()
    if (world.faults.length > 0) throw world.faults[0]
  }
  await world.mend()
  if (streams) {
    // Who opens a document says of what an earlier process of it left open that it is over.
    for (const device of devices) await device.document(session)
    await world.mend()
  }
  const forks = first.peer?.repository.forks.all().length ?? 0
  const { repository } = first.peer as TestPeer
  const dropped = repository.heads(session).filter(({ log }) => repository.dropped(log)).length
  await judge(world, history, session, sayAgain)
  await retracting.judge(devices, session)
  const seen = { ahead: watching.seen(), retracted: retracting.count() }
  return { seed, devices: devices.length, ...tell, forks, dropped, ...seen }
}
