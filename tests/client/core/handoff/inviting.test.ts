/** IV7, IV8: invitations between paired devices, from the link to what the kind says. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { DeviceId } from '@baton/shared/ids'
import { handoffLifeMs } from '@baton/shared/limits'
import { describe, expect, it } from 'vitest'
import {
  type HandoffPeer,
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  soon,
  stagesOf,
  told,
} from '../../../support/handoff-peers.ts'

async function two() {
  const [alice, bob] = [await openHandoffPeer(1), await openHandoffPeer(2)]
  await joinPeers(alice, bob)
  const document = await heldBy(alice)
  return { alice, bob, document, session: document.session }
}

type Kind = 'transfer' | 'mirror' | 'observe'
const invite = async (by: HandoffPeer, to: HandoffPeer, session: string, kind: Kind) =>
  by.handoffs.inviting.link(session as never, { kind, to: to.self, mode: undefined })
const use = (peer: HandoffPeer, link: string) =>
  told(peer.handoffs.redeem(() => peer.handoffs.readLink(link)))

describe('IV8 who was invited gets what the kind says, and nobody is asked any more:', () => {
  it('IV8 a transfer', async () => {
    const { alice, bob, session } = await two()
    await alice.handoffs.setPolicy('never')
    const { link, id } = await invite(alice, bob, session, 'transfer')
    const events = await use(bob, link)
    expect(stagesOf(events)).toEqual(['asking', 'accepted', 'done'])
    await soon(async () => (await holders(session, alice, bob)).join() === '1,1' || undefined)
    await soon(async () => (await alice.handoffs.list())[0]?.state === 'active' || undefined)
    for (const peer of [alice, bob]) {
      expect((await peer.handoffs.list())[0]).toMatchObject({
        ...{ id, kind: 'transfer', state: 'active', askedBy: bob.self, to: bob.self },
      })
    }
  })

  it('IV8 a mirror, and the mode that it names is the one the session goes on in', async () => {
    const { alice, bob, session } = await two()
    const { link } = await alice.handoffs.inviting.link(session, {
      ...{ kind: 'mirror', to: bob.self, mode: 'mobile' },
    })
    const last = (await use(bob, link)).at(-1)
    expect(last).toMatchObject({ at: 'done', handoff: { kind: 'mirror', mode: 'mobile' } })
    expect((await bob.documents.state(session)).writers.has(bob.self)).toBe(true)
    const there = await bob.documents.open(session)
    expect(await there.get(['modes', 'active'])).toBe('mobile')
    const here = await alice.documents.open(session)
    await soon(async () => ((await here.get(['modes', 'active'])) === 'mobile' ? true : undefined))
    expect(await holders(session, alice, bob)).toEqual([0, 0])
  })

  it('IV8 an observer reads and writes nothing', async () => {
    const { alice, bob, session } = await two()
    const { link } = await alice.handoffs.inviting.link(session, {
      ...{ kind: 'observe', to: bob.self, mode: 'tab' },
    })
    expect((await use(bob, link)).at(-1)).toMatchObject({ at: 'done' })
    const state = await bob.documents.state(session)
    expect([state.author, state.writers.has(bob.self)]).toEqual([alice.self, false])
    await expect((await bob.documents.open(session)).set(['x'], 1)).rejects.toMatchObject({
      code: 'not-permitted',
    })
  })

  it('IV8 of a device that was away when the link was typed', async () => {
    const [alice, bob] = [await openHandoffPeer(1), await openHandoffPeer(2)]
    const pair = await joinPeers(alice, bob)
    const { session } = await heldBy(alice)
    const { link } = await invite(alice, bob, session, 'observe')
    pair.alice.close('gone')
    await soon(() => (bob.exchange(alice.self) ? undefined : true))
    const ended = use(bob, link)
    await soon(async () => (await bob.handoffs.list()).length || undefined)
    await joinPeers(alice, bob)
    expect(stagesOf(await ended)).toEqual(['asking', 'waiting', 'accepted', 'done'])
  })
})

describe('IV7', () => {
  it('IV7 only who may let another one in invites: the author, and for a transfer the holder', async () => {
    const carol = await openHandoffPeer(3)
    // Carol's is somebody else's device: whoever was handed a session lets in devices of its own alone.
    const isOwn = (device: DeviceId) => device !== carol.self
    const [alice, bob] = [await openHandoffPeer(1, { isOwn }), await openHandoffPeer(2, { isOwn })]
    await joinPeers(alice, bob)
    await joinPeers(bob, carol)
    const { session } = await heldBy(alice, bob.self)
    await soon(async () => (await bob.documents.state(session)).writers.has(bob.self) || undefined)
    for (const kind of ['mirror', 'observe', 'transfer'] as const) {
      await expect(invite(bob, carol, session, kind)).rejects.toMatchObject({
        code: kind === 'transfer' ? 'not-holder' : 'not-permitted',
      })
    }
    // Whoever holds it now cannot let a third in that may not write it.
    const { link } = await invite(alice, bob, session, 'transfer')
    await use(bob, link)
    await expect(invite(bob, carol, session, 'transfer')).rejects.toMatchObject({
      code: 'not-permitted',
    })
    expect(bob.handoffs.inviting.rows()).toEqual([])
  })

  it('IV7 what changed since it was made is looked at again: who lost the session gives none', async () => {
    const { alice, bob, session } = await two()
    const first = await invite(alice, bob, session, 'transfer')
    const second = await invite(alice, bob, session, 'transfer')
    await use(bob, first.link)
    expect((await use(bob, second.link)).at(-1)).toMatchObject({
      ...{ at: 'failed', code: 'not-permitted' },
    })
    await soon(async () => (await holders(session, alice, bob)).join() === '1,1' || undefined)
  })

  it('IV7 open ones are listed and called off, and no more than 32 wait', async () => {
    const { alice, bob, session } = await two()
    const { link, id } = await invite(alice, bob, session, 'observe')
    expect(alice.handoffs.inviting.rows()).toMatchObject([
      { id, session, kind: 'observe', to: bob.self, title: 'held' },
    ])
    await alice.handoffs.cancel(id.slice(0, 8))
    expect(alice.handoffs.inviting.rows()).toEqual([])
    expect((await use(bob, link)).at(-1)).toMatchObject({
      ...{ at: 'failed', code: 'code-dead', message: expect.stringContaining('called off') },
    })
    for (let each = 0; each < 32; each++) await invite(alice, bob, session, 'observe')
    await expect(invite(alice, bob, session, 'observe')).rejects.toMatchObject({
      code: 'not-permitted',
    })
    await alice.clock.elapse(handoffLifeMs)
    expect(alice.handoffs.inviting.rows()).toEqual([])
    await invite(alice, bob, session, 'observe')
  })

  it('IV7 it is on the disk before its link is given out', async () => {
    const store = createMemoryStore()
    const held = { on: false }
    const alice = await openHandoffPeer(1, {
      store: {
        ...store,
        flush: () => (held.on ? new Promise(() => undefined) : store.flush()),
      },
    })
    const bob = await openHandoffPeer(2)
    await joinPeers(alice, bob)
    const { session } = await heldBy(alice)
    held.on = true
    let given = false
    void invite(alice, bob, session, 'observe').then(() => {
      given = true
    })
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(given).toBe(false)
  })
})
