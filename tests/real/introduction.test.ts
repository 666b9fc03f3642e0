/** IN3 with everything real: two devices that a third one paired with meet over WebRTC, without it. */
import type { Peer } from '@baton/client/node/peer'
import { createSignaling } from '@baton/signaling/signaling'
import { expect, it, onTestFinished } from 'vitest'
import { pairReally, realPeer } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

/** Resolves once `of` is connected to `peer`, told by its own events. */
function connected({ mesh }: Peer, of: Peer): Promise<number> {
  return new Promise((resolve, reject) => {
    const look = () =>
      void mesh.devices().then((rows) => {
        const row = rows.find(({ id }) => id === of.mesh.self)
        if (row?.state !== 'connected') return
        stop()
        resolve(row.trust)
      }, reject)
    const stop = mesh.watch(look)
    look()
  })
}

it('IN3 alice pairs bob and carol; they meet each other, share a document, and one is removed', async () => {
  const root = tempFolder('introduction')
  const signaling = createSignaling()
  const { url } = await signaling.listen()
  onTestFinished(() => signaling.close())
  const alice = await realPeer(root, 'alice', url)
  const bob = await realPeer(root, 'bob', url)
  const carol = await realPeer(root, 'carol', url)
  await pairReally(alice, bob)
  await pairReally(alice, carol)
  expect(await Promise.all([connected(bob, carol), connected(carol, bob)])).toEqual([0.7, 0.7])

  await alice.close()
  const here = await bob.mesh.documents.create('federation', { title: 'sprint' })
  await here.share(carol.mesh.self, { write: true })
  await here.set(['x'], 'bob')
  const there = await new Promise<Awaited<ReturnType<typeof carol.mesh.documents.open>>>(
    (resolve) => {
      const ask = () =>
        void carol.mesh.documents.open(here.session).then(resolve, () => setImmediate(ask))
      ask()
    },
  )
  await new Promise<void>((resolve) => {
    const stop = there.watch(look)
    function look() {
      void there.get(['x']).then((value) => {
        if (value !== 'bob') return
        stop()
        resolve()
      })
    }
    look()
  })
  await there.set(['x'], 'carol')

  // RS8, RS9: alice comes back, removes carol, and bob lets go of it.
  const again = await realPeer(root, 'alice', url)
  await connected(again, bob)
  await again.mesh.remove(carol.mesh.self)
  await new Promise<void>((resolve) => {
    const stop = bob.mesh.watch(look)
    function look() {
      void bob.mesh.devices().then((rows) => {
        if (rows.find(({ id }) => id === carol.mesh.self)?.state !== 'removed') return
        stop()
        resolve()
      })
    }
    look()
  })
  const rows = await bob.mesh.devices()
  expect(rows.find(({ id }) => id === carol.mesh.self)).toMatchObject({
    state: 'removed',
    removed: { by: again.mesh.self },
  })
})
