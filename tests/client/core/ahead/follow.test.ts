/** TF15, TF16: one message's text as it comes, each part of it once. */
import type { Document, FollowEvent } from '@baton/client/core/mesh-api'
import { under } from '@baton/client/core/repo/keys'
import { aheadMs } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import { encodeStream } from '@baton/shared/model/stream-entries'
import { expect, it } from 'vitest'
import { aheadDevices } from '../../../support/ahead-devices.ts'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { assistant } from '../../../support/stream-documents.ts'

/** What a reader has, who does as the events say. */
function reader(document: Document, id: string) {
  const events: FollowEvent[] = []
  let text = ''
  const stop = document.follow(id, (event) => {
    events.push(event)
    if (event.at === 'text') text += event.text
    if (event.at === 'anew') text = event.text
  })
  return { events, stop, text: () => text }
}

const given = (events: readonly FollowEvent[]) =>
  events.reduce((sum, event) => sum + ('text' in event ? event.text.length : 0), 0)

it('TF15 every part is given once, here and elsewhere, and that it is over', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const readers = [reader(world.here, 'a'), reader(bob.document, 'a')]
  const writer = await world.here.stream(assistant, { id: 'a' })
  let whole = ''
  for (let n = 0; n < 250; n++) {
    whole += `w${n} 😀`
    await writer.write(`w${n} 😀`)
    await world.elapse(10)
  }
  const late = reader(bob.document, 'a')
  await world.elapse(aheadMs)
  expect(late.text()).toBe(whole)
  await writer.write('the end')
  await writer.end()
  await world.elapse(aheadMs)
  for (const each of [...readers, late]) {
    expect(each.text()).toBe(`${whole}the end`)
    expect(given(each.events)).toBe(whole.length + 7)
    expect(each.events.filter(({ at }) => at !== 'text')).toEqual([{ at: 'over' }])
  }
  for (const each of readers) expect(each.events.length).toBeGreaterThan(40)
})

it('TF15 a message that is said at once is given at once; one that is stopped hears nothing more', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const waiting = reader(bob.document, 'q')
  await world.here.say({ role: 'user', content: 'all of it' }, { id: 'q' })
  await world.elapse(aheadMs)
  expect(waiting.events).toEqual([{ at: 'text', text: 'all of it' }, { at: 'over' }])
  const writer = await world.here.stream(assistant, { id: 'a' })
  const stopped = reader(bob.document, 'a')
  await writer.write('one')
  await world.elapse(aheadMs)
  stopped.stop()
  await writer.write('two')
  await writer.end()
  await world.elapse(aheadMs)
  expect(stopped.events).toEqual([{ at: 'text', text: 'one' }])
  await world.here.retract('a')
  await world.elapse(aheadMs)
  const taken = reader(bob.document, 'a')
  await world.elapse(aheadMs)
  expect(taken.events).toEqual([{ at: 'over', redacted: true }])
})

it('TF16 what a lost link had said is not taken back, nor given twice when it comes again', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant, { id: 'a' })
  const read = reader(bob.document, 'a')
  await writer.write('signed ')
  await writer.flush()
  await writer.write('said ')
  await world.elapse(aheadMs)
  bob.pair.cut()
  await bob.peer.clock.elapse(aheadMs)
  await writer.write('meanwhile ')
  await writer.flush()
  await writer.write('and on')
  await world.again(bob)
  await world.elapse(aheadMs)
  expect(read.text()).toBe('signed said meanwhile and on')
  expect(read.events.map(({ at }) => at)).not.toContain('anew')
  expect(given(read.events)).toBe(read.text().length)
})

it('TF16 what was said and never signed is taken back once the message is over', async () => {
  const disk = createFaultyDisk()
  const world = await aheadDevices(await disk.open())
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant, { id: 'a' })
  const read = reader(bob.document, 'a')
  await writer.write('signed')
  await writer.flush()
  await writer.write(' said')
  await world.elapse(aheadMs)
  expect(read.text()).toBe('signed said')
  // Its device signs another text than it said.
  await world.alice.repository.write(world.here.session, (to) => {
    const piece = { epoch: 0, id: 'a', offset: 6, text: ' otherwise', hash: undefined }
    to.append(kinds.stream, encodeStream({ at: 'broken-off', ...piece }))
    return []
  })
  await world.elapse(aheadMs)
  expect(read.text()).toBe('signed otherwise')
  expect(read.events.slice(-2)).toEqual([
    { at: 'anew', text: 'signed otherwise' },
    { at: 'over', stream: { state: 'interrupted' } },
  ])
  expect(bob.peer.ahead.different).toBe(1)
})

it('TF16 a text that cannot be read is told, once', async () => {
  const world = await aheadDevices()
  const writer = await world.here.stream(assistant, { id: 'a' })
  await writer.write('text')
  await writer.flush()
  const { store } = world.alice
  const rows = []
  for await (const [key] of store.list(under('d'))) rows.push({ delete: key })
  await store.write(rows)
  const read = reader(world.here, 'a')
  await world.elapse(aheadMs)
  expect(read.events).toMatchObject([{ at: 'failed', code: 'store-corrupt' }])
})
