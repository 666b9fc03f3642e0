/** TF10 to TF12: text ahead of its signed pieces between devices. */
import { aheadMs, streamPieceMs } from '@baton/shared/limits'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { expect, it } from 'vitest'
import { aheadDevices, type Watching } from '../../../support/ahead-devices.ts'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { openTestPeer } from '../../../support/peer.ts'
import { assistant, piecesOf, signedOf, textOf } from '../../../support/stream-documents.ts'
import { twoDocuments } from '../../../support/two-documents.ts'
import { link } from '../../../support/two-peers.ts'

const last = async ({ document }: Pick<Watching, 'document'>) => (await document.history()).at(-1)
const isAhead = (form: readonly unknown[]) =>
  form[0] === syncTypes.ahead || form[0] === syncTypes.aheadBegin

it('TF10 what is said is shown elsewhere before it is signed, marked as such, and counts for nothing', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const carol = await world.join(3)
  const shown: string[][] = [[], []]
  for (const [i, each] of [bob, carol].entries()) {
    each.document.watch(async () => {
      shown[i]?.push(textOf(await last(each)) ?? '')
    })
  }
  const writer = await world.here.stream(assistant)
  let whole = ''
  for (let n = 0; n < 130; n++) {
    const token = `w${n} 😀`
    whole += token
    await writer.write(token)
    await world.elapse(10)
    if (n % 5 !== 4) continue
    for (const each of [bob, carol]) {
      const text = textOf(await last(each)) ?? ''
      expect(whole.startsWith(text)).toBe(true)
      // No further behind than what a frame gathers.
      expect(whole.length - text.length).toBeLessThanOrEqual(6 * 7)
    }
  }
  const message = await last(bob)
  expect(message?.stream).toEqual({ state: 'open', ahead: expect.any(Number) })
  expect(await piecesOf(bob.peer)).toEqual([signedOf(message)])
  const digest = await bob.document.digest()
  await writer.write('more')
  await world.elapse(aheadMs)
  expect(textOf(await last(bob))).toBe(`${whole}more`)
  expect(await bob.document.digest()).toBe(digest)
  await writer.end()
  await world.flush()
  for (const [i, each] of [bob, carol].entries()) {
    expect(await last(each)).toMatchObject({ value: { content: `${whole}more` } })
    expect((await last(each))?.stream).toBeUndefined()
    const texts = shown[i] as string[]
    expect(texts.length).toBeGreaterThan(20)
    for (const text of texts) expect(`${whole}more`.startsWith(text)).toBe(true)
    expect(each.peer.ahead.different).toBe(0)
  }
})

it('TF11 one that joins in the middle has the text so far after one round trip', async () => {
  const world = await aheadDevices()
  const writer = await world.here.stream(assistant)
  await writer.write('signed. ')
  await writer.flush()
  await writer.write('And 😀 not')
  const bob = await world.join(2)
  expect(textOf(await last(bob))).toBe('signed. And 😀 not')
  expect((await last(bob))?.stream).toEqual({ state: 'open', ahead: 10 })
  await writer.write(' yet')
  await world.elapse(aheadMs)
  expect(textOf(await last(bob))).toBe('signed. And 😀 not yet')
})

it('TF8 lost frames heal: by asking, and without that with the next piece', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant)
  let whole = ''
  const say = async (text: string) => {
    whole += text
    await writer.write(text)
    await world.elapse(aheadMs)
  }
  await say('one ')
  bob.lose = ({ form }) => isAhead(form)
  await say('two ')
  expect(textOf(await last(bob))).toBe('one ')
  bob.lose = () => false
  await say('three ')
  expect(textOf(await last(bob))).toBe(whole)
  // The one that names the message is lost: its number means nothing there.
  const other = await world.here.stream(assistant)
  bob.lose = ({ kind }) => kind === 'aheadBegin'
  await other.write('four ')
  await world.elapse(aheadMs)
  bob.lose = () => false
  await other.write('five ')
  await world.elapse(aheadMs)
  expect(textOf(await last(bob))).toBe('four five ')
  bob.lose = ({ form }) => isAhead(form)
  await other.write('six')
  await world.elapse(streamPieceMs)
  expect(textOf(await last(bob))).toBe('four five six')
  expect(bob.peer.ahead.different).toBe(0)
})

it('TF12 when the link is lost what is signed stays, and it goes on with the next link', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant)
  await writer.write('signed ')
  await writer.flush()
  await writer.write('said ')
  await world.elapse(aheadMs)
  expect(textOf(await last(bob))).toBe('signed said ')
  let told = 0
  bob.document.watch(() => {
    told += 1
  })
  bob.pair.cut()
  await bob.peer.clock.elapse(aheadMs)
  expect(told).toBeGreaterThan(0)
  expect(await last(bob)).toMatchObject({
    value: { content: 'signed ' },
    stream: { state: 'open' },
  })
  await writer.write('meanwhile')
  const next = await world.again(bob)
  expect(textOf(await last(next))).toBe('signed said meanwhile')
})

it('TF12 one that is killed leaves what it signed, interrupted once it runs again, and nothing else', async () => {
  const disk = createFaultyDisk()
  const world = await aheadDevices(await disk.open())
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant)
  await writer.write('signed ')
  await writer.flush()
  await writer.write('said')
  await world.elapse(aheadMs)
  disk.crash()
  bob.pair.cut()
  const again = await openTestPeer({ seed: 1, store: await disk.open() })
  await again.documents.open(world.here.session)
  const pair = await link(again, bob.peer, false)
  await pair.flush()
  const message = await last(bob)
  expect([textOf(message), message?.stream]).toEqual(['signed ', { state: 'interrupted' }])
})

it('TF5 a device that may not hold the session is told nothing of what is written in it', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const eve = await world.join(5, { share: false })
  const writer = await world.here.stream(assistant)
  await writer.write('secret')
  await world.elapse(aheadMs)
  await writer.end()
  await world.flush()
  expect(bob.heard.some(({ form }) => isAhead(form))).toBe(true)
  expect(eve.heard.some(({ form }) => isAhead(form))).toBe(false)
})

it('TF12 what its device may not sign any more it tells no further, and is done with when it breaks off', async () => {
  const two = await twoDocuments()
  const writer = await two.there.stream({}, { id: 'a' })
  await writer.write('before')
  await writer.flush()
  const { device, repository, ahead, presence, cuts } = two.bob
  const held = new Map(repository.heads(two.here.session).map(({ log }) => [log, 1]))
  await writer.write('after')
  expect(ahead.after(two.here.session, device, 'a', 6)).toBe('after')
  cuts.set('revoked', (log) => (held.has(log) ? 1 : 0))
  await expect(writer.flush()).rejects.toMatchObject({ code: 'revoked' })
  expect(ahead.after(two.here.session, device, 'a', 6)).toBe('')
  expect(presence.of(device)).toMatchObject([{ writing: true }])
  await expect(writer.abort()).rejects.toMatchObject({ code: 'revoked' })
  expect(presence.of(device)).toEqual([])
})
