/** CX and RD over whole meshes: what was replaced or taken back goes from the stores of both devices. */
import type { Document, Mesh } from '@baton/client/core/mesh-api'
import { under } from '@baton/client/core/repo/keys'
import { idBytes } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { createMeshWorld, eventually, type MeshHome, pair } from '../support/mesh-world.ts'
import { holdsText } from '../support/stored-text.ts'
import { tempFolder } from '../support/temp.ts'
import { tries } from '../support/tries.ts'

async function setUp() {
  const world = createMeshWorld(tempFolder('compaction'))
  const homes = { alice: world.home('alice', 1), bob: world.home('bob', 2) }
  const alice = await homes.alice.start()
  const bob = await homes.bob.start()
  await pair(alice, bob)
  const here = await alice.documents.create('federation', { title: 'plan' })
  await here.share(bob.self, { write: true })
  return { homes, alice, bob, here, there: await opened(bob, here) }
}

const opened = (mesh: Mesh, { session }: Document) =>
  eventually(() => mesh.documents.open(session).catch(() => undefined))

const same = (here: Document, there: Document) =>
  eventually(async () => (await here.digest()) === (await there.digest()) || undefined)

/** Bytes of the entries that a store holds of a session. */
async function bytesOf({ store }: MeshHome, { session }: Document): Promise<number> {
  let bytes = 0
  for await (const [, row] of store.list(under('d', idBytes(session)))) bytes += row.length
  return bytes
}

it('RD2 CX8 what was taken back on one device is in the store of neither once both have synced', async () => {
  const { homes, here, there } = await setUp()
  const secret = 'the words that were never meant '
  const id = await here.say(secret)
  const other = 'neither were these '
  const long = await here.say(other.repeat(400))
  await here.say('stays')
  await same(here, there)
  for (const home of [homes.alice, homes.bob]) {
    expect([await holdsText(home.store, secret), await holdsText(home.store, other)]).toEqual([
      true,
      true,
    ])
  }
  await here.retract(id)
  await here.retract(long)
  await same(here, there)
  for (const home of [homes.alice, homes.bob]) {
    await eventually(async () => {
      return (
        !((await holdsText(home.store, secret)) || (await holdsText(home.store, other))) ||
        undefined
      )
    })
  }
  for (const document of [here, there]) {
    const said = (await document.history()).map(({ value, redacted }) => redacted ?? value)
    expect(said).toEqual([true, true, 'stays'])
  }
})

it('CX1 a document with thousands of overwrites of one value is small on both devices, over restarts', async () => {
  const { homes, alice, bob, here, there } = await setUp()
  await here.set(['stays'], 'here')
  const times = tries(20) < 20 ? 600 : 3_000
  for (let i = 0; i < times; i += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, k) => here.set(['scratch'], `value ${i + k} of many`)),
    )
  }
  await here.set(['scratch'], 'last')
  await same(here, there)
  for (const home of [homes.alice, homes.bob]) {
    await eventually(async () => (await bytesOf(home, here)) < 100_000 || undefined)
  }
  await same(here, there)
  const digest = await here.digest()
  await alice.close()
  await bob.close()
  for (const home of [homes.alice, homes.bob]) {
    const document = await opened(await home.start(), here)
    expect(await document.digest()).toBe(digest)
    expect([await document.get(['scratch']), await document.get(['stays'])]).toEqual([
      'last',
      'here',
    ])
    expect(await document.conflicts()).toEqual([])
  }
}, 120_000)
