/** GR1 to GR4: who may hold a session, by whose word, and from when on. */
import { openSharing } from '@baton/client/core/sessions/sharing'
import { sessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeGrant } from '@baton/shared/model/agent-entries'
import { expect, it } from 'vitest'
import { eventually } from '../../../support/mesh-world.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { link, sent, twoPeers } from '../../../support/two-peers.ts'

/** Alice's session, which bob holds; carol is a device that was granted nothing. */
async function shared() {
  const two = await twoPeers()
  await link(two.alice, two.bob)
  const { receipt } = await sent(two.alice, two.found.id, { ...two.options, carryOnly: true })
  const carol = await two.open(3)
  return { ...two, carol, session: receipt.session }
}

it('GR1 members are the author and those whom it lets in, whatever those grant that may only read', async () => {
  const { alice, bob, carol, session } = await shared()
  const members = new Set([alice.device, bob.device])
  await bob.repository.write(session, (to) => {
    to.append(kinds.grant, encodeGrant({ device: carol.device, kind: 'copy' }))
    to.append(kinds.grant, ['no', 'grant'])
    return []
  })
  const wanted = bob.repository.frontier(session)
  await eventually(async () =>
    String(alice.repository.frontier(session)) === String(wanted) ? true : undefined,
  )
  for (const peer of [alice, bob]) {
    expect(peer.sharing.members(session)).toEqual(members)
    expect(peer.sharing.isShared(session, carol.device)).toBe(false)
    expect(peer.sharing.sharedWith(carol.device)).toEqual([])
    expect(peer.sharing.author(session)).toBe(alice.device)
    expect(peer.sharing.sharedByAny()).toEqual([session])
  }
})

it('GR2 only those share that may, and sharing again writes nothing', async () => {
  const { alice, bob, carol, session } = await shared()
  await expect(bob.sharing.grant(session, carol.device)).rejects.toMatchObject({
    code: 'not-permitted',
    hint: expect.stringContaining('where it was begun'),
  })
  const before = alice.repository.frontier(session)
  await alice.sharing.grant(session, bob.device)
  await bob.sharing.grant(session, alice.device)
  expect(alice.repository.frontier(session)).toEqual(before)
})

it('GR2 a session whose first line is not complete yet is told as that, not as another’s', async () => {
  const { alice, bob } = await shared()
  const unwritten = sessionId(new Uint8Array(16).fill(9))
  await expect(alice.sharing.grant(unwritten, bob.device)).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining('first line'),
  })
})

it('GR3 what the author wrote may come from anyone, what others wrote from members', async () => {
  const { alice, bob, carol, session } = await shared()
  const { sharing } = alice
  expect(sharing.accepts(session, carol.device, alice.device)).toBe(true)
  expect(sharing.accepts(session, bob.device, bob.device)).toBe(true)
  expect(sharing.accepts(session, bob.device, carol.device)).toBe(true)
  expect(sharing.accepts(session, carol.device, bob.device)).toBe(false)
  expect(sharing.accepts(session, carol.device, carol.device)).toBe(false)
})

it('GR4 a grant counts from the moment it is stored, is told, and is found again at the next start', async () => {
  const { alice, bob, carol, session } = await shared()
  const told: unknown[] = []
  alice.sharing.onChange((which) => told.push([which, alice.sharing.members(which).size]))
  await alice.sharing.grant(session, carol.device)
  expect(told).toEqual([[session, 3]])
  expect(alice.sharing.sharedWith(carol.device)).toEqual([session])
  const again = await openSharing({
    ...{ repository: alice.repository, cuts: alice.cuts, sha256: nodePrimitives.sha256 },
    isOwn: () => true,
  })
  expect(again.members(session)).toEqual(new Set([alice.device, bob.device, carol.device]))
  expect(again.author(session)).toBe(alice.device)
})
