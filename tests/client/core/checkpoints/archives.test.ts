/** AR1, AR3 and CX7: archives of a session of which logs went. */
import { createArchives } from '@baton/client/core/archive/archives'
import { concat } from '@baton/shared/bytes'
import type { SessionId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { type TwoDocuments, twoDocuments } from '../../../support/two-documents.ts'

const archivesOf = ({ repository, keyring, sharing }: TestPeer, session: SessionId) =>
  createArchives({
    ...{ repository, keyring, sharing, primitives: nodePrimitives, paired: new Map() },
    taking: { ref: async () => session },
    devices: { session: () => undefined },
    placing: {
      placeHere: async () => ({ placed: undefined, unplaced: undefined, merged: undefined }),
    },
  })

async function exported(peer: TestPeer, session: SessionId): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of (await archivesOf(peer, session).read('any')).pieces()) parts.push(part)
  return concat(...parts)
}

async function imported(peer: TestPeer, session: SessionId, bytes: Uint8Array): Promise<void> {
  async function* open() {
    yield bytes
  }
  await archivesOf(peer, session).take(open, () => undefined, undefined)
  await peer.checkpoints?.settled()
}

/** Nothing is left of what alice wrote but what counts. */
async function shrunk(two: TwoDocuments): Promise<void> {
  const { alice, bob, here } = two
  await two.meet()
  alice.checkpoints?.soon(here.session)
  for (let i = 0; i < 2; i++) {
    for (const { checkpoints } of [alice, bob]) await checkpoints?.settled()
    await two.meet()
  }
  expect(goneOf(bob, here.session)).toBeGreaterThan(0)
}

const goneOf = ({ repository }: TestPeer, session: SessionId) =>
  repository.heads(session).filter(({ log }) => repository.dropped(log)).length

it('AR1 CX7 what is left of a session says the same elsewhere, and can be exported again', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, there, bob } = two
  await here.say('stays')
  await here.set(['x'], 'long '.repeat(20_000))
  for (let i = 0; i < 5; i++) await here.set(['x'], i)
  await there.set(['y'], 'of bob')
  await shrunk(two)
  let bytes = await exported(bob, here.session)
  for (const seed of [7, 8]) {
    const other = await openTestPeer({ seed, checkpoints: true })
    await imported(other, here.session, bytes)
    const document = await other.documents.open(here.session)
    expect([await document.get(['x']), await document.get(['y'])]).toEqual([4, 'of bob'])
    expect(await document.digest()).toBe(await here.digest())
    expect(goneOf(other, here.session)).toBe(goneOf(bob, here.session))
    bytes = await exported(other, here.session)
  }
})

it('AR3 CX7 one made before goes in where these logs went, and brings nothing back', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, alice, bob } = two
  const id = await here.say('a secret that was said')
  await here.set(['x'], 1)
  await two.meet()
  const before = await exported(bob, here.session)
  await here.retract(id)
  await shrunk(two)
  const digest = await here.digest()
  for (const peer of [alice, bob]) {
    await imported(peer, here.session, before)
    const document = await peer.documents.open(here.session)
    expect(await document.digest()).toBe(digest)
    const bytes = await exported(peer, here.session)
    expect(Buffer.from(bytes).toString('latin1')).not.toContain('a secret that was said')
  }
})

it('AR1 a log that goes on behind what went is not left out in silence', async () => {
  const two = await twoDocuments()
  const { here, alice, bob } = two
  await alice.repository.renew(here.session)
  await here.set(['x'], 'gone')
  const head = alice.repository.heads(here.session).at(-1)
  await here.set(['y'], 'stays')
  await two.meet()
  if (!head) throw new Error('no log')
  expect(await bob.repository.drop(head)).toBe(true)
  await expect(exported(bob, here.session)).rejects.toMatchObject({ code: 'not-found' })
})
