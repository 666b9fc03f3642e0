/** LE10, LE11: who may add to the history of a document, and folds over leases. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { kinds } from '@baton/shared/log/kinds'
import { encodeMessage } from '@baton/shared/model/document-entries'
import { expect, it } from 'vitest'
import { openTestPeer } from '../../../support/peer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

it('LE10 who does not hold a session writes all but its history, and is told so', async () => {
  const two = await twoDocuments({ open: false })
  await two.here.say('one')
  await two.part()
  const refused = { code: 'not-holder' }
  await expect(two.there.say('mine')).rejects.toMatchObject(refused)
  await expect(two.there.stream({ role: 'assistant' })).rejects.toMatchObject(refused)
  await expect(
    two.there.change([{ kind: 'tool', call: 'c', status: 'proposed', held: { at: 'absent' } }]),
  ).rejects.toMatchObject(refused)
  await two.there.set(['config', 'model'], 'small')
  await two.there.change([{ kind: 'inbox', id: 'i', held: { at: 'value', value: 'do this' } }])
  await two.meet()
  expect(await two.here.get(['config', 'model'])).toBe('small')
  const seen = await two.alice.documents.state(two.here.session)
  expect([...seen.inbox.keys()]).toEqual(['i'])
  expect(seen.hidden).toEqual([])
  await two.here.say('two', { consumes: 'i' })
})

const underWay = {
  ...{ epoch: 0, id: 'u', parent: undefined, consumes: undefined },
  held: { at: 'value' as const, value: 'under way' },
}

it('LE10 while it is handed over its holder writes no history, and what was begun before is not acknowledged', async () => {
  const { documents } = await openTestPeer({ seed: 1 })
  const document = await documents.create('agent')
  const { holder } = documents
  await document.say('before')
  const seen = await documents.state(document.session)
  const begun = holder.write(document.session, seen, (to) => {
    to.append(kinds.message, encodeMessage(underWay))
    return []
  })
  const resume = holder.pause(document.session)
  const again = holder.pause(document.session)
  await expect(begun).rejects.toMatchObject({ code: 'handing-over' })
  await expect(document.say('while')).rejects.toMatchObject({ code: 'handing-over' })
  await document.set(['config', 'a'], 1)
  resume()
  resume()
  expect(holder.isPaused(document.session)).toBe(true)
  again()
  await document.say('after')
  expect((await document.history()).map(({ value }) => value)).toEqual(['before', 'after'])
})

it('LE10 a session that was begun as an open one, and a federation, is written by all', async () => {
  for (const of of [{ open: true }, { kind: 'federation' as const, open: false }]) {
    const two = await twoDocuments(of)
    await two.there.say('mine')
    await two.meet()
    expect((await two.here.history()).map(({ value }) => value)).toEqual(['mine'])
  }
})

it('LE10 a document that was read back from its cache is held as before', async () => {
  const store = createMemoryStore()
  const { documents } = await openTestPeer({ seed: 1, store })
  const document = await documents.create('agent')
  for (let i = 0; i < 1100; i++) void document.say(i)
  await document.say('last')
  await documents.close()
  const again = await openTestPeer({ seed: 1, store })
  const same = await again.documents.open(document.session)
  await same.say('and on')
  expect((await same.history({ last: 1 }))[0]?.value).toBe('and on')
})
