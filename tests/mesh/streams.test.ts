/** Messages that are written bit by bit, between whole meshes. */
import type { DeviceRow, Document, DocumentMessage, Mesh } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { createMeshWorld, eventually, pair } from '../support/mesh-world.ts'
import { assistant, textOf } from '../support/stream-documents.ts'
import { tempFolder } from '../support/temp.ts'

const openOn = (mesh: Mesh, { session }: Document) =>
  eventually(async () => mesh.documents.open(session).catch(() => undefined))
const last = async (document: Document) => (await document.history({ last: 1 }))[0]
const shows = (document: Document, fits: (message: DocumentMessage) => boolean) =>
  eventually(async () => {
    const message = await last(document)
    return message && fits(message) ? message : undefined
  })

it('SW10 a stream grows on the other device, and is interrupted there once its own runs again', async () => {
  const world = createMeshWorld(tempFolder('streams'))
  const homes = { alice: world.home('alice', 1), bob: world.home('bob', 2) }
  const [alice, bob] = [await homes.alice.start(), await homes.bob.start()]
  await pair(alice, bob)
  const here = await alice.documents.create('agent', { title: 'story', open: true })
  await here.share(bob.self, { write: true })
  const there = await openOn(bob, here)
  const whole = Array.from({ length: 30 }, (_, i) => `word ${i} 😀 `).join('')
  let wrong = 0
  there.watch(async () => {
    const text = textOf(await last(there))
    if (text !== undefined && !whole.startsWith(text)) wrong += 1
  })
  const writer = await here.stream(assistant)
  for (let at = 0; at < whole.length; at += 7) {
    await writer.write(whole.slice(at, at + 7))
    if (at % 21 === 0) await writer.flush()
  }
  await shows(there, (message) => (textOf(message)?.length ?? 0) > whole.length / 2)
  await writer.end()
  const message = await shows(there, ({ stream }) => stream === undefined)
  expect(textOf(message)).toBe(whole)
  expect(wrong).toBe(0)

  const second = await here.stream(assistant)
  await second.write('so far')
  await second.flush()
  await shows(there, (each) => textOf(each) === 'so far')
  expect((await last(there))?.stream).toEqual({ state: 'open' })
  await second.write(' and no further')
  await alice.close()
  const again = await homes.alice.start()
  const stopped = await shows(there, ({ stream }) => stream?.state === 'interrupted')
  expect(textOf(stopped)).toBe('so far and no further')
  const back = await openOn(again, here)
  await there.say({ role: 'user', content: 'go on' })
  await shows(back, ({ device }) => device === bob.self)
  expect(await back.digest()).toBe(await there.digest())
})

it('PN2 a row tells where a device is active, over which path and how far, and an event that it changed', async () => {
  const world = createMeshWorld(tempFolder('presence'))
  const [alice, bob] = [await world.home('alice', 1).start(), await world.home('bob', 2).start()]
  await pair(alice, bob)
  const here = await alice.documents.create('agent', { title: 'story' })
  await here.share(bob.self)
  const there = await openOn(bob, here)
  const told: DeviceRow[] = []
  bob.watch((event) => event.kind === 'device' && told.push(event.device))
  const writer = await here.stream(assistant)
  const rowOf = async () => (await bob.devices()).find(({ id }) => id === alice.self)
  const row = await eventually(async () => {
    const found = await rowOf()
    return found?.presence?.[0]?.writing ? found : undefined
  })
  const active = [{ session: there.session, watching: false, writing: true }]
  expect(row).toMatchObject({ state: 'connected', path: 'direct', presence: active })
  expect(told.some(({ presence }) => presence?.[0]?.writing)).toBe(true)
  await writer.write('seen ')
  const message = await shows(there, (each) => textOf(each) === 'seen ')
  expect(message.stream).toEqual({ state: 'open', ahead: 5 })
  await writer.end()
  await eventually(async () => ((await rowOf())?.presence?.length === 0 ? true : undefined))
})
