/** IV2, IV7, IV8: invitations that come to nothing, as both ends tell it, and what a hostile guest tries. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { toHex } from '@baton/shared/bytes'
import { type DeviceId, idBytes, type SessionId } from '@baton/shared/ids'
import { handoffLifeMs } from '@baton/shared/limits'
import {
  encodeHandoffQuestion,
  type HandoffKind,
  type HandoffQuestion,
  parseStanding,
} from '@baton/shared/protocol/handoff'
import { type ParsedInvitation, parseInvitation } from '@baton/shared/protocol/invitation'
import { expect, it } from 'vitest'
import {
  type HandoffPeer,
  heldBy,
  joinPeers,
  openHandoffPeer,
  soon,
  told,
} from '../../../support/handoff-peers.ts'

const terms = (to: HandoffPeer, kind: HandoffKind = 'observe') => ({
  ...{ kind, to: to.self, mode: undefined },
})

async function world() {
  const store = createMemoryStore()
  const alice = await openHandoffPeer(1, { store })
  const [bob, carol] = [await openHandoffPeer(2), await openHandoffPeer(3)]
  await joinPeers(alice, bob)
  const { session } = await heldBy(alice)
  const { jws } = await alice.handoffs.inviting.issue(session, terms(bob))
  return { store, alice, bob, carol, session, jws }
}

const idOf = (jws: string) => toHex((parseInvitation(jws) as ParsedInvitation).id)

/** As its wire has it: what a device presents, whatever it should. */
async function present(
  to: HandoffPeer,
  from: DeviceId,
  given: { jws: string; session: SessionId; kind?: HandoffKind; id?: string; able?: string[] },
) {
  const { jws, session, kind = 'observe', id = idOf(jws), able = [] } = given
  const question: HandoffQuestion = ['redeem', id, kind, idBytes(session), jws, able]
  const { state, refusal } = parseStanding(
    await to.handoffs.receive(from, encodeHandoffQuestion(question)),
  )
  return refusal ?? state
}

it('IV2 IV8 each wrong use is refused with its reason, and gives nothing', async () => {
  const { alice, bob, carol, session, jws } = await world()
  const other = (await heldBy(alice)).session
  expect(await present(alice, carol.self, { jws, session })).toBe('audience')
  expect(await present(alice, bob.self, { jws, session: other })).toBe('session')
  expect(await present(alice, bob.self, { jws, session, kind: 'transfer' })).toBe('kind')
  expect(await present(alice, bob.self, { jws, session, id: 'ab'.repeat(16) })).toBe('unknown')
  expect(await present(alice, bob.self, { jws: `${jws}=`, session, id: idOf(jws) })).toBe(
    'malformed',
  )
  // Carol signs one for bob into what alice has.
  const hers = await carol.handoffs.inviting.issue((await heldBy(carol)).session, terms(bob))
  expect(await present(alice, bob.self, { jws: hers.jws, session })).toBe('issuer')
  expect(alice.sharing.members(session).has(bob.self)).toBe(false)
  expect(await alice.handoffs.list()).toEqual([])
  // After all that it still is what it was.
  expect(await present(alice, bob.self, { jws, session })).toBe('accepted')
})

it('IV2 five minutes on the clock of who made it, whatever the other clock says', async () => {
  const { alice, bob, session, jws } = await world()
  await bob.clock.elapse(10 * handoffLifeMs)
  await alice.clock.elapse(handoffLifeMs - 1000 - (alice.clock.now() % 1000))
  const { jws: late } = await alice.handoffs.inviting.issue(session, terms(bob))
  await alice.clock.elapse(handoffLifeMs - 1)
  expect(await present(alice, bob.self, { jws, session })).toBe('expired')
  expect(await present(alice, bob.self, { jws: late, session })).toBe('accepted')
  const { jws: last } = await alice.handoffs.inviting.issue(session, terms(bob))
  await alice.clock.elapse(handoffLifeMs)
  expect(await present(alice, bob.self, { jws: last, session })).toBe('expired')
  // The clock is set back: what it does not know any more it does not take.
  const store = alice.store
  const again = await openHandoffPeer(1, { store, run: 1 })
  await again.clock.elapse(0)
  expect(['unknown', 'not-yet']).toContain(await present(again, bob.self, { jws, session }))
})

it('IV7 IV8 it is used once, also across a restart and when it is presented twice at once', async () => {
  const { store, alice, bob, session, jws } = await world()
  const both = await Promise.all([
    present(alice, bob.self, { jws, session }),
    present(alice, bob.self, { jws, session }),
  ])
  expect(both.filter((each) => each === 'accepted').length).toBeGreaterThan(0)
  await soon(async () => (await alice.handoffs.list())[0]?.state === 'active' || undefined)
  expect(await alice.handoffs.list()).toHaveLength(1)
  expect(await present(alice, bob.self, { jws, session })).toBe('used')
  const again = await openHandoffPeer(1, { store, run: 1, clock: alice.clock })
  expect(await present(again, bob.self, { jws, session })).toBe('used')
  // Neither does it depend on the request that came of it, of which the last 200 are kept.
  for await (const [key] of store.list({
    from: new Uint8Array([0x6d]),
    to: new Uint8Array([0x6e]),
  })) {
    if (new TextDecoder().decode(key).startsWith('mhandoff/')) await store.write([{ delete: key }])
  }
  const third = await openHandoffPeer(1, { store, run: 2, clock: alice.clock })
  expect(await third.handoffs.list()).toEqual([])
  expect(await present(third, bob.self, { jws, session })).toBe('used')
})

it('IV8 an answer that was lost is found out, and the person who uses a link again is told', async () => {
  const { alice, bob, session } = await world()
  const { link, id } = await alice.handoffs.inviting.link(session, terms(bob))
  const jws = bob.handoffs.readLink(link)
  expect(await present(alice, bob.self, { jws, session })).toBe('accepted')
  await soon(async () => (await alice.handoffs.list())[0]?.state === 'active' || undefined)
  // Bob did not hear that; what he asks then is the same request.
  const events = await told(bob.handoffs.redeem(() => jws))
  expect(events.at(-1)).toMatchObject({ at: 'done', handoff: { id, state: 'active' } })
  const twice = await told(bob.handoffs.redeem(() => jws))
  expect(twice).toMatchObject([
    { at: 'failed', code: 'code-dead', message: 'failed to join: it was used already' },
  ])
})

it('IV8 a link opens on its device alone, and not on one that was removed meanwhile', async () => {
  const { alice, bob, carol, session } = await world()
  await joinPeers(alice, carol)
  const { link } = await alice.handoffs.inviting.link(session, terms(bob))
  for (const peer of [carol, alice]) {
    expect(() => peer.handoffs.readLink(link)).toThrow(
      expect.objectContaining({ code: 'not-paired' }),
    )
  }
  bob.removed.add(alice.self)
  const jws = bob.handoffs.readLink(link)
  expect(await told(bob.handoffs.redeem(() => jws))).toMatchObject([
    { at: 'failed', code: 'revoked', message: expect.stringContaining('was removed') },
  ])
  expect(await bob.handoffs.list()).toEqual([])
  // Whoever was removed itself invites nobody any more.
  alice.removed.add(alice.self)
  expect(await present(alice, bob.self, { jws, session })).toBe('revoked')
})

it('IV8 what the session needs the device must have', async () => {
  const { alice, bob, session } = await world()
  await (await alice.documents.open(session)).set(['requires'], ['voice_input'])
  const { jws } = await alice.handoffs.inviting.issue(session, terms(bob))
  expect(await present(alice, bob.self, { jws, session })).toBe('insufficient-capabilities')
  expect(await present(alice, bob.self, { jws, session, able: ['voice_input'] })).toBe('accepted')
})

it('IV10 nobody who was not let in gets an invitation by asking', async () => {
  const { alice, bob } = await world()
  const asked = alice.handoffs.receive(bob.self, encodeHandoffQuestion(['invited']))
  const second = alice.handoffs.receive(bob.self, encodeHandoffQuestion(['invited']))
  await expect(second).rejects.toMatchObject({ code: 'not-permitted' })
  const ended = expect(asked).rejects.toMatchObject({ code: 'timeout' })
  await alice.clock.elapse(30_000)
  await ended
})
