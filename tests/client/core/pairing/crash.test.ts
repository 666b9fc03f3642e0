/** Either device dies, or the service cuts the line, at every step: both end paired, or both not. */
import type { PairMemoryRecord, PairRecord } from '@baton/client/core/pairing/memory'
import { toHex } from '@baton/shared/bytes'
import { pendingLifeMs } from '@baton/shared/limits'
import { describe, expect, it } from 'vitest'
import { invite, two } from '../../../support/pair-steps.ts'
import { createWorld, type Device, type World, watchRun } from '../../../support/pair-world.ts'

const isPaired = (record: PairMemoryRecord): record is PairRecord => record.at === 'paired'

/** The root this device would use for the other one, if it holds it for paired. */
function rootOf(device: Device, other: Device): string | undefined {
  const record = [...device.disk.records.values()].find(isPaired)
  const known = device.disk.roster.has(toHex(other.keyring.device))
  expect(record !== undefined, `${device.name}: record and roster agree`).toBe(known)
  return record && toHex(record.root)
}

async function start(world: World, alice: Device, bob: Device, confirm = false) {
  const inviting = await invite(world, alice, { confirm })
  const run = bob.pairing.join(inviting.code, { confirm })
  watchRun(run)
  await world.settle()
  if (confirm) {
    for (const each of [inviting.run, run]) each.answer(true)
    await world.settle()
  }
}

/** A new process on the disk of a dead one, which takes up what it finds. */
async function reborn(world: World, device: Device, seed: number): Promise<Device> {
  device.kill()
  const again = world.device(device.name, seed, device.disk)
  await again.pairing.resume()
  await world.settle()
  return again
}

/** How many writes each role makes in an honest run. */
const writes = { plain: { alice: 3, bob: 4 }, confirm: { alice: 3, bob: 5 } }

it.each(['plain', 'confirm'] as const)(
  'P10 an honest %s run writes as often as is tested',
  async (kind) => {
    const world = createWorld()
    const [alice, bob] = two(world)
    await start(world, alice, bob, kind === 'confirm')
    expect({ alice: alice.writes(), bob: bob.writes() }).toEqual(writes[kind])
    expect(rootOf(alice, bob)).toBe(rootOf(bob, alice))
  },
)

describe.each(['plain', 'confirm'] as const)('%s', (kind) => {
  const deaths = (['alice', 'bob'] as const).flatMap((who) =>
    Array.from({ length: writes[kind][who] }, (_, at) => at + 1).flatMap((write) => [
      [who, write, 'before'] as const,
      [who, write, 'after'] as const,
    ]),
  )

  it.each(deaths)('P10 %s dies at write %i, %s it', async (who, write, when) => {
    const world = createWorld()
    const [alice, bob] = two(world)
    const dying = who === 'alice' ? alice : bob
    dying.dieAt(write, when === 'after')
    await start(world, alice, bob, kind === 'confirm')
    await world.clock.elapse(30_000)
    const devices = [
      who === 'alice' ? await reborn(world, alice, 1) : alice,
      who === 'bob' ? await reborn(world, bob, 2) : bob,
    ] as const
    await world.clock.elapse(120_000)
    await world.settle()
    expect(rootOf(devices[0], devices[1])).toBe(rootOf(devices[1], devices[0]))
  })
})

it.each(Array.from({ length: 10 }, (_, at) => at))(
  'P10 the service passes %i blobs of the slot and no more',
  async (passed) => {
    let left = passed
    const world = createWorld({
      intercept: ({ blob }) => {
        left -= 1
        return left < 0 ? [] : [blob]
      },
    })
    const [alice, bob] = two(world)
    await start(world, alice, bob)
    await world.clock.elapse(120_000)
    await world.settle()
    const roots = [rootOf(alice, bob), rootOf(bob, alice)]
    expect(roots[0]).toBe(roots[1])
    expect(roots[0] === undefined).toBe(passed < 3)
  },
)

it('P10 both die after the commit, and find each other’s verdict', async () => {
  const world = createWorld({ intercept: ({ blob }) => (blob[1] === 5 ? [] : [blob]) })
  const [alice, bob] = two(world)
  await start(world, alice, bob)
  const again = await reborn(world, bob, 2)
  const other = await reborn(world, alice, 1)
  await world.clock.elapse(120_000)
  await world.settle()
  expect(rootOf(other, again)).toBeDefined()
  expect(rootOf(other, again)).toBe(rootOf(again, other))
  expect(again.recovered.map(({ name }) => name)).toEqual(['alice'])
})

it('P9 an answer without the inviter’s signature is none', async () => {
  const world = createWorld({ intercept: ({ blob }) => (blob[1] === 5 ? [] : [blob]) })
  const [alice, bob] = two(world)
  bob.dieAt(2, false)
  await start(world, alice, bob)
  for (const [id, record] of alice.disk.records) {
    if (record.at !== 'paired' || !record.answer) continue
    const answer = { ...record.answer, signature: new Uint8Array(64) }
    alice.disk.records.set(id, { ...record, answer })
  }
  const other = await reborn(world, alice, 1)
  const again = await reborn(world, bob, 2)
  await world.clock.elapse(60_000)
  expect(again.recovered).toEqual([])
  expect(rootOf(other, again)).toBeDefined()
  expect(rootOf(again, other)).toBeUndefined()
})

it('P9 a joiner that nobody answers forgets after a day', async () => {
  const world = createWorld({
    intercept: ({ from, blob }) => (from === 'joiner' && blob[1] === 3 ? [] : [blob]),
  })
  const [alice, bob] = two(world)
  await start(world, alice, bob)
  await world.clock.elapse(60_000)
  expect([...bob.disk.records.values()].map(({ at }) => at)).toEqual(['pending'])
  const again = await reborn(world, bob, 2)
  world.clock.sleep(pendingLifeMs)
  await world.clock.elapse(31 * 60_000)
  expect(again.disk.records.size).toBe(0)
  expect(world.clock.pending).toBe(0)
})

it('P9 at most 16 runs are kept, the oldest go', async () => {
  const world = createWorld({
    intercept: ({ from, blob }) => (from === 'joiner' && blob[1] === 3 ? [] : [blob]),
  })
  const [alice, bob] = two(world)
  for (let i = 0; i < 18; i++) {
    await start(world, alice, bob)
    await world.clock.elapse(25_000)
  }
  expect(bob.disk.records.size).toBe(16)
})

it('P18 devices that pair again have one root, the new one', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  await start(world, alice, bob)
  const first = rootOf(alice, bob)
  await start(world, bob, alice)
  expect([alice.disk.records.size, bob.disk.records.size]).toEqual([1, 1])
  expect(rootOf(alice, bob)).not.toBe(first)
  expect(rootOf(alice, bob)).toBe(rootOf(bob, alice))
})

it.each([1, 2, 3, 4])(
  'P18 a second pairing that is cut at blob %i leaves one root too',
  async (at) => {
    let left = Number.POSITIVE_INFINITY
    const world = createWorld({
      intercept: ({ blob }) => {
        left -= 1
        return left < 0 ? [] : [blob]
      },
    })
    const [alice, bob] = two(world)
    await start(world, alice, bob)
    left = at
    await start(world, alice, bob)
    await world.clock.elapse(120_000)
    await world.settle()
    expect(rootOf(alice, bob)).toBeDefined()
    expect(rootOf(alice, bob)).toBe(rootOf(bob, alice))
  },
)
