/**
 * AM4: automerge-repo's own acceptance tests of networks, over a document of a mesh whose devices are
 * all real: pairing, signaling, WebRTC, stores. Two of the three never meet: what they say to each
 * other goes through the third.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runNetworkAdapterTests } from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js'
import type { Document } from '@baton/client/core/mesh-api'
import type { Peer } from '@baton/client/node/peer'
import { createDice } from '@baton/client/testing/dice'
import { createSignaling } from '@baton/signaling/signaling'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRealPeer, pairReally } from '../support/real-peer.ts'
import { DocumentAdapter } from './document-adapter.ts'

const root = mkdtempSync(join(tmpdir(), 'baton-interop-'))
const signaling = createSignaling()
const peers: Peer[] = []
const adapters: DocumentAdapter[] = []

beforeAll(async () => {
  const { url } = await signaling.listen()
  for (const name of ['alice', 'bob', 'carol']) peers.push(await openRealPeer(root, name, url))
  const [alice, bob, carol] = peers as [Peer, Peer, Peer]
  await pairReally(alice, bob)
  await pairReally(alice, carol)
})

afterAll(async () => {
  await Promise.all(adapters.map((adapter) => adapter.idle()))
  await Promise.all(peers.map((peer) => peer.close()))
  await signaling.close()
  rmSync(root, { recursive: true, force: true })
})

/** The same new document on all three. */
async function shared(): Promise<Document[]> {
  const [alice, ...others] = peers as [Peer, Peer, Peer]
  const document = await alice.mesh.documents.create('federation', { title: 'repos' })
  for (const { mesh } of others) await document.share(mesh.self, { write: true })
  const open = async (index: number) =>
    await (peers[index] as Peer).mesh.documents.open(document.session).catch(() => undefined)
  // Its beginning may come before the word that lets a device write.
  const same = async () => {
    const all = [document, await open(1), await open(2)]
    return new Set(await Promise.all(all.map((each) => each?.digest()))).size === 1
  }
  await expect.poll(same, { timeout: 60_000, interval: 5 }).toBe(true)
  const documents = [document, await open(1), await open(2)] as Document[]
  return documents
}

describe('network: a document of a real mesh', () => {
  runNetworkAdapterTests(async () => {
    const documents = await shared()
    const made = documents.map(
      (document, i) => new DocumentAdapter(document, (peers[i] as Peer).mesh.self),
    )
    adapters.push(...made)
    const [a, b, c] = made as [DocumentAdapter, DocumentAdapter, DocumentAdapter]
    return {
      adapters: [a, b, c],
      teardown() {
        for (const adapter of made) adapter.disconnect()
      },
    }
  }, 'a document of a real mesh')
})

it('AM4 bytes of any size reach a device that the sender never meets', async () => {
  const documents = await shared()
  const [, bob, carol] = documents as [Document, Document, Document]
  const sent = [1, 40_000, 3_000_000].map((size) => createDice(size).bytes(size))
  for (const [i, bytes] of sent.entries()) await bob.set(['mail', 'carol', `${i}`], bytes)
  const come = async () => (await carol.entries(['mail', 'carol'])).length
  await expect.poll(come, { timeout: 60_000, interval: 5 }).toBe(3)
  for (const [i, bytes] of sent.entries()) {
    const got = (await carol.get(['mail', 'carol', `${i}`])) as Uint8Array
    expect(Buffer.from(got).equals(bytes)).toBe(true)
  }
})
