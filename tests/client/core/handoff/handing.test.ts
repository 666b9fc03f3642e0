/** HF: sessions that change hands between devices. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Appender } from '@baton/client/core/repo/repository'
import { handoffLifeMs, maxHandoffsOpen } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import { encodeGrant } from '@baton/shared/model/agent-entries'
import { mintSessionId } from '@baton/shared/model/session-id'
import { expect, it } from 'vitest'
import {
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  shownBy,
  soon,
  stagesOf,
  told,
} from '../../../support/handoff-peers.ts'
import { nodePrimitives } from '../../../support/signer.ts'

const two = async (capabilities: readonly string[] = []) => {
  const alice = await openHandoffPeer(1)
  const bob = await openHandoffPeer(2, { capabilities })
  const pair = await joinPeers(alice, bob)
  return { alice, bob, pair, to: bob.self }
}

it('HF5 RE6 a transfer moves the work: the one lets go, the other goes on, and back again', async () => {
  const { alice, bob, to } = await two()
  await bob.handoffs.setPolicy('always')
  await alice.handoffs.setPolicy('always')
  const here = await heldBy(alice)
  const { session } = here
  const events = await told(alice.handoffs.hand(session, { to, kind: 'transfer' }))
  expect(stagesOf(events)).toEqual(['asking', 'accepted', 'carrying', 'signed', 'done'])
  expect(events.at(-1)).toMatchObject({ holding: { holder: to, epoch: 1, split: false } })
  await expect(here.say('too late')).rejects.toMatchObject({ code: 'not-holder' })
  const there = await bob.documents.open(session)
  await there.say('and on')
  await soon(async () => (await shownBy(here)).length === 2 || undefined)
  expect(await shownBy(here)).toEqual(['begun', 'and on'])
  expect(await holders(session, alice, bob)).toEqual([1, 1])
  const [receipt] = await alice.receipts.all()
  expect(receipt).toMatchObject({
    from: alice.self,
    to,
    epoch: 1,
    records: 1,
    signedBy: [alice.self, to],
  })
  expect(await bob.receipts.all()).toEqual(await alice.receipts.all())
  const back = await told(alice.handoffs.take(session, { kind: 'transfer' }))
  expect(stagesOf(back)).toEqual(['asking', 'accepted', 'done'])
  await here.say('here again')
  await soon(async () => (await shownBy(there)).length === 3 || undefined)
  expect(await shownBy(there)).toEqual(['begun', 'and on', 'here again'])
  expect(await there.digest()).toBe(await here.digest())
  for (const peer of [alice, bob]) {
    await soon(async () => (await peer.handoffs.list()).every(({ state }) => state === 'active'))
    await soon(async () => (await peer.receipts.all()).length === 2)
  }
})

it('HF3 with policy ask a request waits until a person answers it, and is never accepted by itself', async () => {
  const { alice, bob, to } = await two()
  const { session } = await heldBy(alice)
  const task = alice.handoffs.hand(session, { to, kind: 'transfer' })
  const [waits] = await soon(async () => {
    const all = await bob.handoffs.list()
    return all.length > 0 ? all : undefined
  })
  expect(waits).toMatchObject({
    state: 'pending',
    waitsForUs: true,
    title: 'held',
    from: alice.self,
  })
  await bob.clock.elapse(handoffLifeMs - 1)
  expect((await bob.handoffs.list())[0]?.state).toBe('pending')
  await bob.handoffs.answer(waits?.id.slice(0, 8) ?? '', true)
  expect(stagesOf(await told(task)).at(-1)).toBe('done')
  expect(await holders(session, alice, bob)).toEqual([1, 1])
})

it('HF3 HF4 one that is declined, called off or too old ends on both ends, and leaves the session here', async () => {
  const { alice, bob, to } = await two()
  const here = await heldBy(alice)
  const { session } = here
  const pending = () =>
    soon(async () => (await bob.handoffs.list()).find((each) => each.waitsForUs))
  const declined = alice.handoffs.hand(session, { to, kind: 'transfer' })
  await bob.handoffs.answer((await pending()).id, false)
  expect((await told(declined)).at(-1)).toMatchObject({ at: 'failed', code: 'cancelled' })
  const cancelled = alice.handoffs.hand(session, { to, kind: 'transfer' })
  await pending()
  cancelled.cancel()
  expect((await told(cancelled)).at(-1)).toMatchObject({ at: 'failed', code: 'cancelled' })
  await soon(async () => !(await bob.handoffs.list()).some((each) => each.waitsForUs))
  const old = alice.handoffs.hand(session, { to, kind: 'transfer' })
  const { id } = await pending()
  await bob.clock.elapse(handoffLifeMs)
  await alice.clock.elapse(handoffLifeMs)
  expect((await told(old)).at(-1)).toMatchObject({ at: 'failed', code: 'timeout' })
  await expect(bob.handoffs.answer(id, true)).rejects.toMatchObject({ code: 'not-found' })
  await expect(bob.handoffs.cancel(id)).rejects.toMatchObject({
    ...{ code: 'not-found', message: expect.stringContaining('expired') },
  })
  expect((await bob.handoffs.list()).map(({ state }) => state).sort()).toEqual([
    ...['cancelled', 'declined', 'expired'],
  ])
  expect(await holders(session, alice)).toEqual([0])
  await here.say('still here')
})

it('HF3 never, too many, and what the target cannot do are declined with their reasons', async () => {
  const { alice, bob, to } = await two(['webrtc'])
  const { session } = await heldBy(alice)
  await bob.handoffs.setPolicy('never', alice.self)
  const never = await told(alice.handoffs.hand(session, { to, kind: 'transfer' }))
  expect(never.at(-1)).toMatchObject({ message: expect.stringContaining('said never') })
  await bob.handoffs.setPolicy('ask', alice.self)
  const needing = await alice.documents.create('agent')
  await needing.set(['requires'], ['webrtc', 'agent:opencode'])
  const lacks = await told(alice.handoffs.hand(needing.session, { to, kind: 'transfer' }))
  expect(lacks.at(-1)).toMatchObject({ message: expect.stringContaining('lacks something') })
  const open = Array.from({ length: maxHandoffsOpen }, () =>
    alice.handoffs.hand(session, { to, kind: 'observe' }),
  )
  await soon(
    async () => (await bob.handoffs.list()).filter((x) => x.waitsForUs).length === maxHandoffsOpen,
  )
  const busy = await told(alice.handoffs.hand(session, { to, kind: 'observe' }))
  expect(busy.at(-1)).toMatchObject({ message: expect.stringContaining('too many') })
  for (const each of open) each.cancel()
  await Promise.all(open.map(told))
})

it('HF6 mirror lets the other write all but the history, observe lets it read', async () => {
  const { alice, bob, to } = await two()
  await bob.handoffs.setPolicy('always')
  const seen = await heldBy(alice)
  const observed = await told(alice.handoffs.hand(seen.session, { to, kind: 'observe' }))
  expect(stagesOf(observed)).toEqual(['asking', 'accepted', 'done'])
  const reading = await soon(() => bob.documents.open(seen.session).catch(() => undefined))
  await expect(reading.set(['config', 'a'], 1)).rejects.toMatchObject({ code: 'not-permitted' })
  const mirrored = await told(alice.handoffs.hand(seen.session, { to, kind: 'mirror' }))
  expect(stagesOf(mirrored)).toEqual(['asking', 'accepted', 'done'])
  await soon(async () => {
    return (await bob.documents.state(seen.session)).writers.has(to) || undefined
  })
  await reading.set(['config', 'a'], 1)
  await expect(reading.say('mine')).rejects.toMatchObject({ code: 'not-holder' })
  expect(await holders(seen.session, alice, bob)).toEqual([0, 0])
  await soon(async () => (await bob.handoffs.list()).every(({ state }) => state === 'active'))
})

it('HF9 HF11 a session whose holder is away is taken only by force, and told as a possible split', async () => {
  const { alice, bob, pair } = await two()
  const here = await heldBy(alice, bob.self)
  const { session } = here
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self) || undefined)
  pair.cut()
  await here.say('not seen there')
  const [away] = await told(bob.handoffs.take(session, { kind: 'transfer' }))
  expect(away).toMatchObject({ at: 'failed', code: 'peer-offline' })
  const [taken] = await told(bob.handoffs.take(session, { kind: 'transfer', force: true }))
  expect(taken).toMatchObject({ at: 'done', holding: { holder: bob.self, epoch: 1, split: true } })
  const there = await bob.documents.open(session)
  await there.say('over there')
  await joinPeers(alice, bob)
  await soon(async () => (await bob.handoffs.holding(session)).split === false || undefined)
  await soon(async () => (await here.digest()) === (await there.digest()) || undefined)
  expect(await shownBy(here)).toEqual(['begun', 'over there'])
  expect((await alice.documents.state(session)).beside.messages.size).toBe(1)
  const [row] = await bob.handoffs.beside(session)
  expect(row).toMatchObject({ device: alice.self, epoch: 0, reason: 'split', messages: 1 })
  const branch = await alice.handoffs.branchOff(session, { device: alice.self, epoch: 0 })
  const own = await alice.documents.open(branch)
  expect(await shownBy(own)).toEqual(['begun', 'not seen there'])
  await own.say('and on, apart')
  await expect(
    alice.handoffs.branchOff(session, { device: bob.self, epoch: 0 }),
  ).rejects.toMatchObject({ code: 'not-found' })
  await expect(here.say('late')).rejects.toMatchObject({ code: 'not-holder' })
})

it('HF2 nobody hands over what it does not hold, or to a device that it does not know', async () => {
  const { alice, bob, to } = await two()
  const federation = await alice.documents.create('federation')
  const nobody = await told(alice.handoffs.hand(federation.session, { to, kind: 'transfer' }))
  expect(nobody.at(-1)).toMatchObject({ at: 'failed', code: 'invalid' })
  const self = await told(
    alice.handoffs.hand(federation.session, { to: alice.self, kind: 'transfer' }),
  )
  expect(self.at(-1)).toMatchObject({ at: 'failed', code: 'not-found' })
  const { session } = await heldBy(alice, to)
  await soon(async () => (await bob.documents.state(session)).writers.has(to) || undefined)
  const stolen = await told(bob.handoffs.hand(session, { to: alice.self, kind: 'transfer' }))
  expect(stolen.at(-1)).toMatchObject({ at: 'failed', code: 'not-holder' })
})

it('HF2 a session in the files of its agent does not change hands where there are no such files', async () => {
  const { alice, bob, to } = await two()
  const nonce = new Uint8Array(16).fill(4)
  const session = mintSessionId(nodePrimitives.sha256, alice.self, nonce)
  const descriptor = { kind: 'agent', agent: 'claude-code', agentSession: 'a', nonce, created: 1 }
  const begin = (log: Appender) => {
    log.append(kinds.grant, encodeGrant({ device: to, kind: 'mirror' }))
    return []
  }
  await alice.repository.write(session, begin, descriptor)
  for (const kind of ['transfer', 'mirror', 'observe'] as const) {
    const [end] = await told(alice.handoffs.hand(session, { to, kind }))
    expect(end).toMatchObject({
      at: 'failed',
      code: 'invalid',
      hint: expect.stringContaining('no such files'),
    })
  }
  await soon(async () => (await bob.documents.state(session)).writers.has(to) || undefined)
  for (const force of [true, false]) {
    const [end] = await told(bob.handoffs.take(session, { kind: 'transfer', force }))
    expect(end).toMatchObject({ at: 'failed', code: 'invalid' })
  }
  expect((await bob.documents.state(session)).holding.tenures).toHaveLength(1)
})

it('HF1 requests and policies are there after a restart', async () => {
  const store = createMemoryStore()
  const alice = await openHandoffPeer(1)
  const bob = await openHandoffPeer(2, { store })
  await joinPeers(alice, bob)
  await bob.handoffs.setPolicy('never', alice.self)
  await bob.handoffs.setPolicy('always')
  expect([bob.handoffs.policy(alice.self), bob.handoffs.policy()]).toEqual(['never', 'always'])
  await bob.handoffs.setPolicy('ask', alice.self)
  const { session } = await heldBy(alice)
  const task = alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' })
  await soon(async () => (await bob.handoffs.list())[0])
  bob.handoffs.close()
  const again = await openHandoffPeer(2, { store, run: 1 })
  expect((await again.handoffs.list())[0]).toMatchObject({ state: 'pending', waitsForUs: true })
  expect([again.handoffs.policy(alice.self), again.handoffs.policy()]).toEqual(['ask', 'always'])
  await joinPeers(alice, again)
  await again.handoffs.answer((await again.handoffs.list())[0]?.id ?? '', true)
  expect(stagesOf(await told(task)).at(-1)).toBe('done')
})
