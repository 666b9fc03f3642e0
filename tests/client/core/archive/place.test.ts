/** AR4: where a session that came by a file goes, when that is asked for. */
import { readFileSync } from 'node:fs'
import { createArchives } from '@baton/client/core/archive/archives'
import { concat } from '@baton/shared/bytes'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { twoPeers } from '../../../support/two-peers.ts'

const archivesOf = (peer: TestPeer) =>
  createArchives({
    ...peer,
    primitives: nodePrimitives,
    devices: { session: () => undefined },
    paired: new Map(),
  })

/** The session of alice's agent, as bytes. */
async function exported() {
  const peers = await twoPeers()
  const parts: Uint8Array[] = []
  const archive = await archivesOf(peers.alice).read(peers.found.id)
  for await (const piece of archive.pieces()) parts.push(piece)
  const bytes = concat(...parts)
  const take = (peer: TestPeer, place?: { maps: []; project?: string }) => {
    const told: string[] = []
    const pieces = async function* () {
      yield bytes
    }
    const taken = archivesOf(peer).take(pieces, (at) => void told.push(at), place)
    return taken.then((imported) => ({ ...imported, told }))
  }
  return { ...peers, take }
}

it('AR4 nothing is placed unless it is asked for, then where its agent resumes it', async () => {
  const { alice, bob, found, project, take } = await exported()
  const carried = await take(bob)
  expect(carried).toMatchObject({ author: alice.device, placed: undefined, unplaced: undefined })
  expect(carried.told).toEqual(['checking', 'storing'])
  expect(await bob.library.rows()).toMatchObject([{ id: carried.session, placed: undefined }])
  const { placed, fresh, told } = await take(bob, { maps: [], project })
  expect(fresh).toBe(0)
  expect(told).toEqual(['checking', 'storing', 'placing'])
  expect(placed?.resume).toContain(`claude --resume ${found.id}`)
  const uuids = (path: string) => readFileSync(path, 'utf8').match(/"uuid":"[^"]+"/g)
  expect(uuids(found.path)?.length).toBeGreaterThan(10)
  expect(uuids(placed?.path as string)).toEqual(uuids(found.path))
  expect(await bob.library.rows()).toMatchObject([{ id: carried.session, placed: placed?.path }])
})

it('AR4 one that cannot be placed is kept all the same, and why is told', async () => {
  const { alice, bob, found, take } = await exported()
  const nowhere = await take(bob, { maps: [], project: '/nonexistent/folder' })
  expect(nowhere).toMatchObject({
    placed: undefined,
    unplaced: { code: expect.stringMatching(/^place-|not-found/) },
  })
  expect(await bob.library.rows()).toMatchObject([{ id: nowhere.session, placed: undefined }])
  const withoutAgent = await openTestPeer({ seed: 5 })
  expect((await take(withoutAgent, { maps: [] })).unplaced).toMatchObject({ code: 'not-found' })
  // The author has the agent's own file, and may have gone on in it.
  const before = readFileSync(found.path)
  expect((await take(alice, { maps: [] })).unplaced).toMatchObject({ code: 'place-exists' })
  expect(readFileSync(found.path)).toEqual(before)
})
