/** DC, CR with everything real: signaling, WebRTC, lmdb, restarts, and two people who write at once. */

import type { Document } from '@baton/client/core/mesh-api'
import type { Peer } from '@baton/client/node/peer'
import type { SessionId } from '@baton/shared/ids'
import { createSignaling } from '@baton/signaling/signaling'
import { expect, it, onTestFinished } from 'vitest'
import { pairReally, realPeer } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const nobody = 'http://127.0.0.1:9'
const path = ['tasks', 'embeddings', 'status']

/** Resolves when `look` gives something, asked again after each change of the session. */
function seen<T>(document: Document, look: () => Promise<T | undefined>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ask = () =>
      void look().then((found) => {
        if (found === undefined) return
        stop()
        resolve(found)
      }, reject)
    const stop = document.watch(ask)
    ask()
  })
}

/** The document on another device, once its beginning has come. */
async function arrived({ mesh }: Peer, session: SessionId): Promise<Document> {
  for (;;) {
    const document = await mesh.documents.open(session).catch(() => undefined)
    if (document) return document
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('CR1 two devices write one field while apart, meet, and one person settles it for both', async () => {
  const root = tempFolder('documents')
  const signaling = createSignaling()
  const { url } = await signaling.listen()
  onTestFinished(() => signaling.close())
  const alice = await realPeer(root, 'alice', url)
  const before = await realPeer(root, 'bob', url)
  await pairReally(alice, before)

  const here = await alice.mesh.documents.create('federation', { title: 'router sprint' })
  const { session } = here
  await here.set(['conflict', 'strategy'], 'user_choice')
  await here.share(before.mesh.self, { write: true })
  await here.say({ role: 'user', content: 'x'.repeat(100_000) })
  await here.set(path, 'in_progress')
  const first = await arrived(before, session)
  await seen(first, async () => ((await first.get(path)) === 'in_progress' ? true : undefined))
  await before.close()

  // Bob is on a train; alice goes on at home.
  const away = await realPeer(root, 'bob', nobody)
  await (await away.mesh.documents.open(session)).set(path, 'blocked')
  await away.close()
  await here.set(path, 'completed')

  const bob = await realPeer(root, 'bob', url)
  const there = await bob.mesh.documents.open(session)
  const [listed] = await seen(here, async () => {
    const open = await here.conflicts()
    return open.length > 0 ? open : undefined
  })
  await seen(there, async () => ((await there.conflicts()).length > 0 ? true : undefined))
  expect(await there.conflicts()).toEqual([listed])
  expect(listed?.sides.map(({ value }) => value).toSorted()).toEqual(['blocked', 'completed'])
  expect(await bob.mesh.conflicts()).toMatchObject([{ session, title: 'router sprint' }])

  const side = listed?.sides.findIndex(({ value }) => value === 'blocked') ?? -1
  await bob.mesh.settle(session.slice(0, 8), listed?.id ?? '', { by: 'side', side })
  // Which of the two is shown meanwhile is the clocks' to say.
  await seen(here, async () => ((await here.conflicts()).length === 0 ? true : undefined))
  expect(await there.conflicts()).toEqual([])
  for (const document of [here, there]) expect(await document.get(path)).toBe('blocked')
  expect(await here.digest()).toBe(await there.digest())
  expect((await there.history()).map(({ value }) => value)).toEqual([
    { role: 'user', content: 'x'.repeat(100_000) },
  ])
  const listing = (await bob.mesh.sessions()).find(({ id }) => id === session)
  expect(listing).toMatchObject({ agent: 'federation', title: 'router sprint' })
})
