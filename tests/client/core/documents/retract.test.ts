/** RD: messages taken back, on two devices. */
import { kinds } from '@baton/shared/log/kinds'
import { encodeRedaction } from '@baton/shared/model/redaction'
import { expect, it } from 'vitest'
import { twoDocuments } from '../../../support/two-documents.ts'

const saying = (list: readonly { readonly value: unknown; readonly redacted?: true }[]) =>
  list.map(({ value, redacted }) => (redacted ? 'taken back' : value))

it('RD2 what a message said is shown on no device any more, its place and what follows stay', async () => {
  const two = await twoDocuments()
  const id = await two.here.say('said by mistake')
  await two.there.say('an answer')
  await two.meet()
  expect(saying(await two.there.history())).toEqual(['said by mistake', 'an answer'])
  await two.here.retract(id)
  await two.here.retract(id)
  await two.meet()
  for (const document of [two.here, two.there]) {
    expect(saying(await document.history())).toEqual(['taken back', 'an answer'])
    expect(saying(await document.history({ last: 2 }))).toEqual(['taken back', 'an answer'])
  }
  expect(await two.there.digest()).toBe(await two.here.digest())
})

it('RD3 a message of another device is not taken back, nor one that is not there', async () => {
  const two = await twoDocuments()
  const id = await two.here.say('mine')
  await two.meet()
  await expect(two.there.retract(id)).rejects.toMatchObject({ code: 'not-permitted' })
  await expect(two.there.retract('nothing')).rejects.toMatchObject({ code: 'not-found' })
  const reader = await twoDocuments({ write: false })
  await reader.here.say('x', { id: 'x' })
  await reader.meet()
  await expect(reader.there.retract('x')).rejects.toMatchObject({ code: 'not-permitted' })
})

it('RD3 its author takes back a message in whose place another put a word', async () => {
  const two = await twoDocuments()
  await two.here.say('mine', { id: 'm' })
  await two.meet()
  // The other takes back a message of its own, and says that it was this one, and the first.
  await two.there.say('bait', { id: 'bait' })
  const bait = (await two.bob.documents.state(two.here.session)).messages.get('bait')?.write
  if (!bait) throw new Error('no bait')
  const payload = encodeRedaction({
    ...{ stamp: { ms: 1, counter: 0 }, epoch: 0, id: 'm', parent: undefined, consumes: undefined },
  })
  await two.bob.repository.write(two.here.session, (to) => {
    to.append(kinds.redact, payload, [bait])
    return []
  })
  await two.meet()
  const before = (await two.alice.documents.state(two.here.session)).redactions.size
  await two.here.retract('m')
  expect((await two.alice.documents.state(two.here.session)).redactions.size).toBe(before + 1)
})
