/** HF8, HF10: peers that ask and sign what nobody agreed to. */
import { writeTransfer } from '@baton/client/core/handoff/leases'
import { spokenUpTo } from '@baton/shared/conflict/spoken'
import { idBytes, logId } from '@baton/shared/ids'
import { encodeTransfer, fromMessage, type TransferStatement } from '@baton/shared/model/receipt'
import {
  encodeHandoffQuestion,
  type HandoffQuestion,
  parsePlace,
  parseStanding,
} from '@baton/shared/protocol/handoff'
import { expect, it } from 'vitest'
import {
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  soon,
  told,
} from '../../../support/handoff-peers.ts'
import { nodePrimitives } from '../../../support/signer.ts'

const id = '0123456789abcdef0123456789abcdef'

async function world() {
  const [alice, bob] = [await openHandoffPeer(1), await openHandoffPeer(2)]
  await joinPeers(alice, bob)
  const here = await heldBy(alice, bob.self)
  const { session } = here
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self) || undefined)
  const asks = (question: HandoffQuestion, from = alice.self) =>
    bob.handoffs.receive(from, encodeHandoffQuestion(question))
  const offer = (): HandoffQuestion => ['offer', id, 'transfer', idBytes(session), null, 60_000, []]
  return { alice, bob, here, session, asks, offer }
}

it('HF10 malformed questions are refused, and those about requests of others change nothing', async () => {
  const { bob, asks, offer } = await world()
  for (const bad of [
    new Uint8Array(0),
    new Uint8Array([0xc1]),
    encodeHandoffQuestion(['offer', 'x'] as never),
    encodeHandoffQuestion(['answer', id, 'yes', null] as never),
    encodeHandoffQuestion(['offer', id, 'steal', new Uint8Array(16), null, 1, []] as never),
    encodeHandoffQuestion([
      'offer',
      id,
      'transfer',
      new Uint8Array(16),
      null,
      2 ** 40,
      [],
    ] as never),
    encodeHandoffQuestion(['ready', id, [[new Uint8Array(55), 1]]] as never),
  ]) {
    await expect(bob.handoffs.receive(bob.self, bad)).rejects.toMatchObject({ code: 'invalid' })
  }
  await asks(offer())
  const mallory = (await openHandoffPeer(9)).self
  for (const question of [
    ['answer', id, true, null],
    ['cancel', id],
    ['state', id],
    offer(),
  ] as HandoffQuestion[]) {
    const { state } = parseStanding(await asks(question, mallory))
    expect(['failed', 'declined']).toContain(state)
    expect((await bob.handoffs.list()).map((each) => each.state)).toEqual(['pending'])
  }
  // Who offers does not answer for the other end.
  await asks(['answer', id, true, null])
  expect((await bob.handoffs.list())[0]?.state).toBe('pending')
  await expect(asks(['ready', id, []])).rejects.toMatchObject({ code: 'not-permitted' })
  await expect(asks(['ready', id, []], mallory)).rejects.toMatchObject({ code: 'not-permitted' })
})

it('HF10 no vector of another session, and none that is not held, is said to be on the disk', async () => {
  const { alice, bob, asks, offer } = await world()
  await bob.handoffs.setPolicy('always')
  await asks(offer())
  const other = await heldBy(alice)
  const [head] = alice.repository.heads(other.session)
  const foreign = asks(['ready', id, [[idBytes(head?.log as never), 1]]])
  await expect(foreign).rejects.toMatchObject({ code: 'invalid' })
  const { session } = (await bob.handoffs.list())[0] ?? { session: other.session }
  const [own] = alice.repository.heads(session)
  const ahead = asks(['ready', id, [[idBytes(own?.log as never), 10_000]]])
  const ended = expect(ahead).rejects.toMatchObject({ code: 'timeout' })
  await bob.clock.elapse(20_000)
  await ended
})

it('HF10 who asks for readies again and again gets few, and none for what no log has', async () => {
  const { bob, session, asks, offer } = await world()
  await bob.handoffs.setPolicy('always')
  await asks(offer())
  const none = new Uint8Array(56).fill(3)
  none.set(idBytes(session))
  await expect(asks(['ready', id, [[none, 0]]])).rejects.toMatchObject({ code: 'invalid' })
  for (let i = 0; i < 8; i++) await asks(['ready', id, []])
  await expect(asks(['ready', id, []])).rejects.toMatchObject({ code: 'not-permitted' })
})

it('RE6 nothing is signed that did not go over so, or that this device does not show', async () => {
  const { alice, bob, here, session } = await world()
  await bob.handoffs.setPolicy('always')
  await told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  const [good] = await alice.receipts.all()
  const state = await alice.documents.state(session)
  const said = spokenUpTo(nodePrimitives.sha256, state, 0)
  const statement: TransferStatement = {
    ...{ session, from: alice.self, to: bob.self, at: 1, vector: [], bytes: 1, epoch: 1 },
    ...{ digest: said.digest, records: said.messages, last: said.last },
  }
  const asks = async (of: Partial<TransferStatement>, from = alice, signer = alice) => {
    const transfer = encodeTransfer({ ...statement, ...of })
    const signature = await signer.keyring.sign(fromMessage(transfer))
    return bob.handoffs.receive(from.self, encodeHandoffQuestion(['receipt', transfer, signature]))
  }
  const mallory = await openHandoffPeer(9)
  await expect(asks({}, mallory)).rejects.toMatchObject({ code: 'not-permitted' })
  await expect(asks({}, alice, mallory)).rejects.toMatchObject({ code: 'bad-signature' })
  for (const lie of [{ epoch: 2 }, { digest: new Uint8Array(32) }, { records: 7 }]) {
    await expect(asks(lie)).rejects.toMatchObject({ code: 'invalid' })
  }
  const [head] = alice.repository.heads(session)
  const ahead = [{ log: head?.log as never, seq: 999, h: new Uint8Array(8) }]
  await expect(asks({ vector: ahead })).rejects.toMatchObject({ code: 'source-changed' })
  expect(await bob.receipts.all()).toEqual([good])
  await asks({})
  expect(await bob.receipts.all()).toHaveLength(2)
  for (let at = 2; at < 8; at++) await asks({ at })
  await expect(asks({ at: 9 })).rejects.toMatchObject({ code: 'not-permitted' })
  expect(await bob.receipts.all()).toHaveLength(8)
  expect((await here.history()).length).toBe(1)
})

it('HF8 what is signed over to a device that called it off goes back', async () => {
  const { alice, bob, session, asks, offer } = await world()
  await bob.handoffs.setPolicy('always')
  await asks(offer())
  const vector = alice.repository
    .heads(session)
    .map(({ log, seq }): [Uint8Array, number] => [idBytes(log), seq])
  const [log, seq, hash] = parsePlace(await asks(['ready', id, vector]))
  const ready = { log: logId(log), seq, hash }
  await soon(() => (alice.repository.head(ready.log)?.seq ?? 0) >= seq || undefined)
  await bob.handoffs.cancel(id)
  const state = await alice.documents.state(session)
  expect(
    await writeTransfer(alice.repository, state, { id, to: bob.self, ready }, () => true),
  ).toBe(true)
  await soon(async () => {
    const [a, b] = await holders(session, alice, bob)
    return (a === 0 && b === 0) || undefined
  })
  await (await alice.documents.open(session)).say('still here')
  expect((await bob.handoffs.list())[0]?.state).toBe('cancelled')
})
