/** Each conflict strategy from end to end: two devices, parted, joined, settled on one, seen on both. */
import { createConflictDesk } from '@baton/client/core/documents/desk'
import { policyPath } from '@baton/shared/conflict/strategy'
import { expect, it } from 'vitest'
import { conflicting, twoDocuments } from '../../../support/two-documents.ts'

const path = ['configuration', 'model']

async function withStrategy(strategy: string, auto = true) {
  const two = await twoDocuments()
  await two.here.set(policyPath('strategy'), strategy)
  await two.here.set(policyPath('auto_resolve'), auto)
  two.part()
  await two.meet()
  return two
}

it('CR1 timestamp: the latest is shown on both, and nothing is left to settle', async () => {
  const two = await withStrategy('timestamp')
  await conflicting(two, path, { alice: 'late', bob: 'early' })
  for (const each of [two.here, two.there]) {
    expect(await each.get(path)).toBe('late')
    expect(await each.conflicts()).toEqual([])
  }
  expect(await two.here.digest()).toBe(await two.there.digest())
})

it('CR1 timestamp that does not settle by itself: listed on both, settled once, gone from both', async () => {
  const two = await withStrategy('latest-wins', false)
  await conflicting(two, path, { alice: 'late', bob: 'early' })
  const [listed] = await two.there.conflicts()
  expect(await two.here.conflicts()).toEqual([listed])
  expect(listed).toMatchObject({
    kind: 'field',
    path,
    strategy: 'timestamp',
    shown: 'late',
    sides: [
      { device: two.alice.device, value: 'late' },
      { device: two.bob.device, value: 'early' },
    ],
  })
  await two.there.resolve(listed?.id ?? '', { by: 'side', side: 1 })
  two.part()
  await two.meet()
  for (const each of [two.here, two.there]) {
    expect(await each.get(path)).toBe('early')
    expect(await each.conflicts()).toEqual([])
  }
})

it('CR1 merge: both devices’ keys are shown on both, and the next write goes on from them', async () => {
  const two = await withStrategy('merge')
  await conflicting(two, path, { alice: { a: 1 }, bob: { b: 2 } })
  for (const each of [two.here, two.there]) {
    expect(await each.get(path)).toEqual({ a: 1, b: 2 })
    expect(await each.conflicts()).toEqual([])
  }
  await two.there.set(path, { ...((await two.there.get(path)) as object), c: 3 })
  two.part()
  await two.meet()
  expect(await two.here.get(path)).toEqual({ a: 1, b: 2, c: 3 })
})

it('CR2 manual: open on both until a person gives a value of his own', async () => {
  const two = await withStrategy('manual')
  await conflicting(two, path, { alice: 'A', bob: 'B' })
  const [listed] = await two.here.conflicts()
  expect(await two.there.conflicts()).toEqual([listed])
  await two.there.resolve(listed?.id.slice(0, 6) ?? '', { by: 'value', value: 'both' })
  two.part()
  await two.meet()
  for (const each of [two.here, two.there]) {
    expect(await each.get(path)).toBe('both')
    expect(await each.conflicts()).toEqual([])
  }
})

it('CR2 manual: a deletion settles, too', async () => {
  const two = await withStrategy('manual')
  await conflicting(two, path, { alice: 'A', bob: 'B' })
  const [listed] = await two.here.conflicts()
  await two.here.resolve(listed?.id ?? '', { by: 'deletion' })
  expect(await two.here.get(path)).toBeUndefined()
  expect(await two.here.conflicts()).toEqual([])
})

it('CR3 user_choice: only one of the sides settles it, and the other is told which there are', async () => {
  const two = await withStrategy('user_choice')
  await conflicting(two, path, { alice: 'A', bob: 'B' })
  const [listed] = await two.there.conflicts()
  const id = listed?.id ?? ''
  await expect(two.there.resolve(id, { by: 'value', value: 'C' })).rejects.toMatchObject({
    code: 'invalid',
  })
  await expect(two.there.resolve(id, { by: 'deletion' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(two.there.resolve(id, { by: 'side', side: 2 })).rejects.toMatchObject({
    hint: 'sides are numbered from 1 to 2',
  })
  await two.there.resolve(id, { by: 'side', side: 1 })
  two.part()
  await two.meet()
  for (const each of [two.here, two.there]) {
    expect(await each.get(path)).toBe('B')
    expect(await each.conflicts()).toEqual([])
  }
})

it('CR4 what both settle at once, differently, is open again on both', async () => {
  const two = await withStrategy('user_choice')
  await conflicting(two, path, { alice: 'A', bob: 'B' })
  const [{ id } = { id: '' }] = await two.here.conflicts()
  two.part()
  await two.here.resolve(id, { by: 'side', side: 0 })
  await two.there.resolve(id, { by: 'side', side: 1 })
  await two.meet()
  for (const each of [two.here, two.there]) expect(await each.conflicts()).toMatchObject([{ id }])
  await two.here.resolve(id, { by: 'side', side: 0 })
  two.part()
  await two.meet()
  expect(await two.there.conflicts()).toEqual([])
  await expect(two.there.resolve(id, { by: 'side', side: 0 })).rejects.toMatchObject({
    code: 'not-found',
  })
})

it('CR2 a history that parted is settled by its last message, and shown so on both', async () => {
  const two = await twoDocuments()
  await two.here.set(policyPath('strategy', 'history'), 'user_choice')
  await two.here.say('one', { id: '1' })
  two.part()
  await two.meet()
  two.part()
  await two.there.say('from bob', { id: 'b' })
  await two.here.say('from alice', { id: 'a' })
  await two.meet()
  const texts = async (of: typeof two.here) => (await of.history()).map(({ value }) => value)
  expect(await texts(two.there)).toEqual(['one', 'from alice'])
  const [listed] = await two.there.conflicts()
  expect(listed).toMatchObject({ kind: 'history', sides: [{ value: 'a' }, { value: 'b' }] })
  await two.there.resolve(listed?.id ?? '', { by: 'side', side: 1 })
  await two.there.say('and on', { id: 'c' })
  two.part()
  await two.meet()
  for (const each of [two.here, two.there]) {
    expect(await texts(each)).toEqual(['one', 'from bob', 'and on'])
    expect(await each.conflicts()).toEqual([])
  }
})

it('CR1 histories merge by id: everything either said, in the order of time, on both', async () => {
  const two = await twoDocuments()
  await two.here.say('one', { id: '1' })
  two.part()
  await two.meet()
  two.part()
  await two.there.say('two', { id: '2' })
  await two.alice.clock.elapse(5)
  await two.here.say('three', { id: '3' })
  await two.meet()
  for (const each of [two.here, two.there]) {
    expect((await each.history()).map(({ value }) => value)).toEqual(['one', 'two', 'three'])
    expect((await each.history({ last: 1 })).map(({ value }) => value)).toEqual(['three'])
  }
})

it('CR5 conflicts of all sessions are listed, and settled by the beginnings of their ids', async () => {
  const two = await withStrategy('manual')
  await conflicting(two, path, { alice: 'A', bob: 'B' })
  await two.alice.documents.create('federation', { title: 'quiet' })
  const { conflicts, settle } = createConflictDesk(two.alice)
  const [open, ...more] = await conflicts()
  expect(more).toEqual([])
  expect(open).toMatchObject({ session: two.here.session, title: 'one', conflicts: [{ path }] })
  const ref = two.here.session.slice(0, 8)
  expect(await conflicts(ref)).toEqual([open])
  await settle(ref, open?.conflicts[0]?.id.slice(0, 6) ?? '', { by: 'value', value: 'C' })
  expect(await conflicts()).toEqual([])
  await expect(conflicts('none')).rejects.toMatchObject({ code: 'not-found' })
})
