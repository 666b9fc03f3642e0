/** Pairing in the fake world: guests, no path, names, and what is told to whom. */
import { expect, it } from 'vitest'
import { endOf, invite, join, two } from '../../../support/pair-steps.ts'
import { createWorld } from '../../../support/pair-world.ts'

it('P12 a guest is on nobody’s disk, and has a link', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice, { guest: true })
  const joining = await join(world, bob, inviting.code)
  for (const { seen } of [inviting, joining]) {
    expect(seen.of('paired').peer.guest).toBe(true)
    expect(seen.of('paired').link).toBeDefined()
  }
  for (const { disk } of [alice, bob]) expect([disk.records.size, disk.roster.size]).toEqual([0, 0])
})

it('P13 devices with no path to each other are paired all the same', async () => {
  const world = createWorld()
  world.network.reachable = false
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  const joining = await join(world, bob, inviting.code)
  await world.clock.elapse(60_000)
  await world.settle()
  for (const { seen } of [inviting, joining]) {
    expect(seen.of('paired').link).toBeUndefined()
  }
})

it('P14 a name is cleaned before anybody sees it', async () => {
  const world = createWorld()
  const bob = world.device(`\u001b[31mevil\u202E\u0000 ${'x'.repeat(10_000)}`, 2)
  const inviting = await invite(world, world.device('alice', 1))
  await join(world, bob, inviting.code)
  const { name } = inviting.seen.of('paired').peer
  expect(name).toMatch(/^\[31mevil x+$/)
  expect(name).toHaveLength(64)
})

it('P15 neither code, secret nor emoji is in a trace, an error or on disk', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice, { qr: true })
  const wrong = inviting.code.replace(/-[a-z]+$/, '-anvil')
  const failing = await join(world, bob, wrong)
  const again = await invite(world, alice)
  await join(world, bob, again.code)
  const told = [...failing.seen.events, ...inviting.seen.events].filter(({ at }) => at === 'failed')
  const text = [...alice.traced, ...bob.traced, JSON.stringify(told)].join('\n')
  for (const code of [inviting.code, again.code, wrong]) {
    for (const word of code.split('-').slice(1)) expect(text).not.toContain(word)
  }
  expect(text).not.toContain(again.seen.of('check').emoji[0])
  expect(alice.traced.length).toBeGreaterThan(0)
})

it('P15 a wrong word and an inviter that leaves look alike to the joiner', async () => {
  let deaf = false
  const world = createWorld({
    intercept: ({ from, blob }) => (deaf && from === 'inviter' ? [] : [blob]),
  })
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  const wrong = await join(world, bob, inviting.code.replace(/-[a-z]+$/, '-anvil'))
  const other = await invite(world, alice)
  deaf = true
  const left = await join(world, bob, other.code)
  other.run.cancel()
  await world.settle()
  expect(left.seen.of('failed')).toEqual(wrong.seen.of('failed'))
})

it('P16 a service that restarts in the middle fails both cleanly, and the code is gone', async () => {
  let left = 2
  const world = createWorld({
    intercept: ({ blob }) => {
      left -= 1
      if (left === 0) queueMicrotask(() => world.signaling.restart())
      return left < 0 ? [] : [blob]
    },
  })
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  const joining = await join(world, bob, inviting.code)
  await world.clock.elapse(60_000)
  expect(endOf(inviting.seen.events)).toBe('signaling-lost')
  expect(endOf(joining.seen.events)).toBe('pairing-failed')
  const again = await join(world, bob, inviting.code)
  expect(endOf(again.seen.events)).toBe('code-unknown')
})

it('P2 what happened to a slot before anybody looked is not lost', async () => {
  let before = async (_nameplate: string) => {}
  const world = createWorld({
    rendezvous: (inner) => ({
      ...inner,
      async open(sid) {
        const slot = await inner.open(sid)
        await before(slot.nameplate)
        return slot
      },
      async claim(nameplate) {
        const slot = await inner.claim(nameplate)
        await before(nameplate)
        return slot
      },
    }),
  })
  const [alice, bob] = two(world)
  const stranger = world.signaling.client()
  before = async (nameplate) => void (await stranger.claim(nameplate))
  const claimed = await invite(world, alice)
  expect(claimed.seen.last()?.at).toBe('claimed')

  before = async () => {}
  const inviting = await invite(world, alice)
  before = async () => {
    inviting.run.cancel()
    await world.settle()
  }
  const joining = await join(world, bob, inviting.code)
  await world.settle()
  expect(joining.seen.last()?.at).toBe('failed')
})

it('P19 a device that goes down leaves no timer and no listener, wherever its runs are', async () => {
  for (let passed = 0; passed < 8; passed++) {
    let left = passed
    const world = createWorld({
      intercept: ({ blob }) => {
        left -= 1
        return left < 0 ? [] : [blob]
      },
    })
    const [alice, bob] = two(world)
    const inviting = await invite(world, alice, { qr: true })
    const joining = await join(world, bob, inviting.code)
    await Promise.all([alice.pairing.close(), bob.pairing.close()])
    await world.settle()
    expect(world.clock.pending, `after ${passed} blobs`).toBe(0)
    for (const { seen } of [inviting, joining]) expect(seen.last()?.at).toMatch(/failed|paired/)
  }
})
