/**
 * A device and its living copy: two processes with one key that drew the same, as after a virtual machine
 * was copied while it ran. Whatever both do the same way is the same, down to the last byte.
 */
import type { Document } from '@baton/client/core/mesh-api'
import { entriesOf } from '@baton/client/core/repo/rows'
import type { DeviceId } from '@baton/shared/ids'
import { depKey } from '@baton/shared/log/again'
import { createChannelPair } from './channel-pair.ts'
import { openTestPeer, type TestPeer, type TestPeerOptions } from './peer.ts'

/** Two peers with one key, after both ran `before`. */
export async function openTwins(
  before: (peer: TestPeer) => Promise<void>,
  options: () => Omit<TestPeerOptions, 'seed'> = () => ({}),
): Promise<[TestPeer, TestPeer]> {
  const twins = [
    await openTestPeer({ seed: 1, ...options() }),
    await openTestPeer({ seed: 1, ...options() }),
  ]
  for (const twin of twins) await before(twin)
  return twins as [TestPeer, TestPeer]
}

/** Links two until they fall silent, and their own writing with them; then cuts the link. */
export async function meetPeers(one: TestPeer, other: TestPeer): Promise<void> {
  const pair = createChannelPair()
  pair.alice.admit()
  pair.bob.admit()
  await Promise.all([one.join(pair.alice, other.device), other.join(pair.bob, one.device)])
  for (let i = 0; i < 4; i++) {
    await pair.flush()
    await Promise.all([one, other].map((peer) => peer.forks.settled()))
    for (const { clock } of [one, other]) await clock.elapse(15_000)
  }
  await pair.flush()
  pair.cut()
}

/** Its one document, opened. */
export async function documentOf(peer: TestPeer): Promise<Document> {
  const [session] = peer.repository.sessions()
  if (!session) throw new Error('it holds no session')
  return peer.documents.open(session)
}

/** A document that `devices` may write. */
export const createShared =
  (...devices: readonly DeviceId[]) =>
  async (peer: TestPeer): Promise<void> => {
    const document = await peer.documents.create('agent', { title: 'twins', open: true })
    for (const device of devices) await document.share(device, { write: true })
  }

/** Every two of them that are not one device, twice over. */
export async function meetAll(...peers: TestPeer[]) {
  for (let i = 0; i < 2; i++) {
    for (const [at, one] of peers.entries()) {
      for (const other of peers.slice(at + 1)) {
        if (one.device !== other.device) await meetPeers(one, other)
      }
    }
  }
}

/** Places that are said again in what a device holds. */
export async function saidAgain(peer: TestPeer): Promise<string[]> {
  const { session } = await documentOf(peer)
  const places: string[] = []
  for (const { log } of peer.repository.heads(session)) {
    for await (const delta of peer.repository.read(log, 0)) {
      for (const { entry } of entriesOf(delta)) {
        if (entry?.again) places.push(entry.again.map(depKey).join())
      }
    }
  }
  return places
}
