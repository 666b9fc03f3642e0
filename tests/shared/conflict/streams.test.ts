/** SW3, SW4: messages that are written bit by bit, in the fold. */
import { encodeStamp } from '@baton/shared/clock/hlc'
import { history } from '@baton/shared/conflict/conflicts'
import { noCuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { decodeDocument, decodeTail, encodeDocument } from '@baton/shared/conflict/document-cache'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { shownStream } from '@baton/shared/conflict/shown-stream'
import { kinds } from '@baton/shared/log/kinds'
import { parseStream } from '@baton/shared/model/stream-entries'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentWorld, order, shuffled } from '../../support/document-histories.ts'
import {
  createDocumentWorld,
  deviceOf,
  fold,
  names,
  type Placed,
  session,
  value,
} from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { begun, bytesOf, shown, told, whole } from '../../support/streams.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')

it('SW3 the text is the pieces by their offsets; with its end it is a message like another', () => {
  const { alice, all, offset } = told()
  expect(shown(alice.state, all)).toEqual({ state: 'open', text: whole, flaw: undefined })
  alice.piece('m', offset, '.', { at: 'end', whole: `${whole}.` })
  expect(shown(alice.state, all)).toEqual({ state: 'done', text: `${whole}.`, flaw: undefined })
  expect(history(alice.state).map(({ id, stream }) => [id, stream])).toEqual([
    ['m', deviceOf('alice')],
  ])
  alice.message('after', 'm', value('it'))
  expect(history(alice.state).map(({ id }) => id)).toEqual(['m', 'after'])
})

it('SW3 DO1 whatever is written, its streams are those of its set, in any order', () => {
  let streams = 0
  fc.assert(
    fc.property(documentWorld, order, order, ({ all, writers }, first, second) => {
      writers.alice.begin('m1', undefined)
      writers.alice.piece('m1', first[0] ?? 0, 'bc')
      const state = fold(all)
      streams += state.streams.size
      const texts = (of: DocumentState) =>
        [...of.streams.values()]
          .map(({ id, author }) => JSON.stringify([id, author, shown(of, all, id, author)]))
          .sort()
      for (const rolls of [first, second]) {
        const again = fold(shuffled(all, rolls))
        expect(texts(again)).toEqual(texts(state))
        expect(digestOf(again)).toBe(digestOf(state))
      }
    }),
    { numRuns: tries(200) },
  )
  expect(streams).toBeGreaterThan(40)
})

it('SW3 what is kept of a fold shows its streams, and so does the last screen alone', () => {
  let open = 0
  fc.assert(
    fc.property(documentWorld, ({ all, writers }) => {
      writers.alice.begin('m1', undefined)
      const state = fold(all)
      const kept = encodeDocument(sha256, state)
      const read = decodeDocument(sha256, session, kept, noCuts) as DocumentState
      const tail = decodeTail(sha256, session, kept.tail, noCuts)
      expect(digestOf(read)).toBe(digestOf(state))
      for (const { id, stream } of history(state)) {
        if (!stream) continue
        const one = shown(state, all, id, stream)
        open += one.state === 'open' ? 1 : 0
        expect(shown(read, all, id, stream)).toEqual(one)
        expect(tail && shown(tail.streaming, all, id, stream)).toEqual(one)
      }
      expect(tail?.messages).toEqual(history(state))
    }),
    { numRuns: tries(150) },
  )
  expect(open).toBeGreaterThan(5)
})

describe('what is wrong', () => {
  it('SW4 a hole: an open stream is shown up to it, one that is over without what is missing', () => {
    const { alice, all, carol } = begun()
    alice.piece('m', 0, 'one')
    alice.piece('m', 6, 'three')
    expect(shown(alice.state, all)).toEqual({ state: 'open', text: 'one', flaw: 'missing' })
    alice.piece('m', 11, '.', { at: 'end', whole: 'onetwothree.' })
    expect(shown(alice.state, all)).toEqual({
      ...{ state: 'done', text: 'onethree.', flaw: 'missing' },
    })
    carol.pull(alice)
    alice.piece('m', 3, 'two')
    expect(shown(alice.state, all)).toEqual({
      state: 'done',
      text: 'onetwothree.',
      flaw: undefined,
    })
    expect(shown(carol.state, all).flaw).toBe('missing')
  })

  it('SW4 another text than was hashed is shown and flagged, and so is one that ends short', () => {
    const { alice, all } = begun()
    alice.piece('m', 0, 'one')
    alice.piece('m', 3, '', { at: 'end', whole: 'two' })
    expect(shown(alice.state, all)).toEqual({ state: 'done', text: 'one', flaw: 'different' })
    const short = begun()
    short.alice.piece('m', 0, 'one')
    short.alice.piece('m', 9, '', { at: 'end', whole: 'one' })
    expect(shown(short.alice.state, short.all).flaw).toBe('missing')
  })

  it('SW4 a piece twice, one that says a place again, one behind the end: passed over', () => {
    const { alice, all } = told()
    alice.piece('m', 0, 'Once ')
    alice.piece('m', 0, 'Nope ')
    alice.piece('m', 2, 'inside')
    expect(shown(alice.state, all).text).toBe(whole)
    const total = bytesOf(whole)
    alice.piece('m', total, '', { at: 'end', whole })
    alice.piece('m', total, 'behind')
    alice.piece('m', total - 1, 'over it')
    expect(shown(alice.state, all)).toEqual({ state: 'done', text: whole, flaw: undefined })
    expect(alice.state.hidden).toEqual([])
    // A second end changes nothing, and one that ended is not broken off.
    alice.piece('m', 1, '', { at: 'end', whole: 'O' })
    alice.piece('m', total, 'x', { at: 'broken-off' })
    expect(shown(alice.state, all)).toEqual({ state: 'done', text: whole, flaw: undefined })
  })

  it('SW4 a piece of another device is none of it, nor its end', () => {
    const { alice, bob, all, offset } = told()
    bob.pull(alice)
    bob.piece('m', offset, ' and more')
    bob.piece('m', offset, '', { at: 'end', whole })
    alice.pull(bob)
    expect(shown(alice.state, all)).toEqual({ state: 'open', text: whole, flaw: undefined })
    // Without a beginning of its own it shows nothing.
    expect(history(alice.state)).toHaveLength(1)
  })

  it('SW4 of a device that may not write, and what is malformed, is hidden', () => {
    const { alice, mallory } = begun()
    mallory.pull(alice)
    mallory.begin('evil', undefined)
    mallory.piece('evil', 0, 'x')
    alice.pull(mallory)
    alice.append(kinds.stream, [0, 'm', 0])
    expect(alice.state.hidden.map(({ reason }) => reason)).toEqual([
      ...['not-permitted', 'not-permitted', 'malformed'],
    ])
    expect(history(alice.state).map(({ id }) => id)).toEqual(['m'])
  })

  it('SW4 pieces that begin at many places, last first, cost no more than the others', () => {
    const { alice } = begun()
    const count = 4000
    const before = alice.state.streams.size
    const state = alice.state
    for (let at = count; at > 0; at--) alice.piece('n', at * 3, 'abc')
    expect(state.streams.size).toBe(before + 1)
    expect(shownStream(state, deviceOf('alice'), 'n').parts).toHaveLength(0)
    alice.piece('n', 0, 'abc')
    expect(shownStream(state, deviceOf('alice'), 'n').parts).toHaveLength(count + 1)
  })
})

it('RD2 with its beginning a stream is taken back whole, whatever else is written of it', () => {
  const { alice, offset, all } = told()
  const begins = alice.seen.find(({ entry }) => parseStream(entry.payload)) as Placed
  const { log, entry } = begins
  alice.append(
    kinds.redact,
    [encodeStamp(entry.stamp), 0, 'm', null, null],
    [{ log, seq: entry.seq, hash: new Uint8Array(8) }],
  )
  alice.piece('m', offset, 'more')
  const state = fold(all)
  expect(history(state)).toMatchObject([{ id: 'm', redacted: true }])
  expect(history(state)[0]?.stream).toBeUndefined()
})

it('SW3 a stream and a message with one id are one, and the first to say it is shown', () => {
  for (const first of names.slice(0, 2)) {
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    bob.pull(alice)
    const write = [
      () => alice.begin('m', undefined),
      () => bob.message('m', undefined, value('whole')),
    ]
    if (first === 'bob') write.reverse()
    for (const each of write) each()
    const state = fold(all)
    expect([...state.messages.values()].map(({ stream }) => stream)).toEqual([
      first === 'alice' ? deviceOf('alice') : undefined,
    ])
  }
})
