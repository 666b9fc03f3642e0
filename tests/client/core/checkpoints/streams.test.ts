/** CX13: messages that were written bit by bit, said again once they are over. */
import { under } from '@baton/client/core/repo/keys'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { type TwoDocuments, twoDocuments } from '../../../support/two-documents.ts'

async function holds({ store }: TestPeer, text: string): Promise<boolean> {
  for await (const [, row] of store.list(under('d'))) {
    if (Buffer.from(row).includes(text)) return true
  }
  return false
}

async function shrink(two: TwoDocuments): Promise<void> {
  const { alice, bob, here } = two
  alice.checkpoints?.soon(here.session)
  for (let i = 0; i < 3; i++) {
    for (const { checkpoints } of [alice, bob]) await checkpoints?.settled()
    await two.meet()
  }
}

const goneOf = ({ repository }: TestPeer, { here }: TwoDocuments) =>
  repository.heads(here.session).filter(({ log }) => repository.dropped(log)).length

it('CX13 a stream that ended, or broke off, is shown as it was by both, and anew', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, there, alice, bob } = two
  const whole = await here.stream({ role: 'assistant' }, { id: 'whole' })
  for (const text of ['one ', 'two ', 'three']) {
    await whole.write(text)
    await whole.flush()
  }
  await whole.end()
  const broken = await here.stream({ role: 'assistant' }, { id: 'broken' })
  await broken.write('half a')
  await broken.flush()
  await broken.abort()
  for (let i = 0; i < 5; i++) await here.set(['x'], i)
  await two.meet()
  const before = await there.history()
  await shrink(two)
  for (const peer of [alice, bob]) expect(goneOf(peer, two)).toBeGreaterThan(0)
  expect([await here.history(), await there.history()]).toEqual([before, before])
  expect(await there.digest()).toBe(await here.digest())
  const again = await openTestPeer({ seed: 2, store: bob.store })
  expect(await (await again.documents.open(here.session)).history()).toEqual(before)
})

it('CX13 while one is being written its session is left alone, and its turn comes with the end', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, there, alice } = two
  const writer = await here.stream({ role: 'assistant' }, { id: 'open' })
  await writer.write('begun ')
  await writer.flush()
  await two.meet()
  await shrink(two)
  expect(goneOf(alice, two)).toBe(0)
  await writer.write('and ended')
  await writer.end()
  await two.meet()
  await shrink(two)
  expect(goneOf(alice, two)).toBeGreaterThan(0)
  for (const document of [here, there]) {
    const [message] = await document.history()
    expect(message?.value).toMatchObject({ content: 'begun and ended' })
  }
})

it('CX13 CX8 one that was taken back goes whole', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, there, alice, bob } = two
  const writer = await here.stream({ role: 'assistant' }, { id: 'secret' })
  await writer.write('the first words ')
  await writer.flush()
  await writer.write('the other words')
  await writer.end()
  await here.say('stays')
  await two.meet()
  await here.retract('secret')
  await two.meet()
  await shrink(two)
  for (const peer of [alice, bob]) {
    expect(await holds(peer, 'the first words')).toBe(false)
    expect(await holds(peer, 'the other words')).toBe(false)
  }
  for (const document of [here, there]) {
    const said = (await document.history()).map(({ value, redacted }) => redacted ?? value)
    expect(said).toEqual([true, 'stays'])
  }
})
