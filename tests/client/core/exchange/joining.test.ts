/** XC13: small runs that follow one another go as one. */
import { joined } from '@baton/client/core/exchange/joining'
import { createMemoryStore } from '@baton/client/core/memory/store'
import { expect, it } from 'vitest'
import { twoDocuments } from '../../../support/two-documents.ts'

const runsIn = (store: ReturnType<typeof createMemoryStore>) =>
  store.rows().filter(([key]) => key[0] === 'd'.charCodeAt(0)).length

it('XC13 five hundred writes of one word each arrive as a few runs, and nothing of them is lost', async () => {
  const bobStore = createMemoryStore()
  const two = await twoDocuments({ bobStore })
  two.part()
  for (let i = 0; i < 500; i++) await two.here.set(['config', `key ${i % 50}`], i)
  const before = runsIn(bobStore)
  await two.meet()
  expect(await two.there.digest()).toBe(await two.here.digest())
  expect(await two.there.get(['config', 'key 49'])).toBe(499)
  expect(runsIn(bobStore) - before).toBeLessThanOrEqual(3)
})

it('XC13 a few small ones on the fast lane are one too', async () => {
  const bobStore = createMemoryStore()
  const two = await twoDocuments({ bobStore })
  two.part()
  for (let i = 0; i < 20; i++) await two.here.set(['a'], i)
  const before = runsIn(bobStore)
  await two.meet()
  expect(await two.there.get(['a'])).toBe(19)
  expect(runsIn(bobStore) - before).toBe(1)
})

it('XC13 large runs and those that name blobs keep their place between small ones', async () => {
  const two = await twoDocuments()
  two.part()
  const said: unknown[] = []
  for (let i = 0; i < 60; i++) {
    const text = `${i} ${'x'.repeat([10, 10, 6000, 10, 100_000][i % 5] as number)}`
    said.push(text)
    await two.here.say(text)
  }
  const { repository } = two.alice
  for (const { log, seq } of repository.heads(two.here.session)) {
    const places: number[] = [0]
    for await (const { after, last } of joined(repository, repository.runs(log, 0))) {
      expect(after).toBe(places.at(-1))
      places.push(last)
    }
    expect(places.at(-1)).toBe(seq)
  }
  await two.meet()
  expect((await two.there.history()).map(({ value }) => value)).toEqual(said)
  expect(await two.there.digest()).toBe(await two.here.digest())
})
