/** Three devices of one person in a mesh in memory: alice was paired with bob and with carol. */
import type { Mesh } from '@baton/client/core/mesh-api'
import { createMeshWorld, eventually, pair } from './mesh-world.ts'
import { tempFolder } from './temp.ts'

/** `name`: of the folder in which they live. */
export async function startThree(name: string) {
  const world = createMeshWorld(tempFolder(name))
  const homes = {
    alice: world.home('alice', 1),
    bob: world.home('bob', 2),
    carol: world.home('carol', 3),
  }
  const [alice, bob, carol] = [
    await homes.alice.start(),
    await homes.bob.start(),
    await homes.carol.start(),
  ]
  await pair(alice, bob)
  await pair(alice, carol)
  return { world, homes, alice, bob, carol }
}

/** What `mesh` shows of the device `of`. */
export const rowOf = async (mesh: Mesh, of: Mesh) =>
  (await mesh.devices()).find(({ id }) => id === of.self)

/** Resolves once `mesh` shows the device `of` as that. */
export const when = (mesh: Mesh, of: Mesh, state: string) =>
  eventually(async () => ((await rowOf(mesh, of))?.state === state ? true : undefined))
