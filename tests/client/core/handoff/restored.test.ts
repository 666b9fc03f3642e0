/** HF8: a disk that went back to a backup does not know what its device agreed to, and gives it back. */
import { expect, it } from 'vitest'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import {
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  shownBy,
  soon,
  told,
} from '../../../support/handoff-peers.ts'

/** Alice signed her session over to Bob, whose disk is back at where nobody had asked him. */
async function signedOver() {
  const disk = createFaultyDisk(() => 0)
  const alice = await openHandoffPeer(1)
  const bob = await openHandoffPeer(2, { store: await disk.open() })
  await bob.handoffs.setPolicy('always')
  const pair = await joinPeers(alice, bob)
  const here = await heldBy(alice, bob.self)
  const { session } = here
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self) || undefined)
  await bob.repository.flush()
  const backup = await disk.backup()
  void told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' })).catch(() => undefined)
  const off = alice.repository.onGrew(() => {
    // Her word leaves the moment it is written: Bob must not hear it.
    void alice.documents.state(session).then(({ holding }) => holding.passing && pair.cut())
  })
  await soon(async () =>
    (await alice.documents.state(session)).holding.passing ? true : undefined,
  )
  pair.cut()
  off()
  bob.handoffs.close()
  disk.restore(backup)
  const again = await openHandoffPeer(2, { store: await disk.open(), run: 1 })
  return { alice, bob: again, session, here }
}

it('HF8 what was signed over to a device that knows of no request goes back to who held it', async () => {
  const { alice, bob, session, here } = await signedOver()
  expect(await bob.handoffs.list()).toEqual([])
  await joinPeers(alice, bob)
  await soon(async () => ((await holders(session, alice, bob))[0] === 0 ? true : undefined))
  await here.say('on')
  const there = await bob.documents.open(session)
  await soon(async () => ((await shownBy(there)).length === 2 ? true : undefined))
  expect(await shownBy(there)).toEqual(['begun', 'on'])
  await expect(there.say('x')).rejects.toMatchObject({ code: 'not-holder' })
  await soon(async () => {
    const [request] = await alice.handoffs.list()
    return request?.state === 'failed' ? true : undefined
  })
})
