/** TF17, TF18: pieces without the text that went ahead of them. */
import type { StreamWriter } from '@baton/client/core/mesh-api'
import { aheadMs, streamPieceMs } from '@baton/shared/limits'
import { encodeSync, type SyncMessage } from '@baton/shared/protocol/sync-messages'
import { expect, it } from 'vitest'
import { type AheadDevices, aheadDevices, type Watching } from '../../../support/ahead-devices.ts'
import { assistant, piecesOf, textOf } from '../../../support/stream-documents.ts'

const last = async ({ document }: Pick<Watching, 'document'>) => (await document.history()).at(-1)
const carries = new Set<string>(['delta', 'shortDelta', 'aheadDelta', 'ahead', 'aheadBegin'])
const kindsOf = (heard: readonly SyncMessage[]) =>
  heard.filter(({ kind }) => carries.has(kind)).map(({ kind }) => kind)

/** A hundred tokens a second, for so long. */
async function talk(world: AheadDevices, writer: StreamWriter, seconds: number): Promise<string> {
  let text = ''
  for (let n = 0; n < seconds * 100; n++) {
    text += 'word '
    await writer.write('word ')
    await world.elapse(10)
  }
  return text
}

it('TF17 a piece goes without the text that went ahead, and all of it costs at most 3 bytes a token', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant)
  let whole = await talk(world, writer, 2)
  const before = bob.heard.length
  const seconds = 10
  whole += await talk(world, writer, seconds)
  const heard = bob.heard.slice(before)
  const bytes = heard
    .filter(({ kind }) => carries.has(kind))
    .reduce((sum, { form }) => sum + encodeSync(form).length, 0)
  const tokens = seconds * 100
  expect((bytes - tokens * 5) / tokens).toBeLessThanOrEqual(3)
  expect(kindsOf(heard).filter((kind) => kind.endsWith('Delta'))).toEqual(
    Array(seconds).fill('aheadDelta'),
  )
  await writer.end()
  await world.flush()
  expect(textOf(await last(bob))).toBe(whole)
  expect(await piecesOf(bob.peer)).toEqual(await piecesOf(world.alice))
  expect(await bob.document.digest()).toBe(await world.here.digest())
})

it('TF17 one that was not told all of it gets it whole, and so does one that asks', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant)
  await writer.write('one ')
  await world.elapse(aheadMs)
  // What went ahead is lost: the piece cannot be put together there, and is asked for.
  bob.lose = ({ kind }) => kind === 'ahead'
  await writer.write('two ')
  await world.elapse(aheadMs)
  const before = bob.heard.length
  await world.elapse(streamPieceMs)
  expect(kindsOf(bob.heard.slice(before))).toEqual(['aheadDelta', 'shortDelta'])
  expect(textOf(await last(bob))).toBe('one two ')
  bob.lose = () => false
  expect((await talk(world, writer, 2)).length).toBe(1000)
  expect(kindsOf(bob.heard).at(-1)).toMatch(/ahead/)
  expect(textOf(await last(bob))).toHaveLength(1008)
  expect(bob.pair.closing()).toBe(false)
})

it('TF18 what does not verify with the text that is known is asked for whole, and no log suffers by it', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant)
  await writer.write('begin ')
  await writer.flush()
  await writer.write('truth')
  let changed = 0
  bob.change = (message) => {
    if (message.kind !== 'ahead' && message.kind !== 'aheadBegin') return message.form
    changed += 1
    const form = [...message.form]
    form[form.length - 1] = 'a lie'
    return form as never
  }
  await world.elapse(aheadMs)
  expect(textOf(await last(bob))).toBe('begin a lie')
  const before = bob.said.length
  await world.elapse(streamPieceMs)
  const asked = bob.said.slice(before).flatMap(({ kind, form }) => (kind === 'want' ? form[2] : []))
  // It asks for the piece, and does not take its author for one that signed two histories.
  const { seq = 0 } = bob.peer.repository.heads(world.here.session)[0] ?? {}
  expect(asked.map(([, after]) => after)).toEqual([seq - 1])
  expect(changed).toBeGreaterThan(0)
  expect(textOf(await last(bob))).toBe('begin truth')
  expect(bob.peer.ahead.different).toBe(1)
  bob.change = ({ form }) => form
  await writer.write(' and on')
  await writer.end()
  await world.flush()
  expect(await last(bob)).toMatchObject({ value: { content: 'begin truth and on' } })
  expect(bob.peer.traced.filter((line) => line.includes('refused'))).toEqual([])
})

it('TF18 a run that names what nobody wrote, or more than it may, leaves the link and the log alone', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const writer = await world.here.stream(assistant)
  await writer.write('text ')
  await world.elapse(aheadMs)
  let odd = 0
  bob.change = ({ kind, form }) => {
    if (kind !== 'aheadDelta') return form
    const [type, , name, after, epoch, offset, rows, signature] = form
    const stamp = rows[0]?.[0] as Uint8Array
    const forms = [
      [type, 77, name, after, epoch, offset, rows, signature],
      [type, 0, name, after, epoch, 2 ** 40, rows, signature],
      [type, 0, name, after, epoch, offset, [[stamp, 2 ** 48]], signature],
      [type, 0, name, after, epoch, offset, [[stamp, 0]], signature],
      [type, 0, name, 2 ** 40, epoch, offset, rows, signature],
      [type, 0, new Uint8Array(8), after, epoch, offset, rows, signature],
    ]
    return forms[odd++ % forms.length] as never
  }
  for (let n = 0; n < 6; n++) {
    await writer.write(`t${n} `)
    await world.elapse(aheadMs)
    await world.elapse(streamPieceMs)
  }
  expect(odd).toBeGreaterThanOrEqual(6)
  bob.change = ({ form }) => form
  await writer.write('end')
  await writer.end()
  await world.flush()
  await world.elapse(30_000)
  expect(textOf(await last(bob))).toBe('text t0 t1 t2 t3 t4 t5 end')
  expect([...(await piecesOf(bob.peer))]).toEqual(await piecesOf(world.alice))
})
