/** HF2, HF9: whoever hands over or takes is not kept waiting for what may never come. */
import { handoffReadyMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import {
  heldBy,
  joinPeers,
  openHandoffPeer,
  soon,
  stagesOf,
  told,
} from '../../../support/handoff-peers.ts'

it('HF9 who takes from a device that says yes and goes away is told, and does not wait for ever', async () => {
  const [alice, bob] = [await openHandoffPeer(1), await openHandoffPeer(2)]
  const pair = await joinPeers(alice, bob)
  const { session } = await heldBy(alice, bob.self)
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self) || undefined)
  const events: string[] = []
  const task = bob.handoffs.take(session, { kind: 'transfer' })
  const ended = (async () => {
    for await (const event of task.events) {
      events.push(event.at)
      if (event.at === 'accepted') pair.alice.close('gone')
      if (event.at === 'waiting') queueMicrotask(() => void bob.clock.elapse(handoffReadyMs))
      if (event.at === 'failed') return event
    }
    return undefined
  })()
  const asked = await soon(async () => (await alice.handoffs.list()).find((x) => x.waitsForUs))
  // The yes gets there, and nothing after it.
  alice.repository.write = () => new Promise(() => undefined)
  await alice.handoffs.answer(asked.id, true)
  expect(await ended).toMatchObject({
    ...{ code: 'peer-offline', hint: expect.stringContaining('--force') },
  })
  expect(events).toEqual(['asking', 'accepted', 'waiting', 'failed'])
  // It may have been signed all the same: what was agreed to is taken when it surfaces.
  expect((await bob.handoffs.list())[0]?.state).toBe('accepted')
})

it('HF2 a device that may not write is not asked by one that cannot let it', async () => {
  const [alice, bob, carol] = [
    // Bob is a device of somebody else.
    await openHandoffPeer(1, { isOwn: () => false }),
    ...[await openHandoffPeer(2), await openHandoffPeer(3)],
  ] as const
  await joinPeers(alice, bob)
  await joinPeers(bob, carol)
  await bob.handoffs.setPolicy('always')
  const { session } = await heldBy(alice)
  const moved = await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  expect(stagesOf(moved).at(-1)).toBe('done')
  const [end] = await told(bob.handoffs.hand(session, { to: carol.self, kind: 'transfer' }))
  expect(end).toMatchObject({ at: 'failed', code: 'not-permitted' })
  expect(await carol.handoffs.list()).toEqual([])
})

it('HF4 what waits for a device that was removed meanwhile ends, and says so', async () => {
  const [alice, bob] = [await openHandoffPeer(1), await openHandoffPeer(2)]
  const pair = await joinPeers(alice, bob)
  const { session } = await heldBy(alice, bob.self)
  const waits = told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  await soon(async () => (await bob.handoffs.list()).find((x) => x.waitsForUs))
  alice.removed.add(bob.self)
  pair.alice.close('gone')
  expect((await waits).at(-1)).toMatchObject({ at: 'failed', code: 'revoked' })
  expect((await alice.handoffs.list())[0]?.state).toBe('failed')
  bob.removed.add(alice.self)
  const taken = await told(bob.handoffs.take(session, { kind: 'transfer' }))
  expect(taken.at(-1)).toMatchObject({
    ...{ at: 'failed', code: 'revoked', hint: expect.stringContaining('--force') },
  })
})
