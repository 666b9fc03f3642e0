/** Removed devices in whole meshes: links, pair roots, sessions and what people are told. */
import type { Mesh, MeshEvent } from '@baton/client/core/mesh-api'
import { describe, expect, it } from 'vitest'
import { createMeshWorld, eventually, pair } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'
import { rowOf, startThree, when } from '../support/three-devices.ts'

async function three() {
  const all = await startThree('removal')
  for (const mesh of [all.alice, all.bob, all.carol]) {
    await eventually(async () => ((await mesh.devices()).length === 3 ? true : undefined))
  }
  return all
}

function noticesOf(mesh: Mesh): string[] {
  const told: string[] = []
  mesh.watch((event: MeshEvent) => event.kind === 'notice' && told.push(event.message))
  return told
}

describe('a removed device', () => {
  it('RS8 its link ends, it finds nobody again, also after restarts, and all are told', async () => {
    const { world, homes, alice, bob, carol } = await three()
    await when(alice, bob, 'connected')
    const [here, there, own] = [noticesOf(alice), noticesOf(carol), noticesOf(bob)]
    await alice.remove(bob.self)
    await when(alice, bob, 'removed')
    await when(carol, bob, 'removed')
    await eventually(async () => (there.length > 0 ? true : undefined))
    expect(await rowOf(carol, bob)).toMatchObject({ removed: { by: alice.self }, role: 'member' })
    for (const told of [here, there]) expect(told.join()).toMatch(/^bob \(.{8}\) was removed by/)
    expect((await alice.status()).devices).toEqual({ paired: 1, connected: 1 })
    // It may have heard of it before its link ended: then it says so itself.
    if ((await rowOf(bob, bob))?.state === 'removed') {
      expect(own.join()).toContain('this device was removed by alice')
    }
    await eventually(async () =>
      (await rowOf(bob, alice))?.state === 'connected' ? undefined : true,
    )
    await Promise.all([alice.close(), bob.close()])
    const dials = world.network.pairs.length
    const again = { alice: await homes.alice.start(), bob: await homes.bob.start() }
    await when(again.alice, carol, 'connected')
    expect((await rowOf(again.alice, again.bob))?.state).toBe('removed')
    expect((await rowOf(again.bob, again.alice))?.state).not.toBe('connected')
    // Only carol's: nobody answers the removed one.
    expect(world.network.pairs.length).toBeLessThanOrEqual(dials + 2)
    await expect(
      (async () => {
        for await (const event of again.alice.send('x', { to: again.bob.self, maps: [] }).events) {
          if (event.at === 'failed') throw Object.assign(new Error(event.message), event)
        }
      })(),
    ).rejects.toMatchObject({ code: 'not-found' })
  })

  it('RS8 pairing it again is refused: its key is dead', async () => {
    const { alice, bob } = await three()
    await alice.remove(bob.self)
    await expect(pair(alice, bob)).rejects.toThrow()
    expect((await rowOf(alice, bob))?.state).toBe('removed')
  })

  it('RS11 it may neither make a code nor use one, an observer make none, and each is told why at once', async () => {
    const { alice, bob, carol } = await three()
    await alice.remove(bob.self)
    await alice.setRole(carol.self, 'observer')
    await eventually(async () =>
      (await rowOf(carol, carol))?.role === 'observer' ? true : undefined,
    )
    // What bob hears depends on when its link ended: it says of itself what it was told.
    await bob.remove(bob.self).catch(() => undefined)
    const first = async (task: { readonly events: AsyncIterable<{ readonly at: string }> }) => {
      for await (const event of task.events) return event
      throw new Error('nothing was told')
    }
    const codes = { qr: false, confirm: false }
    expect(await first(bob.invite(codes))).toMatchObject({ at: 'failed', code: 'revoked' })
    expect(await first(bob.join('412-candle-castle-anvil', { confirm: false }))).toMatchObject({
      at: 'failed',
      code: 'revoked',
      hint: expect.stringContaining('BATON_HOME'),
    })
    expect(await first(carol.invite(codes))).toMatchObject({
      at: 'failed',
      code: 'not-permitted',
      hint: expect.stringContaining('baton role'),
    })
    const guest = carol.invite({ ...codes, guest: true })
    expect(await first(guest)).toMatchObject({ at: 'code' })
    guest.cancel()
  })

  it('RS9 what it wrote that the remover did not hold is hidden everywhere, backdated or not', async () => {
    const { alice, bob, carol } = await three()
    const here = await alice.documents.create('federation', { title: 'sprint' })
    await here.share(bob.self, { write: true })
    await here.share(carol.self)
    const there = await eventually(async () =>
      bob.documents.open(here.session).catch(() => undefined),
    )
    await there.set(['x'], 'before')
    await eventually(async () => ((await here.get(['x'])) === 'before' ? true : undefined))
    const copy = await eventually(async () =>
      carol.documents.open(here.session).catch(() => undefined),
    )
    await eventually(async () => ((await copy.get(['x'])) === 'before' ? true : undefined))
    await alice.remove(bob.self)
    // Unless it has heard already: then it is refused here (RS10).
    for (const key of ['x', 'y']) {
      const refused = await there.set([key], 'after').catch((error: unknown) => error)
      if (refused) expect(refused).toMatchObject({ code: 'revoked' })
    }
    await when(carol, bob, 'removed')
    for (const document of [here, copy]) {
      expect(await document.get(['x'])).toBe('before')
      expect(await document.get(['y'])).toBeUndefined()
    }
    await here.set(['x'], 'alice')
    await eventually(async () => ((await copy.get(['x'])) === 'alice' ? true : undefined))
    // Nothing is forwarded to the removed one.
    expect(await there.get(['x'])).not.toBe('alice')
  })
})

it('RS9 one that has not heard of it shows what the removed one writes, and lets go of it when it hears', async () => {
  const { homes, alice, bob, carol } = await three()
  await when(carol, bob, 'connected')
  const here = await bob.documents.create('federation', { title: 'sprint' })
  await here.set(['x'], 'before')
  for (const mesh of [alice, carol]) await here.share(mesh.self, { write: true })
  const open = (mesh: Mesh) =>
    eventually(async () => mesh.documents.open(here.session).catch(() => undefined))
  for (const mesh of [alice, carol]) {
    const copy = await open(mesh)
    await eventually(async () => ((await copy.get(['x'])) === 'before' ? true : undefined))
  }
  await Promise.all([carol.close(), bob.close()])
  await alice.remove(bob.self)
  const digest = await (await open(alice)).digest()
  await alice.close()
  const [stale, thief] = [await homes.carol.start(), await homes.bob.start()]
  const copy = await open(stale)
  await when(stale, bob, 'connected')
  const his = await open(thief)
  await his.set(['x'], 'after')
  await his.set(['y'], 'after')
  await eventually(async () => ((await copy.get(['x'])) === 'after' ? true : undefined))
  const again = await homes.alice.start()
  await when(stale, bob, 'removed')
  await eventually(async () => ((await copy.get(['x'])) === 'before' ? true : undefined))
  expect(await copy.get(['y'])).toBeUndefined()
  await eventually(async () => {
    const held = await (await open(again)).digest()
    return held === digest && held === (await copy.digest()) ? true : undefined
  })
})

it('RS10 what an observer writes into a session counts nowhere, until it is a member again', async () => {
  const { homes, alice, bob } = await three()
  const { session } = await alice.documents.create('federation', { title: 'sprint' })
  const open = (mesh: Mesh) =>
    eventually(async () => mesh.documents.open(session).catch(() => undefined))
  const shows = (mesh: Mesh, value: string) =>
    eventually(async () => ((await (await open(mesh)).get(['x'])) === value ? true : undefined))
  await (await open(alice)).share(bob.self, { write: true })
  await (await open(bob)).set(['x'], 'before')
  await shows(alice, 'before')
  await bob.close()
  await alice.setRole(bob.self, 'observer')
  await alice.close()
  const away = await homes.bob.start()
  await (await open(away)).set(['x'], 'unheard')
  const back = await homes.alice.start()
  await eventually(async () => ((await rowOf(away, bob))?.role === 'observer' ? true : undefined))
  await shows(away, 'before')
  await when(back, bob, 'connected')
  await shows(back, 'before')
  await expect((await open(away)).set(['x'], 'after')).rejects.toMatchObject({
    code: 'not-permitted',
  })
  await back.setRole(bob.self, 'member')
  await shows(back, 'unheard')
  await shows(away, 'unheard')
})

it('RS8 each device is told who was added by another, and of roles', async () => {
  const world = createMeshWorld(tempFolder('told'))
  const [alice, bob, carol] = [
    await world.home('alice', 1).start(),
    await world.home('bob', 2).start(),
    await world.home('carol', 3).start(),
  ]
  await pair(alice, bob)
  await eventually(async () => (await rowOf(bob, bob))?.role)
  const [here, there] = [noticesOf(alice), noticesOf(bob)]
  await pair(alice, carol)
  await eventually(async () => (there.length > 0 ? true : undefined))
  expect(there).toEqual([
    expect.stringMatching(/^carol \(.{8}\) was added by alice \(.{8}\); not yours\? baton remove/),
  ])
  expect(here).toEqual([])
  await alice.setRole(bob.self, 'admin')
  await eventually(async () => (there.length > 1 ? true : undefined))
  expect(there[1]).toBe('this device is now an admin')
  expect(await rowOf(bob, bob)).toMatchObject({ role: 'admin' })
})
