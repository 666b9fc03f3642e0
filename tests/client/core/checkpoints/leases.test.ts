/** CX14: a session that changed hands is made smaller all the same, and who holds it stays as it was. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { SessionId } from '@baton/shared/ids'
import { splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { expect, it } from 'vitest'
import {
  type HandoffPeer,
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  soon,
  told,
} from '../../../support/handoff-peers.ts'
import { shrunk } from '../../../support/shrunk.ts'

/** Bytes of entries that a device holds of a session. */
const heldBytes = ({ repository }: HandoffPeer, session: SessionId) =>
  repository.heads(session).reduce((sum, { bytes }) => sum + bytes, 0)

const dropped = ({ repository }: HandoffPeer, session: SessionId) =>
  repository.heads(session).filter(({ log }) => repository.dropped(log))

async function handedOver(rounds: number) {
  const alice = await openHandoffPeer(1, { checkpoints: true })
  const bob = await openHandoffPeer(2, { checkpoints: true })
  const here = await heldBy(alice, bob.self)
  const { session } = here
  await joinPeers(alice, bob)
  for (const peer of [alice, bob]) await peer.handoffs.setPolicy('always')
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self))
  for (let i = 0; i < rounds; i++) await here.set(['ui', 'tab', 'scroll'], `${i}`.repeat(300))
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  const there = await bob.documents.open(session)
  await there.say('of bob')
  for (let i = 0; i < rounds; i++) await there.set(['ui', 'tab', 'scroll'], `${i}`.repeat(300))
  await told(alice.handoffs.take(session, { kind: 'transfer' }))
  await here.say('of alice')
  return { alice, bob, here, there, session }
}

it('CX14 what both said goes once it was replaced, but for who holds it; a device that comes later sees the same', async () => {
  const { alice, bob, here, session } = await handedOver(60)
  const before = heldBytes(alice, session)
  await shrunk(session, alice, bob)
  await soon(() => dropped(alice, session).length >= 2 && dropped(bob, session).length >= 2)
  for (const peer of [alice, bob]) expect(heldBytes(peer, session)).toBeLessThan(before / 4)
  // Of both devices something went that it wrote in the run in which it handed the session over.
  const gone = new Set(dropped(alice, session).map(({ log }) => splitLogId(log).device))
  expect(gone).toEqual(new Set([alice.self, bob.self]))
  expect(await holders(session, alice, bob)).toEqual([0, 0])
  const carol = await openHandoffPeer(3)
  await here.share(carol.self, { write: true })
  await joinPeers(bob, carol)
  await soon(async () => (await carol.documents.state(session)).author !== undefined)
  const late = await carol.documents.open(session)
  await soon(async () => (await late.digest()) === (await here.digest()))
  expect(await holders(session, alice, bob, carol)).toEqual([0, 0, 0])
  expect((await carol.documents.state(session)).holding.tenures).toHaveLength(3)
  expect((await late.history()).map(({ value }) => value)).toEqual(['begun', 'of bob', 'of alice'])
})

it('CX14 a log that holds who holds it beside other words stays as it is', async () => {
  const store = createMemoryStore()
  const alice = await openHandoffPeer(1, { store, checkpoints: true })
  const { session } = await heldBy(alice)
  const here = await alice.documents.open(session)
  // As a takeover of a session in the files of its agent does, and versions before this one did.
  await alice.repository.write(session, (to) => {
    to.append(kinds.decline, ['declined'])
    return []
  })
  for (let i = 0; i < 60; i++) await here.set(['ui', 'tab', 'scroll'], `${i}`.repeat(300))
  const before = heldBytes(alice, session)
  await shrunk(session, alice)
  expect(dropped(alice, session)).toEqual([])
  expect(heldBytes(alice, session)).toBe(before)
})
