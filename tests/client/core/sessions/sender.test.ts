/** SD3 to SD6, SD10, SD11: the stages of a send, waiting, giving up and being cancelled. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { SendEvent } from '@baton/client/core/mesh-api'
import { offlineMs } from '@baton/client/core/sessions/sender'
import { stallMs } from '@baton/client/core/sessions/stall'
import { expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { eventually } from '../../../support/mesh-world.ts'
import { openTestPeer } from '../../../support/peer.ts'
import { eventsOf, link, passing, sent, twoPeers } from '../../../support/two-peers.ts'

/** The stages in order, each named once for as long as it goes on. */
const stagesOf = (events: readonly SendEvent[]) =>
  events.map(({ at }) => at).filter((at, i, all) => at !== all[i - 1])

it('SD3 the stages come in order, with what they count, and one end', async () => {
  const { alice, bob, found, options } = await twoPeers()
  const events = await passing(alice, alice.send(found.id, options), async ({ at }) => {
    if (at === 'connecting') await link(alice, bob)
  })
  expect(stagesOf(events)).toEqual(['reading', 'connecting', 'sending', 'placing', 'done'])
  const taken = events.filter((event) => event.at === 'reading').at(-1)
  const carried = events.filter((event) => event.at === 'sending').at(-1)
  const end = events.at(-1)
  if (end?.at !== 'done') throw new Error('it did not end well')
  expect(taken).toMatchObject({ records: end.receipt.records, bytes: end.receipt.bytes })
  expect(carried).toMatchObject({
    sentBytes: end.receipt.bytes,
    totalBytes: end.receipt.bytes,
    path: 'direct',
  })
  expect(end.digest.here).toBe(end.digest.there)
  expect(end.ms).toBeGreaterThan(0)
})

it('SD3 what went over the wire is what this send put there, not all that its link carried', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const wireOf = (events: readonly SendEvent[]) =>
    events.flatMap((event) => (event.at === 'sending' ? [event.wireBytes] : [])).at(-1)
  expect(wireOf(await eventsOf(alice.send(found.id, options)))).toBeGreaterThan(500)
  expect(wireOf(await eventsOf(alice.send(found.id, options)))).toBe(0)
})

it('SD3 a reference that names nothing fails, and so does a session that is not ours to share', async () => {
  const { alice, bob, found, options, open } = await twoPeers()
  await link(alice, bob)
  const nobody = (await eventsOf(alice.send('zzzz', options))).at(-1)
  expect(nobody).toMatchObject({ at: 'failed', code: 'not-found', hint: expect.any(String) })
  await sent(alice, found.id, options)
  const carol = await open(3)
  const third = await eventsOf(bob.send(found.id, { to: carol.device, maps: [] }))
  expect(third.at(-1)).toMatchObject({ at: 'failed', code: 'not-permitted' })
})

it('SD11 what is not carried is named before anything is sent', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const beside = found.path.slice(0, -'.jsonl'.length)
  mkdirSync(beside, { recursive: true })
  writeFileSync(join(beside, '.hid\u001b[31mden'), 'x')
  const events = await eventsOf(alice.send(found.id, options))
  expect(stagesOf(events).slice(0, 3)).toEqual(['reading', 'skipped', 'sending'])
  expect(events.find(({ at }) => at === 'skipped')).toEqual({
    at: 'skipped',
    files: [expect.stringMatching(/^\.hid\P{Cc}*den: a name that is not carried$/u)],
  })
})

it('SD4 cancelled while it reads it ends at once; what is taken stays, and nobody may hold it', async () => {
  const { alice, bob, found, options } = await twoPeers()
  const task = alice.send(found.id, options)
  task.cancel()
  const events = await eventsOf(task)
  expect(stagesOf(events)).toEqual(['failed'])
  expect(events.at(-1)).toMatchObject({ code: 'cancelled' })
  const session = await eventually(async () => (await alice.library.resolve(found.id)).session)
  expect(alice.sharing.members(session)).toEqual(new Set([alice.device]))
  await link(alice, bob)
  await turn()
  expect(bob.repository.sessions()).toEqual([])
})

it('SD4 cancelled while it waits, for the device or for what it carries, it leaves no timer', async () => {
  const { alice, bob, found, options } = await twoPeers()
  const task = alice.send(found.id, options)
  const waiting = await eventsOf(task, ({ at }) => {
    if (at === 'connecting') task.cancel()
  })
  expect(waiting.at(-1)).toMatchObject({ at: 'failed', code: 'cancelled' })
  await turn()
  expect(alice.clock.pending).toBe(0)
  await link(alice, bob, false)
  const { pending } = alice.clock
  const other = alice.send(found.id, options)
  const carrying = await eventsOf(other, ({ at }) => {
    if (at === 'sending') other.cancel()
  })
  expect(stagesOf(carrying).slice(-2)).toEqual(['sending', 'failed'])
  expect(alice.clock.pending).toBe(pending)
  other.cancel()
})

it('SD4 cancelled while the other device places it, a receipt that still comes is kept', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const task = alice.send(found.id, options)
  const events = await eventsOf(task, ({ at }) => {
    if (at === 'placing') task.cancel()
  })
  expect(stagesOf(events).slice(-2)).toEqual(['placing', 'failed'])
  expect(events.at(-1)).toMatchObject({ code: 'cancelled' })
  const [kept] = await eventually(async () => {
    const rows = await alice.receipts.all()
    return rows.length > 0 ? rows : undefined
  })
  expect(await bob.receipts.all()).toEqual([kept])
})

it('SD5 a device that is away is waited for a minute; what was taken goes when it is back', async () => {
  const { alice, bob, found, options } = await twoPeers()
  const ending = eventsOf(alice.send(found.id, options), async ({ at }) => {
    if (at === 'connecting') await alice.clock.elapse(offlineMs - 1)
    if (at === 'connecting') expect(alice.clock.pending).toBe(1)
    if (at === 'connecting') await alice.clock.elapse(1)
  })
  const events = await ending
  expect(stagesOf(events)).toEqual(['reading', 'connecting', 'failed'])
  expect(events.at(-1)).toMatchObject({ code: 'peer-offline', hint: expect.any(String) })
  await link(alice, bob)
  const { session } = await alice.library.resolve(found.id)
  await eventually(async () => (bob.repository.sessions()[0] === session ? true : undefined))
  agentAppends(found.path, 1, 1)
  const end = await sent(alice, found.id, options)
  expect(end.placed).toBeDefined()
})

it('SD6 nothing moving for a minute is a timeout; a new link begins a new minute', async () => {
  const { alice, bob, found, options } = await twoPeers()
  const first = await link(alice, bob, false)
  let carrying: true | undefined
  let over = false
  const events = eventsOf(alice.send(found.id, options), ({ at }) => {
    if (at === 'sending') carrying = true
  }).finally(() => {
    over = true
  })
  await eventually(async () => carrying)
  await alice.clock.elapse(stallMs - 1000)
  first.cut()
  await link(alice, bob, false)
  await alice.clock.elapse(stallMs - 1000)
  expect(over).toBe(false)
  await alice.clock.elapse(2000)
  expect((await events).at(-1)).toMatchObject({ at: 'failed', code: 'timeout' })
})

it('SD10 to this device itself, or to one that nobody knows, nothing is taken', async () => {
  const { alice, found, bob } = await twoPeers()
  const stranger = await openTestPeer({ seed: 4, knows: () => false })
  for (const [from, to] of [
    [alice, alice.device],
    [stranger, bob.device],
  ] as const) {
    const events = await eventsOf(from.send(found.id, { to, maps: [] }))
    expect(events).toMatchObject([{ at: 'failed', code: 'not-found', hint: expect.any(String) }])
    expect(from.repository.sessions()).toEqual([])
  }
})
