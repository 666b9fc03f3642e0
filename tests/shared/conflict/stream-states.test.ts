/** SW5, SW6: streams that are over without an end, and what is said again of them. */
import { history } from '@baton/shared/conflict/conflicts'
import type { Cuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { shownStream } from '@baton/shared/conflict/shown-stream'
import type { Value } from '@baton/shared/encoding/msgpack'
import { joinLogId, splitLogId } from '@baton/shared/ids'
import { encodeAgain, readEntry } from '@baton/shared/log/again'
import { decodeEntry, encodeEntry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { parseStream } from '@baton/shared/model/stream-entries'
import { describe, expect, it } from 'vitest'
import { deviceOf, fold, type Placed, session, value } from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { begun, pieces, shown, told, whole } from '../../support/streams.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')

describe('interrupted', () => {
  it('SW5 is one that was broken off, with the rest that was said', () => {
    const { alice, all, offset } = told()
    alice.piece('m', offset, ' an', { at: 'broken-off' })
    expect(shown(alice.state, all)).toEqual({
      ...{ state: 'interrupted', text: `${whole} an`, flaw: undefined },
    })
    // Its device thought so too early.
    alice.piece('m', offset, ' and', { at: 'end', whole: `${whole} and` })
    expect(shown(alice.state, all)).toEqual({
      ...{ state: 'done', text: `${whole} and`, flaw: undefined },
    })
  })

  it('SW5 is one whose process was followed by another of its device, until its end comes', () => {
    const { alice, carol, all, offset } = told()
    const last = alice.seen.at(-1) as Placed
    carol.pull(alice)
    alice.restart()
    const { log } = alice.append(kinds.row, ['c', 'k', 1])
    // The world's geneses name nobody: one that does.
    const at = alice.seen.findIndex((each) => each.log === log && each.entry.seq === 1)
    const genesis = alice.seen[at] as Placed
    const { incarnation } = splitLogId(last.log)
    const payload = [[incarnation, last.entry.seq, new Uint8Array(32)], null]
    const follows = { log, entry: decodeEntry(encodeEntry({ ...genesis.entry, payload }), 1) }
    const entries = [...all.filter((each) => each !== genesis && each.log !== log), follows]
    expect(shown(fold(entries), all)).toMatchObject({ state: 'interrupted', text: whole })
    expect(shown(carol.state, all).state).toBe('open')
    // It was a copy that began anew: the first one goes on, and ends.
    carol.pull(alice)
    const seq = last.entry.seq + 1
    const payloadOf = [0, 'm', offset, '', sha256(new TextEncoder().encode(whole))]
    const late = { log: last.log, entry: { ...last.entry, seq, payload: payloadOf } }
    expect(shown(fold([...entries, late]), [...all, late])).toMatchObject({ state: 'done' })
  })

  it('SW5 is one of an earlier epoch than any that is named; a done one stays done', () => {
    const { alice, bob, all, offset } = told()
    bob.pull(alice)
    bob.begin('n', 'm')
    bob.piece('n', 0, 'mine', { epoch: 1 })
    alice.pull(bob)
    expect(shown(alice.state, all).state).toBe('interrupted')
    expect(shown(alice.state, all, 'n', deviceOf('bob')).state).toBe('open')
    alice.piece('m', offset, '', { at: 'end', whole })
    expect(shown(alice.state, all).state).toBe('done')
  })

  it('SW5 is one whose device is cut off; what is beyond the cut is not in it', () => {
    const { alice, all } = told()
    const { log } = alice.seen.at(-1) as Placed
    const seqs = all.map(({ entry }) => entry.seq)
    const cuts: Cuts = (of) =>
      of === log ? { seq: Math.max(...seqs) - 1, reason: 'revoked' } : undefined
    const state = fold(all, cuts)
    expect(shown(state, all)).toEqual({
      ...{ state: 'interrupted', text: pieces.slice(0, 2).join(''), flaw: undefined },
    })
  })

  it('CU3 a line goes on behind a stream that began beyond a cut', () => {
    const { alice, bob } = begun()
    bob.pull(alice)
    const { log } = bob.append(kinds.row, ['c', 'k', 1])
    bob.begin('n', 'm')
    alice.pull(bob)
    alice.message('after', 'n', value('it'))
    const cuts: Cuts = (of) => (of === log ? { seq: 2, reason: 'revoked' } : undefined)
    expect(history(fold(alice.seen, cuts)).map(({ id }) => id)).toEqual(['m', 'after'])
  })
})

describe('said again', () => {
  /** The same entry in a log of `by`, as whoever takes it over says it. */
  function again(by: 'alice' | 'bob', { alice, bob }: ReturnType<typeof told>, of: Placed) {
    const place = { log: of.log, seq: of.entry.seq, hash: new Uint8Array(8) }
    const writer = by === 'alice' ? alice : bob
    return writer.append(kinds.again, encodeAgain([place], of.entry), of.entry.deps)
  }

  const reread = ({ log, entry }: Placed): Placed => ({
    ...{ log, entry: entry.again ? entry : readEntry(encodeEntry(entry), entry.seq) },
  })

  it.each(['alice', 'bob'] as const)(
    'SW6 what is beyond a cut belongs to it again once %s says it again, and whose word it is is told',
    (by) => {
      const world = told()
      const { alice, bob, all } = world
      const mine = alice.seen.filter(({ entry }) => parseStream(entry.payload))
      const { log, entry } = mine[2] as Placed
      const behind = mine.slice(2)
      bob.pull(alice)
      if (by === 'alice') alice.restart()
      const said = behind.map((each) => again(by, world, each))
      const cuts: Cuts = (of) =>
        of === log ? { seq: entry.seq - 1, reason: 'forked', agreed: entry.seq - 1 } : undefined
      const entries = all.map(reread)
      const state = fold(entries, cuts)
      expect(shown(state, entries)).toMatchObject({ text: whole, flaw: undefined })
      const { adoptedBy } = shownStream(state, deviceOf('alice'), 'm')
      expect(adoptedBy).toEqual(by === 'bob' ? [deviceOf('bob')] : [])
      // Whatever came first.
      const other = fold(
        [...said.map(reread), ...entries].sort(() => 0),
        cuts,
      )
      expect(digestOf(other)).toBe(digestOf(state))
    },
  )

  it('SW6 nobody who says something again takes the place of what its author said', () => {
    const world = told()
    const { alice, bob, all, offset } = world
    alice.piece('m', offset, '', { at: 'end', whole })
    const last = alice.seen.at(-1) as Placed
    bob.pull(alice)
    // Of an author that has left any log that nobody saw is hidden.
    const nowhere = joinLogId(session, deviceOf('alice'), new Uint8Array(8).fill(99))
    const place = { log: nowhere, seq: 2, hash: new Uint8Array(8) }
    const lie = (payload: Value) =>
      bob.append(kinds.again, encodeAgain([place], { ...last.entry, payload }))
    const hash = sha256(new Uint8Array(0))
    const cuts: Cuts = (of) => (of === nowhere ? { seq: 0, reason: 'revoked' } : undefined)
    const told_ = { state: 'done', text: whole, flaw: undefined }
    const lies: Value[] = [
      [0, 'm', 0, 'Never was there any'],
      [0, 'm', 2, 'x'],
      [0, 'm', 0, '', hash],
      [0, 'm', 500, '', null],
    ]
    // Before its author ended it, too: then it is flagged.
    const open = all.filter(({ entry }) => entry !== last.entry).map(reread)
    const early = reread(lie([0, 'm', 0, '', hash]))
    expect(shown(fold([...open, early], cuts), open)).toEqual({ ...told_, flaw: 'different' })
    for (const each of lies) {
      lie(each)
      const entries = all.map(reread)
      for (const some of [
        entries,
        entries.toReversed().sort((a, b) => a.entry.seq - b.entry.seq),
      ]) {
        expect(shown(fold(some, cuts), entries)).toEqual(told_)
      }
    }
    // Into a gap fits what ends where its author went on.
    alice.begin('n', 'm')
    alice.piece('n', 0, 'ab')
    alice.piece('n', 4, 'ef')
    alice.piece('n', 6, '', { at: 'end', whole: 'abcdef' })
    bob.pull(alice)
    for (const [said, text, flaw] of [
      ['cd', 'abcdef', undefined],
      ['cdxy', 'abef', 'missing'],
    ]) {
      lie([0, 'n', 2, said as string])
      const entries = all.map(reread)
      expect(shown(fold(entries, cuts), entries, 'n')).toEqual({ state: 'done', text, flaw })
    }
  })
})
