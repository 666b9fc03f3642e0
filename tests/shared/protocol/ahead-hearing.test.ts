/** TF5 to TF9: what is made of what a peer tells ahead of its signed pieces. */

import {
  maxAheadLinkBytes,
  maxAheadStreamBytes,
  maxAheadStreams,
  maxContentBytes,
} from '@baton/shared/limits'
import { utf8Bytes } from '@baton/shared/model/stream-text'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { describe, expect, it } from 'vitest'
import { aheadPair, begin, elsewhere, here, pieceOf } from '../../support/ahead-pair.ts'

describe('hearing', () => {
  const known = (pair: ReturnType<typeof aheadPair>, id = 'a', from = 0) =>
    pair.hearing.text(here, id)?.after(from)

  it('TF6 a piece takes the place of what was said before it, and what was said behind it stays', () => {
    const pair = aheadPair()
    pair.hear(begin(3, 'a', 0, 'one two three'))
    pair.signed(here, pieceOf('a', 0, 'one two'))
    expect(known(pair, 'a', 7)).toBe(' three')
    expect(pair.hearing.text(here, 'a')?.from).toBe(7)
    pair.signed(here, pieceOf('a', 7, ' three and four'))
    expect(known(pair, 'a', 22)).toBe('')
    pair.hear([syncTypes.ahead, 3, 22, '!'])
    expect(known(pair, 'a', 22)).toBe('!')
    pair.signed(here, { ...pieceOf('a', 22, '!'), at: 'end' })
    expect(known(pair)).toBeUndefined()
    expect([pair.different, pair.hearing.cost]).toEqual([0, 0])
  })

  it('TF7 of a text that is signed otherwise the signed one stays, and that is counted', () => {
    for (const signed of ['one 2', 'one tw0 three', 'one two three and m0re', '😀']) {
      const pair = aheadPair()
      pair.hear(begin(0, 'a', 0, 'one two three and more'))
      pair.signed(here, pieceOf('a', 0, signed))
      expect([pair.different, known(pair, 'a', utf8Bytes(signed))]).toEqual([1, ''])
      pair.hear([syncTypes.ahead, 0, utf8Bytes(signed), ' on'])
      expect(known(pair, 'a', utf8Bytes(signed))).toBe(' on')
    }
  })

  it('TF8 a gap is asked for once, and a number that means nothing here', () => {
    const pair = aheadPair()
    pair.hear(begin(0, 'a', 0, 'one'))
    for (const offset of [5, 6, 2 ** 48]) pair.hear([syncTypes.ahead, 0, offset, 'later'])
    pair.hear([syncTypes.ahead, 7, 0, 'who'])
    pair.hear([syncTypes.ahead, 7, 3, 'who'])
    expect(pair.answers).toEqual([
      [syncTypes.aheadHeard, 0, 3, true],
      [syncTypes.aheadHeard, 7, 0, true],
    ])
    expect(known(pair)).toBe('one')
    pair.hear([syncTypes.ahead, 0, 1, 'ne two'])
    expect(known(pair)).toBe('one two')
    // Inside a code point, and all of it known.
    pair.hear([syncTypes.ahead, 0, 5, '😀'])
    pair.hear([syncTypes.ahead, 0, 0, 'one'])
    expect(known(pair)).toBe('one two')
  })

  it('TF9 of thousands of messages the last ones are held, and never more than their bounds', () => {
    const pair = aheadPair()
    for (let n = 0; n < 3000; n++) pair.hear(begin(n % 128, `m${n}`, n, 'x'.repeat(40)))
    expect(pair.hearing.cost).toBeLessThan(maxAheadStreams * 200)
    expect(known(pair, 'm2999', 2999)).toHaveLength(40)
    expect(known(pair, 'm2900', 2900)).toBeUndefined()
    for (let ref = 0; ref < maxAheadStreams; ref++) {
      pair.hear(begin(ref, `big${ref}`, 0, 'x'))
      for (let at = 1; at < 200_000; at += 1000)
        pair.hear([syncTypes.ahead, ref, at, 'x'.repeat(1000)])
      expect(pair.hearing.text(here, `big${ref}`)?.cost).toBeLessThanOrEqual(maxAheadStreamBytes)
    }
    expect(pair.hearing.cost).toBeLessThanOrEqual(maxAheadLinkBytes)
  })

  it('TF9 single letters cost what they take, and nothing is held without room or beyond 64 MiB', () => {
    const pair = aheadPair()
    pair.hear(begin(0, 'a', 0, 'x'))
    for (let at = 1; at < 10_000; at++) pair.hear([syncTypes.ahead, 0, at, 'x'])
    expect(pair.hearing.text(here, 'a')?.upTo).toBeLessThan(maxAheadStreamBytes / 64)
    const full = aheadPair({ room: (bytes) => bytes < 100 })
    full.hear(begin(0, 'a', 0, 'x'.repeat(60)))
    expect(full.hearing.text(here, 'a')?.cost).toBe(0)
    const far = aheadPair()
    for (const offset of [maxContentBytes, 2 ** 48]) far.hear(begin(0, 'a', offset, 'x'))
    expect([far.hearing.cost, far.answers]).toEqual([0, []])
  })

  it('TF5 of a session that is not shared nothing is known; what came before it was is there then', () => {
    const shared = new Set([here])
    const pair = aheadPair({ shares: (of) => shared.has(of) })
    pair.hear(begin(0, 'a', 0, 'x', elsewhere))
    expect(pair.hearing.text(elsewhere, 'a')).toBeUndefined()
    shared.add(elsewhere)
    expect(pair.hearing.text(elsewhere, 'a')?.after(0)).toBe('x')
  })
})
