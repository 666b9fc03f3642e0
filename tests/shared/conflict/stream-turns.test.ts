/** SW12: messages that a later holder goes on with, in the fold. */
import { besideMessages, besideStreaming } from '@baton/shared/conflict/beside'
import { noCuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { decodeDocument, decodeTail, encodeDocument } from '@baton/shared/conflict/document-cache'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { epochOf } from '@baton/shared/conflict/leases'
import { shownStream } from '@baton/shared/conflict/shown-stream'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRedaction } from '@baton/shared/model/redaction'
import { isPiece, parseStream } from '@baton/shared/model/stream-entries'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { order, shuffled } from '../../support/document-histories.ts'
import {
  depOf,
  deviceOf,
  fold,
  type Name,
  type Placed,
  session,
} from '../../support/document-world.ts'
import { createLeaseWorld } from '../../support/lease-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { bytesOf, shown } from '../../support/streams.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')
const author = deviceOf('alice')

/** A session in which alice begins a message, and what each device that goes on with it writes. */
function createTurns() {
  const world = createLeaseWorld()
  const { writers, all } = world
  writers.alice.begin('m', undefined)
  world.meet()
  let holder: Name = 'alice'
  const textAt = (name: Name) => shown(writers[name].state, all).text
  const epoch = (name: Name) => epochOf(writers[name].state.holding)
  const goOn = (to: Name) => {
    writers[to].goOn('m', 'alice', bytesOf(textAt(to)), epoch(to))
    holder = to
  }
  return {
    ...world,
    textAt,
    writer: () => holder,
    write: (text: string) =>
      writers[holder].piece('m', bytesOf(textAt(holder)), text, { epoch: epoch(holder) }),
    breakOff: () =>
      writers[holder].piece('m', bytesOf(textAt(holder)), '', {
        ...{ at: 'broken-off', epoch: epoch(holder) },
      }),
    end(whole: string) {
      const offset = bytesOf(textAt(holder))
      writers[holder].piece('m', offset, '', { at: 'end', whole, epoch: epoch(holder) })
    },
    hand(to: Name, late = true) {
      world.meet()
      const ready = world.ready(to)
      world.meet()
      const lease = world.lease(holder, ready)
      // A process that knows nothing of it writes on: that is fenced.
      if (late) {
        writers[holder].piece('m', bytesOf(textAt(holder)), 'fenced', { epoch: epoch(holder) })
      }
      world.meet()
      world.accept(to, lease)
      goOn(to)
    },
    /** False where an accepted transfer, of which it did not know, stands before it. */
    takeOver(to: Name): boolean {
      const before = holder
      world.take(to)
      goOn(to)
      world.meet()
      holder = world.holder(to) ?? to
      if (holder !== to && holder !== before) throw new Error('somebody else holds it')
      return holder === to
    },
  }
}

it('SW12 its next holders go on with a message: one text, whole and once, whose end is checked', () => {
  const world = createTurns()
  world.write('Once 😀 ')
  world.breakOff()
  world.hand('bob')
  world.write('upon ')
  world.hand('carol')
  world.hand('alice')
  world.write('a time')
  world.meet()
  const whole = 'Once 😀 upon a time'
  for (const name of ['alice', 'bob', 'carol'] as const) expect(world.textAt(name)).toBe(whole)
  const open = shownStream(world.writers.bob.state, author, 'm')
  expect(open).toMatchObject({ state: 'open', missing: false, writer: author, adoptedBy: [] })
  expect(open.continuedBy).toEqual([deviceOf('bob'), author])
  world.end(whole)
  world.meet()
  expect(shown(world.writers.carol.state, world.all)).toEqual({
    ...{ state: 'done', text: whole, flaw: undefined },
  })
})

it('SW12 nobody goes on with what is whole, in an epoch that is not its own, or in the middle', () => {
  const world = createTurns()
  world.write('all')
  world.end('all')
  world.hand('bob')
  world.write(' and more')
  world.meet()
  const whole = { state: 'done', text: 'all', flaw: undefined }
  expect(shown(world.writers.carol.state, world.all)).toEqual(whole)

  const other = createTurns()
  other.write('one two')
  // Without the session a word of it counts nothing.
  other.writers.carol.goOn('m', 'alice', 3, 1)
  other.writers.carol.piece('m', 3, ' lie', { epoch: 1 })
  other.meet()
  expect(other.textAt('bob')).toBe('one two')
  // A holder that names a place inside a piece hides no more than that piece, and is seen to.
  other.hand('bob')
  other.writers.bob.goOn('m', 'alice', 2, 1)
  other.write('rest')
  other.end('onrest')
  other.meet()
  expect(shown(other.writers.carol.state, other.all)).toMatchObject({ flaw: 'missing' })
})

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('write'),
      text: fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('hand'), to: fc.nat(2), late: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('take'), to: fc.nat(2), sees: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ op: 'break' as const }) },
)

it('SW12 DO1 however often it changes hands, each character counts once, in any order of entries', () => {
  let turns = 0
  let kept = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), order, (steps, rolls) => {
      const world = createTurns()
      let text = ''
      for (const each of steps) {
        if (each.op === 'write') {
          world.write(each.text)
          text += each.text
        } else if (each.op === 'break') world.breakOff()
        else {
          const to = (['alice', 'bob', 'carol'] as const)[each.to] as Name
          if (to === world.writer()) continue
          turns += 1
          if (each.op === 'hand') world.hand(to, each.late)
          else {
            if (each.sees) world.meet()
            // What who takes it has not seen stands beside it.
            const seen = world.textAt(to)
            if (world.takeOver(to)) text = seen
          }
        }
      }
      world.end(text)
      world.meet()
      const expected = { state: 'done', text, flaw: undefined }
      const { state } = world.writers.bob
      expect(shown(state, world.all)).toEqual(expected)
      const again = fold(shuffled(world.all, rolls))
      expect(digestOf(again)).toBe(digestOf(state))
      expect(shown(again, world.all)).toEqual(expected)
      if (state.beside.streams.size > 0) return
      kept += 1
      const cached = encodeDocument(sha256, state)
      const read = decodeDocument(sha256, session, cached, noCuts) as DocumentState
      expect(shown(read, world.all)).toEqual(expected)
      expect(digestOf(read)).toBe(digestOf(state))
      const tail = decodeTail(sha256, session, cached.tail, noCuts)
      expect(tail && shown(tail.streaming, world.all)).toEqual(expected)
    }),
    { numRuns: tries(150) },
  )
  expect(turns).toBeGreaterThan(20)
  expect(kept).toBeGreaterThan(2)
})

it('SW14 what does not count of a message is in no text of the history, and readable beside it', () => {
  const world = createTurns()
  world.write('seen ')
  world.meet()
  // Nobody sees this of alice before bob takes over; then it goes on at bob, and at carol, who loses.
  world.write('unseen')
  world.takeOver('bob')
  world.write('by bob')
  world.meet()
  world.hand('carol')
  world.meet()
  const { state } = world.writers.carol
  expect(world.textAt('carol')).toBe('seen by bob')
  const beside = besideMessages(state).map(({ device, epoch }) => [device, epoch])
  expect(beside).toEqual(
    expect.arrayContaining([
      [author, 0],
      [deviceOf('bob'), 1],
    ]),
  )
  expect(shown(besideStreaming(state, author), world.all).text).toBe('seen unseen')
  const bobs = shown(besideStreaming(state, deviceOf('bob')), world.all).text
  expect(bobs).toBe('seen by bobfenced')
})

it('SW12 CX13 of a message that its author took back nobody who went on with it says a word again', () => {
  const world = createTurns()
  const { alice, bob } = world.writers
  world.write('one ')
  world.hand('bob', false)
  // What says who holds it is not said again; this log is.
  bob.restart()
  bob.inbox('input', { at: 'value', value: 'kept' })
  world.write('two')
  world.meet()
  const begun = alice.seen.find(({ entry }) => parseStream(entry.payload)?.at === 'beginning')
  const { log, entry } = begun as Placed
  const said = { epoch: 0, id: 'm', parent: undefined, consumes: undefined, stamp: entry.stamp }
  alice.append(kinds.redact, encodeRedaction(said), [depOf({ log, seq: entry.seq })])
  world.meet()
  const before = bob.seen.length
  bob.checkpoint()
  const again = bob.seen.slice(before).map((each) => parseStream(each.entry.payload))
  expect(bob.seen.length).toBeGreaterThan(before + 2)
  expect(again.filter(isPiece)).toEqual([])
})
