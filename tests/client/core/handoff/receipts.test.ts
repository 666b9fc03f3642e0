/** RE7: receipts of transfers come about whatever either end knows more than the other just then. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeInbox } from '@baton/shared/model/document-entries'
import { parseHandoffQuestion } from '@baton/shared/protocol/handoff'
import { expect, it } from 'vitest'
import {
  type HandoffPeer,
  heldBy,
  joinPeers,
  openHandoffPeer,
  shownBy,
  soon,
  told,
} from '../../../support/handoff-peers.ts'

interface Around {
  before?(): Promise<void>
  after?(): Promise<void>
}

/** Runs around the answer to the first question for a receipt; resolves with how many were asked. */
function aroundReceipt(peer: HandoffPeer, { before, after }: Around): () => number {
  const { receive } = peer.handoffs
  let asked = 0
  peer.handoffs.receive = async (from, body) => {
    if (parseHandoffQuestion(body)[0] !== 'receipt') return receive(from, body)
    asked += 1
    const isFirst = asked === 1
    if (isFirst) await before?.()
    const answer = await receive(from, body)
    if (isFirst) await after?.()
    return answer
  }
  return () => asked
}

/** A session that carol began and handed to alice; what she said in it stands in a log of its own. */
async function world() {
  const store = createMemoryStore()
  const before = await openHandoffPeer(3, { store, checkpoints: true })
  const { session } = await heldBy(before)
  await (await before.documents.open(session)).say('of carol', { id: 'of carol' })
  before.handoffs.close()
  before.checkpoints?.close()
  const carol = await openHandoffPeer(3, { store, run: 1, checkpoints: true })
  const disk = createMemoryStore()
  const [alice, bob] = [await openHandoffPeer(1, { store: disk }), await openHandoffPeer(2)]
  const document = await carol.documents.open(session)
  for (const { self } of [alice, bob]) await document.share(self, { write: true })
  const pair = await joinPeers(carol, alice)
  for (const peer of [alice, bob]) await peer.handoffs.setPolicy('always')
  await soon(async () => (await alice.documents.state(session)).writers.has(bob.self))
  await told(carol.handoffs.hand(session, { to: alice.self, kind: 'transfer' }))
  pair.cut()
  const between = await joinPeers(alice, bob)
  const shrink = async () => {
    carol.checkpoints?.soon(session)
    await carol.checkpoints?.settled()
  }
  return { alice, bob, carol, session, shrink, between, disk }
}

const logsOf = ({ repository }: HandoffPeer, session: SessionId) => repository.heads(session).length

async function bothSigned(...peers: readonly HandoffPeer[]) {
  const [mine, theirs] = await Promise.all(
    peers.map(({ receipts }) =>
      soon(async () => (await receipts.all()).find(({ epoch }) => epoch === 2)),
    ),
  )
  expect(mine).toEqual(theirs)
  return mine
}

it('RE7 the new holder knows by then that a third device said its logs again: both sign at once', async () => {
  const { alice, bob, carol, session, shrink } = await world()
  let seen = [0, 0]
  const asked = aroundReceipt(bob, {
    async before() {
      await shrink()
      await joinPeers(carol, bob)
      await soon(async () => (await bob.documents.state(session)).superseded.size > 0)
      await bob.repository.flush()
      seen = [logsOf(alice, session), logsOf(bob, session)]
    },
  })
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  expect(await bothSigned(alice, bob)).toMatchObject({ records: 2, epoch: 2 })
  expect(asked()).toBe(1)
  expect(seen[1]).toBeGreaterThan(seen[0] as number)
})

it('RE7 what the new holder lacks yet is waited for, and asked for again with what came', async () => {
  const { alice, bob, carol, session, shrink } = await world()
  const asked = aroundReceipt(bob, {
    async before() {
      await shrink()
      await joinPeers(carol, alice)
      await soon(async () => (await alice.documents.state(session)).superseded.size > 0)
      throw new BatonError('source-changed', 'not everything is here yet')
    },
  })
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  await bothSigned(alice, bob)
  expect(asked()).toBe(2)
  expect((await bob.documents.state(session)).superseded.size).toBeGreaterThan(0)
})

it('RE7 a receipt whose answer was lost with the link is the same one on the next link', async () => {
  const { alice, bob, session, between } = await world()
  const asked = aroundReceipt(bob, { after: async () => between.cut() })
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  expect((await alice.receipts.all()).filter(({ epoch }) => epoch === 2)).toEqual([])
  await joinPeers(alice, bob)
  await bothSigned(alice, bob)
  expect(asked()).toBe(2)
  expect((await bob.receipts.all()).filter(({ epoch }) => epoch === 2)).toHaveLength(1)
})

it('RE7 what is owed is asked for after a restart, and by nobody once it is there', async () => {
  const { alice, bob, session, between, disk } = await world()
  aroundReceipt(bob, {
    async before() {
      between.cut()
      throw new BatonError('source-changed', 'not everything is here yet')
    },
  })
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  alice.handoffs.close()
  const again = await openHandoffPeer(1, { store: disk, run: 1 })
  await joinPeers(again, bob)
  await bothSigned(again, bob)
  again.handoffs.close()
  const third = await openHandoffPeer(1, { store: disk, run: 2 })
  const asked = aroundReceipt(bob, {})
  await joinPeers(third, bob)
  const there = await bob.documents.open(session)
  await there.say('later')
  const here = await third.documents.open(session)
  await soon(async () => (await shownBy(here)).includes('later'))
  expect(asked()).toBe(0)
})

it('SD13 a transfer waits for no blob that a third device never gave', async () => {
  const { alice, bob, carol, session } = await world()
  const { hash, bytes } = await carol.repository.blobs.add(async function* () {
    yield new Uint8Array(100_000)
  })
  await carol.repository.write(session, (to) => {
    to.append(kinds.inbox, encodeInbox({ id: 'large', held: { at: 'blob', blob: hash, bytes } }))
    return []
  })
  for (const { log } of carol.repository.heads(session)) {
    const after = alice.repository.head(log)?.seq ?? 0
    for await (const delta of carol.repository.read(log, after)) {
      await alice.repository.receive(delta)
    }
  }
  await alice.repository.flush()
  const lacking = () =>
    alice.repository.heads(session).flatMap(({ log }) => alice.repository.lacking(log))
  expect(lacking()).toHaveLength(1)
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  expect((await bob.handoffs.holding(session)).holder).toBe(bob.self)
  expect(lacking()).toHaveLength(1)
  await bothSigned(alice, bob)
})
