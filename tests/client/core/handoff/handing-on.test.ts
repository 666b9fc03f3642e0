/** HF12, HF13, GR5, GR6: sessions that go on from hand to hand, and who may not hand them on. */
import type { SessionId } from '@baton/shared/ids'
import { splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeGrant } from '@baton/shared/model/agent-entries'
import { expect, it } from 'vitest'
import {
  type HandoffPeer,
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  shownBy,
  soon,
  told,
} from '../../../support/handoff-peers.ts'

async function devices(...seeds: readonly number[]): Promise<HandoffPeer[]> {
  const peers: HandoffPeer[] = []
  for (const seed of seeds) {
    const peer = await openHandoffPeer(seed)
    await peer.handoffs.setPolicy('always')
    peers.push(peer)
  }
  return peers
}

async function handed(from: HandoffPeer, to: HandoffPeer, session: string) {
  const events = await told(from.handoffs.hand(session, { to: to.self, kind: 'transfer' }))
  expect(events.at(-1)).toMatchObject({ at: 'done', holding: { holder: to.self } })
}

const showsAll = (peer: HandoffPeer, session: SessionId, count: number) =>
  soon(async () => {
    const document = await peer.documents.open(session).catch(() => undefined)
    const shown = document && (await shownBy(document))
    return shown?.length === count ? shown : undefined
  })

it('HF13 GR3 from hand to hand to a device that never saw it, and back by one that the first never let in', async () => {
  const [alice, bob, carol] = (await devices(1, 2, 3)) as [HandoffPeer, HandoffPeer, HandoffPeer]
  const first = await joinPeers(alice, bob)
  const here = await heldBy(alice)
  const { session } = here
  await handed(alice, bob, session)
  // Alice is away from here on, and bob hands on what he did not begin.
  first.cut()
  await (await bob.documents.open(session)).say('by bob')
  const second = await joinPeers(bob, carol)
  await handed(bob, carol, session)
  await (await carol.documents.open(session)).say('by carol')
  second.cut()
  // Bob is gone: alice learns from carol alone that there is a carol.
  await joinPeers(carol, alice)
  await showsAll(alice, session, 3)
  await handed(carol, alice, session)
  await here.say('here again')
  expect(await shownBy(here)).toEqual(['begun', 'by bob', 'by carol', 'here again'])
  await joinPeers(alice, bob)
  for (const peer of [bob, carol]) {
    expect(await showsAll(peer, session, 4)).toEqual(await shownBy(here))
  }
  expect(await holders(session, alice, bob, carol)).toEqual([0, 0, 0])
  await soon(async () => {
    const digests = await Promise.all(
      [alice, bob, carol].map(async (x) => (await x.documents.open(session)).digest()),
    )
    return new Set(digests).size === 1
  })
})

it('HF13 who holds a session lets others write and read along, whoever began it', async () => {
  const [alice, bob, carol] = (await devices(1, 2, 3)) as [HandoffPeer, HandoffPeer, HandoffPeer]
  const { session } = await heldBy(alice)
  const first = await joinPeers(alice, bob)
  await handed(alice, bob, session)
  first.cut()
  await joinPeers(bob, carol)
  const seen = await told(bob.handoffs.hand(session, { to: carol.self, kind: 'observe' }))
  expect(seen.at(-1)).toMatchObject({ at: 'done' })
  await showsAll(carol, session, 1)
  // What the holder agrees to, its taker may ask for, too.
  const mirrored = await told(carol.handoffs.take(session, { kind: 'mirror' }))
  expect(mirrored.at(-1)).toMatchObject({ at: 'done' })
  const there = await carol.documents.open(session)
  await soon(async () => (await carol.documents.state(session)).writers.has(carol.self))
  await there.set(['config', 'a'], 1)
})

it('GR5 a device of somebody else that may write lets nobody in, and is let in by the author alone', async () => {
  const [bob, carol] = (await devices(2, 3)) as [HandoffPeer, HandoffPeer]
  const alice = await openHandoffPeer(1, { isOwn: (device) => device !== carol.self })
  const { session } = await heldBy(alice)
  await joinPeers(alice, bob)
  await joinPeers(alice, carol)
  await joinPeers(bob, carol)
  await handed(alice, carol, session)
  expect(alice.sharing.right(session, carol.self)).toBe('mirror')
  const [refused] = await told(carol.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  expect(refused).toMatchObject({ at: 'failed', code: 'not-permitted' })
  // Said all the same it counts nowhere.
  await carol.repository.write(session, (to) => {
    to.append(kinds.grant, encodeGrant({ device: bob.self, kind: 'full' }))
    return []
  })
  await soon(
    () => alice.repository.frontier(session).join() === carol.repository.frontier(session).join(),
  )
  expect(alice.sharing.members(session).has(bob.self)).toBe(false)
  expect((await alice.documents.state(session)).writers.has(bob.self)).toBe(false)
  // Bob, who may let others in, does not let in whoever is not one of his.
  const dave = await openHandoffPeer(4, { isOwn: (device) => device !== carol.self })
  await joinPeers(alice, dave)
  await alice.sharing.grant(session, dave.self, 'mirror')
  await soon(() => dave.sharing.right(session, dave.self) === 'full')
  await expect(dave.sharing.grant(session, carol.self, 'mirror')).resolves.toBeUndefined()
  const eve = await openHandoffPeer(5)
  const strict = { code: 'not-permitted', message: expect.stringContaining('one of yours') }
  const other = await openHandoffPeer(6, { isOwn: (device) => device !== eve.self })
  await joinPeers(alice, other)
  await alice.sharing.grant(session, other.self, 'mirror')
  await soon(() => other.sharing.right(session, other.self) === 'full')
  await expect(other.sharing.grant(session, eve.self)).rejects.toMatchObject(strict)
})

it('GR6 what a device grants beyond its cut lets nobody in, whichever of the two came first', async () => {
  const [alice, bob, carol] = (await devices(1, 2, 3)) as [HandoffPeer, HandoffPeer, HandoffPeer]
  await joinPeers(alice, bob)
  const { session } = await heldBy(alice, bob.self)
  await soon(() => bob.sharing.right(session, bob.self) === 'full')
  await bob.sharing.grant(session, carol.self, 'mirror')
  await soon(() => alice.sharing.members(session).has(carol.self))
  const cut = (peer: HandoffPeer) =>
    peer.cuts.set('observer', (log) => (splitLogId(log).device === bob.self ? 0 : undefined))
  cut(alice)
  expect(alice.sharing.members(session).has(carol.self)).toBe(false)
  expect((await alice.documents.state(session)).writers.has(carol.self)).toBe(false)
  cut(bob)
  const dave = await openHandoffPeer(4)
  await expect(bob.sharing.grant(session, dave.self)).rejects.toMatchObject({
    ...{ code: 'not-permitted', message: expect.stringContaining('counts no longer') },
  })
  alice.cuts.set('observer', new Map())
  expect(alice.sharing.members(session).has(carol.self)).toBe(true)
})

it('HF12 what a removed device or an observer would hand over or take is refused at once, with the reason', async () => {
  const [alice, bob] = (await devices(1, 2)) as [HandoffPeer, HandoffPeer]
  await joinPeers(alice, bob)
  const { session } = await heldBy(alice, bob.self)
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self))
  const own = await heldBy(bob)
  const cut = (peer: HandoffPeer, reason: 'revoked' | 'observer') =>
    peer.cuts.set(reason, (log) => (splitLogId(log).device === bob.self ? 0 : undefined))
  const kind = 'transfer' as const
  cut(alice, 'observer')
  const [late] = await told(alice.handoffs.hand(session, { to: bob.self, kind }))
  expect(late).toMatchObject({
    code: 'not-permitted',
    message: expect.stringContaining('observer'),
  })
  for (const [reason, code] of [
    ['observer', 'not-permitted'],
    ['revoked', 'revoked'],
  ] as const) {
    cut(bob, reason)
    const [hand] = await told(bob.handoffs.hand(own.session, { to: alice.self, kind }))
    expect(hand).toMatchObject({ at: 'failed', code })
    for (const force of [true, false]) {
      const [take] = await told(bob.handoffs.take(session, { kind, force }))
      expect(take).toMatchObject({ at: 'failed', code })
    }
  }
  expect(await holders(session, alice)).toEqual([0])
  expect([...(await alice.handoffs.list()), ...(await bob.handoffs.list())]).toEqual([])
})

it('HF12 of a holder that is an observer by now nobody waits, and reading along takes writing from nobody', async () => {
  const [alice, bob] = (await devices(1, 2)) as [HandoffPeer, HandoffPeer]
  await joinPeers(alice, bob)
  const { session } = await heldBy(alice, bob.self)
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self))
  const [reads] = await told(alice.handoffs.hand(session, { to: bob.self, kind: 'observe' }))
  expect(reads).toMatchObject({
    ...{ code: 'not-permitted', message: expect.stringContaining('may write') },
    hint: expect.stringContaining('baton role'),
  })
  const held = bob.repository
    .heads(session)
    .find(({ log }) => splitLogId(log).device === alice.self)
  bob.cuts.set('observer', (log) =>
    splitLogId(log).device === alice.self ? (log === held?.log ? held.seq : 0) : undefined,
  )
  const [take] = await told(bob.handoffs.take(session, { kind: 'transfer' }))
  expect(take).toMatchObject({
    ...{ code: 'not-permitted', message: expect.stringContaining('observer') },
    hint: expect.stringContaining('--force'),
  })
})
