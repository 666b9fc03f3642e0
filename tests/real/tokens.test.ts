/** TF with everything real: WebRTC, lmdb, a bulk transfer beside, and a device that joins late. */
import { randomBytes } from 'node:crypto'
import type { Document } from '@baton/client/core/mesh-api'
import type { Peer } from '@baton/client/node/peer'
import type { SessionId } from '@baton/shared/ids'
import { createSignaling } from '@baton/signaling/signaling'
import { expect, it, onTestFinished } from 'vitest'
import { pairReally, realPeer } from '../support/real-peer.ts'
import { assistant, textOf } from '../support/stream-documents.ts'
import { tempFolder } from '../support/temp.ts'

/** The document on another device, once its beginning has come. */
async function arrived({ mesh }: Peer, session: SessionId): Promise<Document> {
  for (;;) {
    const document = await mesh.documents.open(session).catch(() => undefined)
    if (document) return document
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The text of a message as it is followed, and its end. */
function followed(document: Document, id: string) {
  let text = ''
  let parts = 0
  const waiting = new Set<() => void>()
  const over = new Promise<void>((resolve, reject) => {
    document.follow(id, (event) => {
      if (event.at === 'text') text += event.text
      if (event.at === 'anew') text = event.text
      parts += 1
      for (const look of [...waiting]) look()
      if (event.at === 'over') resolve()
      if (event.at === 'failed') reject(new Error(event.code))
    })
  })
  const until = (fits: (text: string) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!fits(text)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { over, until, text: () => text, parts: () => parts }
}

it('TF10 tokens come one by one over WebRTC while 8 MiB go beside them, and to one that joins late', async () => {
  const root = tempFolder('tokens')
  const signaling = createSignaling()
  const { url } = await signaling.listen()
  onTestFinished(() => signaling.close())
  const alice = await realPeer(root, 'alice', url)
  const bob = await realPeer(root, 'bob', url)
  await pairReally(alice, bob)
  const here = await alice.mesh.documents.create('agent', { title: 'tokens' })
  const beside = await alice.mesh.documents.create('agent', { title: 'beside' })
  await here.share(bob.mesh.self)
  await beside.share(bob.mesh.self)
  const there = await arrived(bob, here.session)
  const reader = followed(there, 'a')
  const writer = await here.stream(assistant, { id: 'a' })
  const heavy = beside.say({ content: randomBytes(8 * 1024 * 1024) })
  let whole = ''
  for (let n = 0; n < 40; n++) {
    whole += `token ${n} 😀 `
    await writer.write(`token ${n} 😀 `)
    // The next word is said when this one was seen, which its piece alone would take a second for.
    await reader.until((text) => text === whole)
  }
  expect(reader.parts()).toBeGreaterThanOrEqual(40)
  const message = (await there.history()).at(-1)
  expect(message?.stream?.ahead ?? 0).toBeLessThan(whole.length)
  expect(textOf(message)).toBe(whole)
  await heavy

  const carol = await realPeer(root, 'carol', url)
  await pairReally(alice, carol)
  await writer.write('late ')
  await here.share(carol.mesh.self)
  const late = followed(await arrived(carol, here.session), 'a')
  whole += 'late '
  await late.until((text) => text === whole)
  await writer.write('end')
  await writer.end()
  whole += 'end'
  await Promise.all([reader.over, late.over])
  expect([reader.text(), late.text()]).toEqual([whole, whole])
  expect((await bob.mesh.status()).counters).toEqual({ aheadDifferent: 0 })
  expect(await there.digest()).toBe(await here.digest())
})
