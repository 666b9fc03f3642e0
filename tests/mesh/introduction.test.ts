/** IN3, IN4: devices of one roster that were never paired with each other. */
import type { Mesh } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { createMeshWorld, eventually, pair } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'
import { rowOf, startThree, when } from '../support/three-devices.ts'

const three = () => startThree('introduction')
const met = (mesh: Mesh, of: Mesh) => when(mesh, of, 'connected')

it('IN3 two devices that were paired with a third talk directly, also once that one is gone', async () => {
  const { homes, alice, bob, carol } = await three()
  await met(bob, carol)
  await met(carol, bob)
  expect(await rowOf(bob, carol)).toMatchObject({ trust: 0.7, role: 'member', name: 'carol' })
  expect(await rowOf(bob, alice)).toMatchObject({ trust: 1 })
  await alice.close()
  const here = await bob.documents.create('federation', { title: 'sprint' })
  await here.share(carol.self, { write: true })
  const there = await eventually(async () =>
    carol.documents.open(here.session).catch(() => undefined),
  )
  await there.set(['x'], 'carol')
  await eventually(async () => ((await here.get(['x'])) === 'carol' ? true : undefined))
  // As any pair: over restarts without anybody else.
  await bob.close()
  const again = await homes.bob.start()
  await met(again, carol)
  expect(await rowOf(again, carol)).toMatchObject({ trust: 0.7 })
})

it('IN4 pairing in person stands above an introduction, and a removal ends it', async () => {
  const { alice, bob, carol } = await three()
  await met(bob, carol)
  await pair(bob, carol)
  await met(bob, carol)
  for (const [mesh, of] of [
    [bob, carol],
    [carol, bob],
  ] as const) {
    await eventually(async () => ((await rowOf(mesh, of))?.trust === 1 ? true : undefined))
  }
  await alice.remove(carol.self)
  await eventually(async () => ((await rowOf(bob, carol))?.state === 'removed' ? true : undefined))
})

it('RS16 a member takes in a third one, which learns of all, also while the first is away', async () => {
  const world = createMeshWorld(tempFolder('member'))
  const homes = { alice: world.home('alice', 1), bob: world.home('bob', 2) }
  const [alice, bob] = [await homes.alice.start(), await homes.bob.start()]
  const carol = await world.home('carol', 3).start()
  await pair(alice, bob)
  await eventually(async () => ((await rowOf(bob, alice))?.role === 'admin' ? true : undefined))
  await alice.close()
  await pair(bob, carol)
  await eventually(async () => ((await rowOf(carol, alice))?.role === 'admin' ? true : undefined))
  expect(await rowOf(carol, bob)).toMatchObject({ role: 'member', trust: 1 })
  await met(await homes.alice.start(), carol)
})
