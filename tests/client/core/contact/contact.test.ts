/** Two paired devices find each other again, in the fake world. */
import { expect, it } from 'vitest'
import { createHostileMailboxes } from '../../../support/hostile-mailboxes.ts'
import { invite, join, reopened, states, two } from '../../../support/pair-steps.ts'
import { contactOf, createWorld, paired } from '../../../support/pair-world.ts'

const say = (text: string) => new TextEncoder().encode(text)

it('RC1 paired devices reconnect without a code after both restart, and after each', async () => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  const [a, b] = await reopened(world, [alice, bob])
  expect(states([a, b])).toEqual(['connected', 'connected'])
  await a.links[0]?.channel.send('live', say('hello'))
  await b.links[0]?.channel.send('bulk', say('hi'))
  await world.settle()
  expect([a.received, b.received]).toEqual([['hi'], ['hello']])

  // Each is started again in turn while the other stays up.
  const up = { alice: a, bob: b }
  const disks = { alice: alice.disk, bob: bob.disk }
  for (const who of ['alice', 'bob', 'alice'] as const) {
    const stays = who === 'alice' ? up.bob : up.alice
    await up[who].contact.close()
    await world.settle()
    expect(stays.log.at(-1)).toBe('disconnected: closed')
    up[who] = contactOf(world.device(who, who === 'alice' ? 1 : 2, disks[who]))
    await world.settle()
    expect(states([up.alice, up.bob])).toEqual(['connected', 'connected'])
  }
  expect(world.network.deaths).toEqual([])
})

it('RC1 the link of the pairing is taken over, and after it reconnects', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  const joining = await join(world, bob, inviting.code)
  const a = contactOf(alice, inviting.seen.of('paired').link)
  const b = contactOf(bob, joining.seen.of('paired').link)
  expect(states([a, b])).toEqual(['connected', 'connected'])
  const posts = world.signaling.seen.length
  await world.clock.elapse(10 * 60_000)
  expect(world.signaling.seen).toHaveLength(posts)

  world.network.dialled.find(({ call }) => !call.initiator)?.call.signal({ type: 'restart' })
  await world.settle()
  expect(world.network.dialled.find(({ call }) => call.initiator)?.got.at(-1)).toEqual({
    type: 'restart',
  })
  world.network.pairs[0]?.cut()
  await world.pass(30_000)
  expect(states([a, b])).toEqual(['connected', 'connected'])
  expect(a.log).toEqual(['connected', 'disconnected: cut', 'connected'])
})

it('RC3 whoever starts, the smaller key offers, and one link comes of it', async () => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  let [a, b] = await reopened(world, [alice, bob])
  for (let i = 0; i < 24; i++) {
    world.network.pairs.at(-1)?.cut()
    await world.settle()
    const before = world.network.pairs.length
    for (const { contact } of i % 3 === 0 ? [a, b] : i % 3 === 1 ? [a] : [b]) contact.wake()
    await world.pass(30_000)
    expect(states([a, b])).toEqual(['connected', 'connected'])
    expect(world.network.pairs.length).toBe(before + 1)
    if (i % 8 === 7) [a, b] = await reopened(world, [alice, bob])
  }
  expect(world.network.deaths).toEqual([])
  const offers = world.network.dialled.filter(({ call }) => call.initiator)
  for (const { got } of offers) expect(got.map(({ type }) => type)).not.toContain('offer')
})

it('RC4 every blob three times over changes nothing, before and after the link stands', async () => {
  const hostile = createHostileMailboxes()
  const world = createWorld({ rendezvous: hostile.wrap })
  const devices = await paired(world)
  hostile.hand = (post) => [post, post, post]
  const [a, b] = await reopened(world, devices)
  expect(states([a, b])).toEqual(['connected', 'connected'])
  const calls = world.network.dialled.length
  const client = world.signaling.client()
  for (const { mailbox, blob } of hostile.posts) await client.post(mailbox, blob)
  await world.pass(60_000)
  expect(world.network.deaths).toEqual([])
  expect(world.network.dialled).toHaveLength(calls)
  expect([a.log, b.log]).toEqual([['connected'], ['connected']])
})

it('RC4 what was sealed yesterday starts no connection in a new process', async () => {
  const hostile = createHostileMailboxes()
  const world = createWorld({ rendezvous: hostile.wrap })
  const devices = await paired(world)
  const first = await reopened(world, devices)
  for (const { contact } of first) await contact.close()
  const old = [...hostile.posts]
  world.clock.sleep(24 * 3_600_000)
  const alice = world.device('alice', 1, devices[0].disk)
  contactOf(alice)
  await world.settle()
  const calls = world.network.dialled.length
  // The service puts the old blobs where the device listens today.
  const today = hostile.posts.slice(old.length).map(({ mailbox }) => mailbox)
  const client = world.signaling.client()
  for (const { blob } of old) for (const mailbox of today) await client.post(mailbox, blob)
  await world.settle()
  expect(world.network.dialled).toHaveLength(calls)
})

it('RC5 a hello that is lost is said again within five seconds', async () => {
  const hostile = createHostileMailboxes()
  const world = createWorld({ rendezvous: hostile.wrap })
  const devices = await paired(world)
  let lost = 0
  hostile.hand = (post) => (++lost <= 2 ? [] : [post])
  const contacts = await reopened(world, devices)
  expect(states(contacts)).toEqual(['waiting', 'waiting'])
  await world.pass(5_000)
  await world.settle()
  expect(states(contacts)).toEqual(['connected', 'connected'])
})

it('RC5 while one device is away the other waits ever longer, with jitter, and never gives up', async () => {
  const hostile = createHostileMailboxes()
  const world = createWorld({ rendezvous: hostile.wrap })
  const [alice, bob] = await paired(world)
  bob.kill()
  const a = contactOf(alice)
  await world.clock.elapse(20 * 60_000)
  expect(a.log).toEqual(['trouble: no-answer'])
  // Two hellos a round; a round is 20 s and a pause of up to 30 s, and two hours may be tried.
  const rounds = hostile.posts.length
  expect(rounds).toBeGreaterThan(40)
  expect(rounds).toBeLessThan(260)
  const b = contactOf(world.device('bob', 2, bob.disk))
  await world.settle()
  expect(states([a, b])).toEqual(['connected', 'connected'])
})

it('RC6 nothing is published while a link stands, and both still listen', async () => {
  const hostile = createHostileMailboxes()
  const world = createWorld({ rendezvous: hostile.wrap })
  const contacts = await reopened(world, await paired(world))
  const posts = hostile.posts.length
  await world.clock.elapse(3 * 3_600_000)
  expect(hostile.posts).toHaveLength(posts)
  const asks = world.network.dialled.filter(({ call }) => !call.initiator).at(-1)
  asks?.call.signal({ type: 'restart' })
  await world.settle()
  const offerer = world.network.dialled.filter(({ call }) => call.initiator).at(-1)
  expect(offerer?.got.at(-1)).toEqual({ type: 'restart' })
  expect(states(contacts)).toEqual(['connected', 'connected'])
})

it('RC6 a service that goes away leaves the link alone, and is looked for after it', async () => {
  const world = createWorld()
  const contacts = await reopened(world, await paired(world))
  world.signaling.setUp(false)
  await world.pass(60_000)
  expect(states(contacts)).toEqual(['connected', 'connected'])
  world.network.pairs.at(-1)?.cut()
  await world.pass(60_000)
  expect(states(contacts)).toEqual(['waiting', 'waiting'])
  expect(contacts[0].log).toContain('trouble: signaling-unreachable')
  world.signaling.setUp(true)
  await world.settle()
  expect(states(contacts)).toEqual(['connected', 'connected'])
})

it('RC7 a device whose process died is linked anew beside the dead link, which ends then', async () => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  const [a] = await reopened(world, [alice, bob])
  const dead = world.network.pairs.at(-1)
  // Bob's machine lost power: his end says nothing, and Alice does not know.
  const b = contactOf(world.device('bob', 2, bob.disk))
  await world.settle()
  expect(a.log).toEqual(['connected', 'connected'])
  expect(b.log).toEqual(['connected'])
  await a.links[0]?.channel.send('bulk', say('late'))
  await world.pass(2_000)
  await expect(dead?.alice.send('bulk', say('x'))).rejects.toMatchObject({ code: 'link-closed' })
  await a.links[1]?.channel.send('bulk', say('new'))
  await world.settle()
  expect(b.received).toEqual(['new'])
  expect(states([a, b])).toEqual(['connected', 'connected'])
})

it('RC8 closing leaves no timer, no listener and no connection', async () => {
  const world = createWorld()
  const contacts = await reopened(world, await paired(world))
  for (const { contact } of contacts) await contact.close()
  await world.settle()
  expect(states(contacts)).toEqual(['closed', 'closed'])
  expect(world.clock.pending).toBe(0)
})
