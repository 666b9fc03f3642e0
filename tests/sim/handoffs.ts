/**
 * One simulated run of handing over: a few devices hand one session around, take it, answer and call
 * off, while links come and go, processes die at any write, disks go back to a backup and clocks run.
 * Then all is mended: exactly one device holds it, all show the same, and what was acknowledged is in
 * the history, or, after a takeover or a log that forked, beside it. The same seed gives the same run.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { Row } from '@baton/client/core/memory/store'
import type { HandoffTask } from '@baton/client/core/mesh-api'
import { handoffLifeMs } from '@baton/shared/limits'
import { type ChannelPair, createChannelPair } from '../support/channel-pair.ts'
import { createFaultyDisk, type FaultyDisk } from '../support/faulty-store.ts'
import { type HandoffPeer, openHandoffPeer } from '../support/handoff-peers.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { present } from './judge.ts'
import { judgeHandoffs } from './judge-handoffs.ts'
import { createBytes, createChance } from './random.ts'
import { lanes, sides } from './world.ts'

export interface HandoffReport {
  readonly seed: number
  readonly devices: number
  readonly acknowledged: number
  /** How often it changed hands, and of these without a word of its holder. */
  readonly transfers: number
  readonly takeovers: number
  readonly crashes: number
  /** Logs that the first device holds without their entries in the end. */
  readonly dropped: number
  readonly retracted: number
  readonly restores: number
  readonly forks: number
}

interface Device {
  readonly name: string
  readonly disk: FaultyDisk
  readonly clock: ManualClock
  peer: HandoffPeer | undefined
  backup: readonly Row[] | undefined
}

interface Link {
  readonly ends: readonly [number, number]
  readonly pair: ChannelPair
}

/** Throws a `Violation`, or whatever a device threw that it must not. */
export async function simulateHandoffs(seed: number, steps = 500): Promise<HandoffReport> {
  const chance = createChance(seed)
  const random = createBytes(seed)
  const count = 2 + chance.below(3)
  const forces = chance.percent(40)
  /** What came later draws for itself, so that older seeds stay the runs they were. */
  const last = createChance(seed ^ 0xc4ec)
  const sayAgain = last.percent(80)
  /** Disks go back to a backup, so that a device may not know what it signed over. */
  const again = createChance(seed ^ 0xbac4)
  const restoring = again.percent(35)
  let restores = 0
  const back: string[] = []
  const acknowledged: string[] = []
  const gone = new Set<string>()
  let said = 0
  let crashes = 0
  let links: Link[] = []
  const devices: Device[] = Array.from({ length: count }, (_, i) => ({
    name: `device ${i + 1}`,
    disk: createFaultyDisk(chance),
    clock: createManualClock(),
    peer: undefined,
    backup: undefined,
  }))

  async function start(at: number): Promise<HandoffPeer> {
    const device = devices[at] as Device
    const { disk, clock } = device
    const peer = await openHandoffPeer(at + 1, {
      ...{ store: await disk.open(), clock, random, checkpoints: sayAgain },
    })
    device.peer = peer
    return peer
  }

  function drop(which: (link: Link) => boolean): void {
    for (const link of links) if (which(link)) link.pair.cut()
    links = links.filter((link) => !which(link))
  }

  function crash(at: number): void {
    const device = devices[at] as Device
    device.peer?.handoffs.close()
    device.peer?.checkpoints?.close()
    device.peer?.forks.close()
    device.peer = undefined
    device.disk.crash()
    crashes += 1
    drop(({ ends }) => ends.includes(at))
  }

  async function connect(a: number, b: number): Promise<void> {
    const [one, other] = [devices[a]?.peer, devices[b]?.peer]
    if (!one || !other || a === b) return
    drop(({ ends }) => ends.includes(a) && ends.includes(b))
    const pair = createChannelPair()
    pair.alice.admit()
    pair.bob.admit()
    links.push({ ends: [a, b], pair })
    await Promise.all([one.join(pair.alice, other.self), other.join(pair.bob, one.self)])
  }

  const first = await start(0)
  const created = await first.documents.create('agent', { title: `run ${seed}` })
  const { session } = created
  for (let at = 1; at < count; at++) {
    await created.share((await start(at)).self, { write: true })
  }
  for (const { peer } of devices) if (chance.percent(60)) await peer?.handoffs.setPolicy('always')

  const follow = async (task: HandoffTask) => {
    const cancels = chance.percent(10)
    for await (const { at } of task.events) if (cancels && at === 'asking') task.cancel()
  }

  async function act(): Promise<void> {
    const at = chance.below(count)
    const { peer, clock } = devices[at] as Device
    const roll = chance.below(100)
    const link = links[chance.below(links.length || 1)]
    if (roll < 52) {
      for (let i = chance.below(12); link && i >= 0; i--) {
        link.pair.step(sides[chance.below(2) as 0 | 1], chance.pick(lanes))
      }
    } else if (roll < 60) await connect(at, chance.below(count))
    else if (roll < 62) drop(() => chance.percent(40))
    else if (roll < 65) {
      if (peer) crash(at)
    } else if (roll < 70) {
      if (!peer) await start(at)
    } else if (roll < 72) await clock.elapse(chance.below(40_000))
    else if (peer) useIt(peer, roll - 72)
  }

  function useIt(peer: HandoffPeer, roll: number): void {
    const { handoffs, documents } = peer
    const work = async () => {
      if (roll < 10) {
        said += 1
        const value = `${said}`
        await (await documents.open(session)).say(value, { id: value })
        acknowledged.push(value)
      } else if (roll < 17) {
        const to = (devices[chance.below(count)]?.peer ?? peer).self
        await follow(handoffs.hand(session, { to, kind: 'transfer' }))
      } else if (roll < 20) {
        const force = forces && chance.percent(30)
        await follow(handoffs.take(session, { kind: 'transfer', force }))
      } else if (roll < 22)
        await handoffs.setPolicy(chance.pick(['ask', 'always', 'always', 'never']))
      else if (roll < 26) {
        const [waits] = (await handoffs.list()).filter(({ waitsForUs }) => waitsForUs)
        if (waits) await handoffs.answer(waits.id, chance.percent(80))
      } else {
        const [open] = (await handoffs.list()).filter(({ state }) => state === 'accepted')
        if (open) await handoffs.cancel(open.id)
      }
    }
    work().catch(() => undefined)
  }

  /** Logs are said again and go, and words are taken back, whoever holds the session by now. */
  async function actAgain(): Promise<void> {
    const { peer } = last.pick(devices)
    if (!peer) return
    const roll = last.below(100)
    if (sayAgain && roll < 5) peer.checkpoints?.soon(session)
    else if (roll < 7) {
      const state = await peer.documents.state(session)
      const own = [...state.messages.values()].filter(({ write }) => write.device === peer.self)
      if (own.length === 0) return
      const { id } = last.pick(own)
      const document = await peer.documents.open(session)
      void document.retract(id).then(
        () => void back.push(id),
        () => undefined,
      )
    }
  }

  async function isBack(of: readonly Device[], id: string): Promise<boolean> {
    for (const { peer } of of) {
      const state = await peer?.documents.state(session).catch(() => undefined)
      if ((state?.messages.get(id) ?? state?.beside.messages.get(id))?.redacted) return true
    }
    return false
  }

  async function actOnBackups(): Promise<void> {
    const at = again.below(count)
    const device = devices[at] as Device
    const roll = again.below(100)
    if (roll < 2) device.backup = await device.disk.backup()
    else if (roll < 3 && device.backup) {
      crash(at)
      device.disk.restore(device.backup)
      restores += 1
      // What only this device had is gone with it.
      const others = devices.filter((each) => each !== device)
      const kept = await present(others, session)
      for (const value of acknowledged) if (!kept.has(value)) gone.add(value)
      for (const id of back.splice(0)) if (await isBack(others, id)) back.push(id)
      await start(at)
    }
  }

  async function quiet(): Promise<void> {
    for (let idle = 0; idle < 12; ) {
      let moved = 0
      for (const { pair } of links) {
        for (const side of sides) while (pair.step(side, chance.pick(lanes))) moved += 1
      }
      // What a device is looking at may have it say more.
      if (moved === 0) {
        for (const { peer } of devices) {
          await peer?.checkpoints?.settled()
          await peer?.forks.settled()
        }
      }
      idle = moved > 0 ? 0 : idle + 1
      await turn()
    }
  }

  async function mend(): Promise<void> {
    drop(() => true)
    for (const [at, device] of devices.entries()) {
      device.disk.fill(undefined)
      if (!device.peer) await start(at)
    }
    for (let a = 0; a < count; a++) for (let b = a + 1; b < count; b++) await connect(a, b)
    await quiet()
    // What nobody answers is over then.
    for (let wait = 0; wait < 3; wait++) {
      for (const { clock } of devices) await clock.elapse(handoffLifeMs / 2 + 1)
      await quiet()
    }
  }

  for (let step = 0; step < steps; step++) {
    await act()
    await actAgain()
    if (restoring) await actOnBackups()
    if (chance.percent(60)) await turn()
  }
  await mend()
  const tally = { acknowledged, back, gone }
  const { tenures, forks } = await judgeHandoffs(devices, session, tally, {
    ...{ forces, restored: restores > 0, mend },
  })
  const takeovers = tenures.filter(({ by }) => by?.how === 'takeover').length
  for (const { peer } of devices) {
    peer?.handoffs.close()
    peer?.checkpoints?.close()
    peer?.forks.close()
  }
  const { repository } = (devices[0] as Device).peer as HandoffPeer
  const dropped = repository.heads(session).filter(({ log }) => repository.dropped(log)).length
  return {
    ...{ seed, devices: count, acknowledged: acknowledged.length, crashes, dropped },
    ...{ retracted: back.length, restores, forks },
    ...{ transfers: tenures.length - 1 - takeovers, takeovers },
  }
}
