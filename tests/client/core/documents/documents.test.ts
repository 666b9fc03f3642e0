/** DC: documents as their users hold them: made, changed, read, watched, kept through restarts. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { expect, it } from 'vitest'
import { openTestPeer } from '../../../support/peer.ts'
import { rot } from '../../../support/rot.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

it('DC1 what is set is there after a restart, deletions too, and the next write replaces it', async () => {
  const store = createMemoryStore()
  const before = await openTestPeer({ seed: 1, store })
  const document = await before.documents.create('federation', { title: 'router sprint' })
  await document.set(['meta', 'owner'], 'kimi')
  await document.set(['meta', 'sprint'], { days: 7 })
  await document.delete(['meta', 'owner'])
  const after = await openTestPeer({ seed: 1, store })
  const again = await after.documents.open(document.session)
  expect(await again.get(['meta', 'owner'])).toBeUndefined()
  expect(await again.get(['meta', 'sprint'])).toEqual({ days: 7 })
  await again.set(['meta', 'sprint'], 'other')
  const { fields } = await after.documents.state(document.session)
  expect(fields.get('["meta","sprint"]')?.register.live).toHaveLength(1)
  expect((await again.entries(['meta'])).map(([path, value]) => [path.at(-1), value])).toEqual([
    ['created', before.clock.now()],
    ['sprint', 'other'],
  ])
  await expect(after.documents.open('A'.repeat(22) as never)).rejects.toMatchObject({
    code: 'not-found',
  })
})

it('DC1 changes of one batch are there together, or none is', async () => {
  const { documents } = await openTestPeer({ seed: 1 })
  const document = await documents.create('agent')
  const good = { kind: 'register', path: ['a'], held: { at: 'value', value: 1 } } as const
  const bad = { kind: 'register', path: [], held: { at: 'value', value: 1 } } as const
  await expect(document.change([good, bad])).rejects.toMatchObject({ code: 'invalid' })
  const nan = { kind: 'register', path: ['b'], held: { at: 'value', value: undefined } } as never
  await expect(document.change([good, nan])).rejects.toMatchObject({ code: 'invalid' })
  expect(await document.get(['a'])).toBeUndefined()
  await document.change([good, { kind: 'row', collection: 'c', key: 'k', held: good.held }])
  expect(await document.get(['a'])).toBe(1)
})

it('DC1 two writes of one field, the second before the first is on disk, are one after the other', async () => {
  const { documents } = await openTestPeer({ seed: 1 })
  const document = await documents.create('agent')
  await Promise.all([1, 2, 3].map((value) => document.set(['a'], value)))
  expect(await document.get(['a'])).toBe(3)
  const state = await documents.state(document.session)
  expect(state.fields.get('["a"]')?.register.live).toHaveLength(1)
})

it('DC2 a value too large for an entry goes as a blob, and is read on both devices', async () => {
  const two = await twoDocuments()
  const large = { text: 'x'.repeat(300_000), list: [1, 2] }
  await two.here.set(['volatile', 'scratchpads', 'a'], large)
  await two.here.say({ text: 'y'.repeat(100_000) }, { id: 'm' })
  two.part()
  await two.meet()
  expect(await two.there.get(['volatile', 'scratchpads', 'a'])).toEqual(large)
  expect((await two.there.history())[0]?.value).toEqual({ text: 'y'.repeat(100_000) })
})

it('DC3 the last messages are read without those before them', async () => {
  const store = createMemoryStore()
  let reads = 0
  const counted = {
    ...store,
    async *list(range: Parameters<typeof store.list>[0]) {
      for await (const row of store.list(range)) {
        if (row[0][0] === 'd'.charCodeAt(0)) reads += 1
        yield row
      }
    },
  }
  const { documents } = await openTestPeer({ seed: 1, store: counted })
  const document = await documents.create('agent')
  for (let i = 0; i < 40; i++) await document.say(`message ${i}`)
  reads = 0
  const last = await document.history({ last: 5 })
  expect(last.map(({ value }) => value)).toEqual([35, 36, 37, 38, 39].map((i) => `message ${i}`))
  expect(reads).toBeLessThanOrEqual(8)
  // Nor those between them.
  for (let i = 0; i < 40; i++) await document.set(['between'], i)
  await document.say('message 40')
  reads = 0
  const ends = await document.history({ last: 2 })
  expect(ends.map(({ value }) => value)).toEqual(['message 39', 'message 40'])
  expect(reads).toBeLessThanOrEqual(8)
  expect(await document.history()).toHaveLength(41)
})

it('DC4 a device that may only read is told so, and what it writes past that counts for nobody', async () => {
  const two = await twoDocuments({ write: false })
  await expect(two.there.set(['a'], 1)).rejects.toMatchObject({ code: 'not-permitted' })
  await two.here.share(two.bob.device, { write: true })
  two.part()
  await two.meet()
  await two.there.set(['a'], 1)
  two.part()
  await two.meet()
  expect(await two.here.get(['a'])).toBe(1)
})

it('DC5 whoever watches hears of changes made here and there, until he stops', async () => {
  const two = await twoDocuments()
  let heard = 0
  const stop = two.there.watch(() => {
    heard += 1
  })
  await two.there.set(['a'], 1)
  expect(heard).toBe(1)
  two.part()
  await two.here.set(['a'], 2)
  await two.meet()
  expect(heard).toBe(2)
  stop()
  await two.there.set(['a'], 3)
  expect(heard).toBe(2)
})

it('DC6 entries that the disk gives back otherwise than they were written are no document', async () => {
  const store = createMemoryStore()
  const before = await openTestPeer({ seed: 1, store })
  const document = await before.documents.create('agent')
  await document.set(['a'], 'x'.repeat(6000))
  await rot(store, document.session, (raw) => raw.lastIndexOf('x'))
  const after = await openTestPeer({ seed: 1, store })
  for (let i = 0; i < 2; i++) {
    await expect(after.documents.open(document.session)).rejects.toMatchObject({
      code: 'store-corrupt',
    })
  }
})
