/** ME9: a session that came without being handed over is told of. */
import type { MeshEvent } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { createMeshWorld, eventually, pair } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'

it('ME9 a document is told of where it comes, and where others share it than before', async () => {
  const world = createMeshWorld(tempFolder('session-news'))
  const alice = await world.home('alice', 1).start()
  const bob = await world.home('bob', 2).start()
  await pair(alice, bob)
  const told: Record<'alice' | 'bob', MeshEvent[]> = { alice: [], bob: [] }
  alice.watch((event) => told.alice.push(event))
  bob.watch((event) => told.bob.push(event))
  const document = await alice.documents.create('agent', { title: 'sprint' })
  await document.share(bob.self, { write: true })
  const ofSession = (events: readonly MeshEvent[]) =>
    events.flatMap((event) => (event.kind === 'session' ? [event.session] : []))
  await eventually(async () => ofSession(told.bob).at(0))
  expect(ofSession(told.bob)[0]).toMatchObject({
    ...{ id: document.session, title: 'sprint', origin: alice.self, driven: true },
  })
  await eventually(async () =>
    ofSession(told.alice).find(({ sharedWith }) => sharedWith.includes(bob.self)),
  )
})
