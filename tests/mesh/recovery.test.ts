/** RS13, RS14: the recovery key in whole meshes: who meets again, and what people are told. */
import type { Mesh, MeshEvent, RecoveryUse } from '@baton/client/core/mesh-api'
import { deviceId } from '@baton/shared/ids'
import { recoveryKeyOf, recoveryLinkOf } from '@baton/shared/keyexchange/recovery-words'
import { expect, it } from 'vitest'
import { eventually } from '../support/mesh-world.ts'
import { rowOf, startThree, when } from '../support/three-devices.ts'

const secret = new Uint8Array(16).fill(5)
const key = deviceId(recoveryKeyOf(secret).key)
const use = (more: Partial<RecoveryUse>): RecoveryUse => ({
  secret: recoveryLinkOf(secret),
  raise: true,
  remove: [],
  back: [],
  end: false,
  ...more,
})

const keyed = (mesh: Mesh) =>
  eventually(async () => ((await mesh.recovery.keys()).length > 0 ? true : undefined))

function noticesOf(mesh: Mesh): string[] {
  const told: string[] = []
  mesh.watch((event: MeshEvent) => event.kind === 'notice' && told.push(event.message))
  return told
}

async function three() {
  const { homes, alice, bob: thief, carol } = await startThree('recovery')
  await alice.setRole(thief.self, 'admin')
  await alice.recovery.name(key)
  for (const mesh of [thief, carol]) await keyed(mesh)
  return { homes, alice, thief, carol }
}

it('RS13 removed by a thief, two devices hear of the words said on one, meet again and go on', async () => {
  const { homes, alice, thief, carol } = await three()
  const here = await alice.documents.create('federation', { title: 'sprint' })
  await here.share(carol.self, { write: true })
  await here.share(thief.self, { write: true })
  const there = await eventually(async () =>
    carol.documents.open(here.session).catch(() => undefined),
  )
  await when(thief, carol, 'connected')
  // One that is away hears of it at its next start.
  await carol.close()
  await thief.remove(alice.self)
  await when(alice, alice, 'removed')
  await thief.remove(carol.self)
  const again = await homes.carol.start()
  // Only what the thief tells it, and as far as it does: its link ends by that.
  await alice.recovery.use(use({ remove: [thief.self], back: [carol.self] }))
  expect(await rowOf(alice, thief)).toMatchObject({ state: 'removed', removed: { by: key } })
  expect(await rowOf(alice, alice)).toMatchObject({ state: 'self', role: 'admin' })
  await when(again, thief, 'removed')
  await when(alice, again, 'connected')
  expect(await rowOf(again, again)).toMatchObject({ state: 'self' })
  await here.set(['x'], 'after')
  const copy = await again.documents.open(there.session)
  await eventually(async () => ((await copy.get(['x'])) === 'after' ? true : undefined))
  expect(await rowOf(again, thief)).toMatchObject({ state: 'removed' })
})

it('RS13 one that was removed and has not heard of it hears from another that was', async () => {
  const { homes, alice, thief, carol } = await three()
  await when(thief, carol, 'connected')
  const here = await alice.documents.create('federation', { title: 'sprint' })
  await here.share(carol.self, { write: true })
  const there = await eventually(async () =>
    carol.documents.open(here.session).catch(() => undefined),
  )
  await alice.close()
  await thief.remove(alice.self)
  await when(carol, alice, 'removed')
  await thief.remove(carol.self)
  await when(carol, carol, 'removed')
  await thief.close()
  const back = await homes.alice.start()
  await when(back, back, 'removed')
  await when(back, carol, 'removed')
  await carol.recovery.use(use({ remove: [thief.self], back: [back.self] }))
  await when(back, back, 'self')
  await when(back, carol, 'connected')
  const again = await back.documents.open(here.session)
  await again.set(['x'], 'after')
  await eventually(async () => ((await there.get(['x'])) === 'after' ? true : undefined))
})

it('RS14 all are told of a key that was made, ended or used, and of who is back', async () => {
  const { alice, thief, carol } = await three()
  await when(thief, carol, 'connected')
  const [here, there] = [noticesOf(alice), noticesOf(carol)]
  await thief.recovery.end(key)
  await eventually(async () => (there.length > 0 ? true : undefined))
  for (const told of [here, there]) {
    expect(told.join()).toMatch(/^recovery key .{8} was ended by bob \(.{8}\); not you\?/)
  }
  await thief.remove(alice.self)
  await when(carol, alice, 'removed')
  await when(alice, alice, 'removed')
  await carol.recovery.use(use({ remove: [thief.self], back: [alice.self] }))
  await when(alice, alice, 'self')
  await eventually(async () => (here.join().includes('brought back') ? true : undefined))
  expect(here.join()).toContain('this device was brought back')
  expect(here.join()).toMatch(/bob \(.{8}\) was removed by a recovery key/)
})

it('RS15 the last admin leaves, and the words make another one of what is left', async () => {
  const { alice, thief: bob, carol } = await three()
  await when(bob, carol, 'connected')
  await alice.setRole(bob.self, 'member')
  await eventually(async () => ((await rowOf(bob, bob))?.role === 'member' ? true : undefined))
  await alice.remove(alice.self)
  await when(bob, alice, 'removed')
  await when(carol, alice, 'removed')
  await expect(carol.setRole(bob.self, 'admin')).rejects.toMatchObject({ code: 'not-permitted' })
  await carol.recovery.use(use({}))
  await eventually(async () => ((await rowOf(bob, carol))?.role === 'admin' ? true : undefined))
})
