/** Reconnecting under wrong clocks, stolen secrets, old peers and a machine in the middle. */
import type { PairRecord } from '@baton/client/core/pairing/memory'
import type { Keyring } from '@baton/client/core/ports/platform'
import { signWith } from '@baton/shared/keyexchange/signature'
import { parkMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import { createHostileMailboxes } from '../../../support/hostile-mailboxes.ts'
import { createMemoryKeyring } from '../../../support/memory-keyring.ts'
import { reopened, states } from '../../../support/pair-steps.ts'
import {
  contactOf,
  createWorld,
  type Device,
  paired,
  type World,
} from '../../../support/pair-world.ts'

const hour = 3_600_000

/** Both devices started again, Bob with a clock that is wrong by `skew` ms. */
async function skewed(world: World, skew: number) {
  const [alice, bob] = await paired(world)
  for (const device of [alice, bob]) device.kill()
  const clock = { ...world.clock, now: () => world.clock.now() + skew }
  const contacts = [
    contactOf(world.device('alice', 1, alice.disk)),
    contactOf(world.device('bob', 2, bob.disk, createMemoryKeyring(2), clock)),
  ] as const
  await world.settle()
  return contacts
}

it.each([-50, -30, 30, 50])('RC9 clocks that differ by %i minutes meet', async (minutes) => {
  const world = createWorld()
  const contacts = await skewed(world, minutes * 60_000)
  await world.pass(4 * 60_000)
  expect(states(contacts)).toEqual(['connected', 'connected'])
})

it.each([-3, 3])('RC9 clocks that differ by %i hours are told so, and meet', async (hours) => {
  const world = createWorld()
  const contacts = await skewed(world, hours * hour)
  await world.pass(30_000)
  expect(contacts[1].log).toContain('trouble: clock-skew')
  expect(contacts[0].log).not.toContain('trouble: clock-skew')
  await world.pass(4 * 60_000)
  expect(states(contacts)).toEqual(['connected', 'connected'])
})

it('RC9 a restart of the link finds its way between wrong clocks', async () => {
  const world = createWorld()
  const contacts = await skewed(world, 3 * hour)
  await world.pass(4 * 60_000)
  expect(states(contacts)).toEqual(['connected', 'connected'])
  await world.pass(2 * 60_000)
  const [offerer, asker] = [true, false].map((initiator) =>
    world.network.dialled.filter(({ call }) => call.initiator === initiator).at(-1),
  )
  asker?.call.signal({ type: 'restart' })
  await world.settle()
  expect(offerer?.got.at(-1)).toEqual({ type: 'restart' })
})

it('RC9 the link outlives the hours, and so does the way to it', async () => {
  const world = createWorld()
  const contacts = await reopened(world, await paired(world))
  for (let i = 0; i < 3; i++) {
    await world.clock.elapse(hour)
    world.network.pairs.at(-1)?.cut()
    await world.pass(30_000)
    expect(states(contacts)).toEqual(['connected', 'connected'])
  }
})

it('RC10 a machine in the middle of the connection is never bound', async () => {
  const world = createWorld()
  const devices = await paired(world)
  world.network.middle = true
  const contacts = await reopened(world, devices)
  await world.pass(20_000)
  expect(world.network.pairs.length).toBeGreaterThan(1)
  for (const { log } of contacts) expect(log).toEqual(['trouble: bind-failed'])
  world.network.middle = false
  await world.pass(60_000)
  expect(states(contacts)).toEqual(['connected', 'connected'])
})

/** Claims to be `victim`, and holds nothing of it but public keys. */
function impostor(victim: Keyring): Keyring {
  const own = createMemoryKeyring(66)
  const seed = new Uint8Array(32).fill(66)
  return {
    ...own,
    device: victim.device,
    exchange: victim.exchange,
    sign: async (message) => signWith(seed, message),
  }
}

const recordOf = ({ disk }: Device): PairRecord => {
  const record = [...disk.records.values()].find((each) => each.at === 'paired')
  if (record?.at !== 'paired') throw new Error('no pair')
  return record
}

it.each(['alice', 'bob'] as const)('RC10 the pair root of %s alone opens nothing', async (who) => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  const [victim, other] = who === 'alice' ? [alice, bob] : [bob, alice]
  victim.kill()
  const honest = contactOf(other)
  const mallory = contactOf(world.device('mallory', 66, victim.disk, impostor(victim.keyring)))
  await world.pass(3 * 60_000)
  expect(honest.log.filter((line) => line === 'connected')).toEqual([])
  expect(mallory.log.filter((line) => line === 'connected')).toEqual([])
  expect(world.network.pairs.length).toBe(1)
})

it('RC10 another paired device, with its own key, is not let in for this one', async () => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  bob.kill()
  // Carol stole Bob's record and uses her own keys.
  const carol = contactOf(world.device('carol', 3, bob.disk))
  const a = contactOf(alice)
  await world.pass(3 * 60_000)
  for (const { log } of [a, carol]) expect(log).not.toContain('connected')
})

it('RC10 a stranger who posts to the mailbox disturbs nothing', async () => {
  const hostile = createHostileMailboxes()
  const world = createWorld({ rendezvous: hostile.wrap })
  const devices = await paired(world)
  let n = 0
  hostile.hand = (post) => {
    const junk = (size: number) => new Uint8Array(size).fill(++n)
    const around = [0, 8, 1024, 1040, 4096, 16_384].map((size) => ({ ...post, blob: junk(size) }))
    return [...around, post, ...around]
  }
  const contacts = await reopened(world, devices)
  expect(states(contacts)).toEqual(['connected', 'connected'])
  expect(world.network.deaths).toEqual([])
})

it('RC10 one altered bit in any blob keeps it from simple-peer, and the next attempt goes through', async () => {
  const hostile = createHostileMailboxes()
  const world = createWorld({ rendezvous: hostile.wrap })
  const devices = await paired(world)
  let at = 0
  hostile.hand = (post, index) => {
    if (index % 3 !== 0) return [post]
    at = (at * 7 + 13) % post.blob.length
    return [{ ...post, blob: post.blob.map((byte, i) => (i === at ? byte ^ 4 : byte)) }]
  }
  const contacts = await reopened(world, devices)
  await world.pass(30_000)
  hostile.hand = (post) => [post]
  await world.pass(90_000)
  expect(states(contacts)).toEqual(['connected', 'connected'])
  expect(world.network.deaths).toEqual([])
})

it('RC11 a peer older than at the last contact is refused without a storm of attempts', async () => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  const record = recordOf(alice)
  alice.disk.records.set(record.id, { ...record, version: 9 })
  const [a, b] = await reopened(world, [alice, bob])
  await world.pass(1_000)
  expect(a.log).toEqual(['trouble: unsupported-version'])
  expect(b.log).toEqual(['trouble: unsupported-version'])
  const calls = world.network.dialled.length
  await world.pass(parkMs - 60_000)
  expect(world.network.dialled).toHaveLength(calls)
})

it('RC11 the version of a contact is kept for the next', async () => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  const record = recordOf(alice)
  alice.disk.records.set(record.id, { ...record, version: 0 })
  await reopened(world, [alice, bob])
  expect(recordOf(alice).version).toBe(1)
})

it('RC5 an answer that never comes ends the attempt after 20 s, and leaves nothing behind', async () => {
  const world = createWorld()
  const devices = await paired(world)
  world.network.reachable = false
  const contacts = await reopened(world, devices)
  expect(states(contacts)).toEqual(['connecting', 'connecting'])
  await world.pass(50_000)
  for (const { log } of contacts) expect(log).toEqual(['trouble: no-path'])
  for (const { contact } of contacts) await contact.close()
  await world.settle()
  expect(world.clock.pending).toBe(0)
})
