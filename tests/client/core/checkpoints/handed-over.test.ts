/** RD2, LE4 and CX8: a device that handed a session over says its logs again, and takes words back. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { type SessionId, splitLogId } from '@baton/shared/ids'
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
import { holdsText } from '../../../support/stored-text.ts'

const goneOf = ({ repository, self }: HandoffPeer, session: SessionId) =>
  repository
    .heads(session)
    .filter(({ log }) => splitLogId(log).device === self && repository.dropped(log)).length

it('RD2 LE4 CX8 what a former holder takes back leaves both disks, and its place stays in the history', async () => {
  const stores = [createMemoryStore(), createMemoryStore()] as const
  const open = (seed: 1 | 2, run: number) =>
    openHandoffPeer(seed, { store: stores[seed - 1] as (typeof stores)[0], run, checkpoints: true })
  const first = await open(1, 0)
  const { session } = await heldBy(first)
  await (await first.documents.open(session)).say('the secret words', { id: 'secret' })
  first.handoffs.close()
  first.checkpoints?.close()
  const [alice, bob] = [await open(1, 1), await open(2, 1)]
  await (await alice.documents.open(session)).share(bob.self, { write: true })
  await joinPeers(alice, bob)
  await bob.handoffs.setPolicy('always')
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self))
  // What alice said is said again before she gives the session away, and once more behind that.
  await shrunk(session, alice, bob)
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  expect(await holders(session, alice, bob)).toEqual([1, 1])
  await (await bob.documents.open(session)).say('of bob', { id: 'of bob' })
  await shrunk(session, alice, bob)
  for (const store of stores) expect(await holdsText(store, 'the secret words')).toBe(true)
  await (await alice.documents.open(session)).retract('secret')
  await shrunk(session, alice, bob)
  for (const store of stores) {
    await soon(async () => !(await holdsText(store, 'the secret words')))
  }
  expect(goneOf(alice, session)).toBeGreaterThan(1)
  for (const peer of [alice, bob]) {
    const document = await peer.documents.open(session)
    const said = (await document.history()).map(
      ({ id, value, redacted }) => redacted ?? value ?? id,
    )
    expect(said).toEqual(['begun', true, 'of bob'])
    expect((await peer.documents.state(session)).beside.messages.size).toBe(0)
  }
  expect(await holders(session, alice, bob)).toEqual([1, 1])
  await (await bob.documents.open(session)).say('and on', { id: 'and on' })
})
