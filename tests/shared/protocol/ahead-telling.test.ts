/** TF2 to TF5: what is told ahead of the signed pieces. */

import {
  aheadFrameBytes,
  aheadLinkWindowBytes,
  aheadMs,
  aheadWindowBytes,
  maxAheadStreams,
} from '@baton/shared/limits'
import { utf8Bytes } from '@baton/shared/model/stream-text'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { describe, expect, it } from 'vitest'
import { aheadPair, begin, elsewhere, here, ownText } from '../../support/ahead-pair.ts'

describe('telling', () => {
  it('TF2 goes at once, and then every 50 ms what came together', () => {
    const pair = aheadPair()
    const a = ownText('a')
    pair.texts.push(a.own)
    a.say('one')
    pair.look()
    expect(pair.frames).toEqual([begin(0, 'a', 0, 'one')])
    pair.deliver()
    a.say(' two')
    pair.look()
    expect(pair.frames).toEqual([])
    expect(pair.wakes.at(-1)).toBe(aheadMs)
    a.say(' three')
    pair.elapse(aheadMs - 1)
    expect(pair.frames).toEqual([])
    pair.elapse(1)
    expect(pair.frames).toEqual([[syncTypes.ahead, 0, 3, ' two three']])
  })

  it('TF2 text that is about to be signed goes at once, so that it is there before its piece', () => {
    const pair = aheadPair()
    const a = ownText('a')
    pair.texts.push(a.own)
    a.say('one')
    pair.look()
    pair.deliver()
    a.say(' two')
    Object.assign(a.own, { signing: 7 })
    pair.look()
    expect(pair.frames).toEqual([[syncTypes.ahead, 0, 3, ' two']])
    expect(pair.telling.refOf(here, 'a', 0, 7)).toBe(0)
    expect(pair.telling.refOf(here, 'a', 0, 8)).toBeUndefined()
  })

  it('TF2 at 100 tokens a second a token costs less than 2 bytes beyond its text', () => {
    const pair = aheadPair()
    const a = ownText('0123456789abcdef01234567')
    pair.texts.push(a.own)
    for (let n = 0; n < 1000; n++) {
      a.say('word ')
      pair.elapse(10)
      while (pair.deliver());
      while (pair.answer());
      if (n % 100 === 99) pair.signed(here, a.sign())
    }
    expect(pair.sent.bytes - a.whole().length).toBeLessThan(2 * 1000)
    expect(pair.sent.frames).toBeLessThanOrEqual(1000 / 5 + 12)
  })

  it('TF3 a late one is told what is not signed; what is signed meanwhile is not told ahead', () => {
    const pair = aheadPair()
    const a = ownText('a')
    a.say('on disk')
    a.sign()
    a.say(' and not')
    pair.texts.push(a.own)
    pair.look()
    expect(pair.frames).toEqual([begin(0, 'a', 7, ' and not')])
    a.say(' more')
    a.sign()
    a.say(' new')
    // The link has not taken the first one yet.
    pair.elapse(1000)
    expect(pair.frames).toHaveLength(1)
    pair.deliver()
    expect(pair.frames).toEqual([begin(0, 'a', 20, ' new')])
  })

  it('TF4 one that does not confirm is sent no more than its window, and entries wait for no more', () => {
    const pair = aheadPair()
    for (let n = 0; n < 20; n++) {
      const own = ownText(`m${n}`)
      own.say('x'.repeat(30_000))
      pair.texts.push(own.own)
    }
    pair.look()
    const told = new Map<string, number>()
    const ids = new Map<number, string>()
    for (let frame = pair.frames.shift(); frame; frame = pair.frames.shift()) {
      if (frame[0] === syncTypes.aheadBegin) ids.set(frame[1], frame[3])
      const id = ids.get(frame[1]) as string
      expect(utf8Bytes(frame.at(-1) as string)).toBeLessThanOrEqual(aheadFrameBytes)
      told.set(id, (told.get(id) ?? 0) + (frame.at(-1) as string).length)
      pair.taken()
    }
    for (const bytes of told.values()) expect(bytes).toBeLessThanOrEqual(aheadWindowBytes)
    expect([...told.values()].reduce((a, b) => a + b)).toBe(aheadLinkWindowBytes)
    expect(told.size).toBeLessThanOrEqual(maxAheadStreams)
  })

  it('TF4 frames go one at a time: while the link takes none they grow instead of waiting in line', () => {
    const pair = aheadPair()
    const a = ownText('a')
    pair.texts.push(a.own)
    for (let n = 0; n < 500; n++) {
      a.say('word ')
      pair.elapse(10)
    }
    expect(pair.frames).toHaveLength(1)
    pair.deliver()
    expect(pair.frames).toHaveLength(1)
    expect(utf8Bytes(pair.frames[0]?.at(-1) as string)).toBe(2495)
  })

  it('TF5 of a session that the peer may not hold nothing goes, nor once it may no longer', () => {
    const shared = new Set([here])
    const pair = aheadPair({ shares: (of) => shared.has(of) })
    const [a, b] = [ownText('a'), ownText('b', elsewhere)]
    pair.texts.push(a.own, b.own)
    a.say('mine')
    b.say('secret')
    pair.look()
    pair.deliver()
    pair.elapse(aheadMs)
    expect(pair.frames).toEqual([])
    expect(pair.sent.frames).toBe(1)
    shared.delete(here)
    a.say(' more')
    pair.elapse(aheadMs)
    expect(pair.frames).toEqual([])
  })

  it('TF4 a peer that asks again and again is given it again four times a second', () => {
    const pair = aheadPair()
    const a = ownText('a')
    pair.texts.push(a.own)
    a.say('x'.repeat(5000))
    pair.look()
    for (let n = 0; n < 1000; n++) {
      pair.answers.push([syncTypes.aheadHeard, 0, 0, true])
      pair.answer()
      while (pair.deliver({ lost: true }));
      pair.elapse(1)
    }
    expect(pair.sent.frames).toBeLessThanOrEqual(6)
    // Nor does what it makes up move anything.
    pair.answers.push(
      [syncTypes.aheadHeard, 0, 2 ** 48, false],
      [syncTypes.aheadHeard, 99, 7, true],
    )
    while (pair.answer());
    a.say('y')
    pair.elapse(aheadMs)
    expect(pair.frames).toEqual([begin(0, 'a', 5000, 'y')])
  })
})
