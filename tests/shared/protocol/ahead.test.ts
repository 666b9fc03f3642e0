/** TF8: both machines of text ahead over a way that loses and doubles. */

import { aheadFrameBytes } from '@baton/shared/limits'
import { isWellFormed, utf8Bytes } from '@baton/shared/model/stream-text'
import { encodeSync } from '@baton/shared/protocol/sync-messages'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aheadPair, type Frame, here, ownText } from '../../support/ahead-pair.ts'
import { tries } from '../../support/tries.ts'

it('TF8 whatever is lost, doubled or late, what is shown is a beginning of the text and ends as all of it', () => {
  const say = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(isWellFormed)
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), text: say }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('deliver' as const), lost: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), lost: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), nth: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('sign' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('store' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(300) }) },
  )
  fc.assert(
    fc.property(fc.array(act, { minLength: 30, maxLength: 150, size: 'max' }), (acts) => {
      const pair = aheadPair()
      const a = ownText('a')
      pair.texts.push(a.own)
      const passed: Frame[] = []
      const pieces: ReturnType<typeof a.sign>[] = []
      let stored = ''
      const shown = () => stored + (pair.hearing.text(here, 'a')?.after(utf8Bytes(stored)) ?? '')
      const store = () => {
        const piece = pieces.shift()
        if (!piece) return
        stored += piece.text
        pair.signed(here, piece)
      }
      for (const each of acts) {
        if (each.do === 'say') {
          a.say(each.text)
          pair.elapse(60)
        }
        if (each.do === 'deliver') {
          passed.push(...pair.frames)
          pair.deliver({ lost: each.lost })
        }
        if (each.do === 'answer') pair.answer({ lost: each.lost })
        // Comes again, or late: the link itself never does that.
        const old = each.do === 'again' ? passed[each.nth % passed.length] : undefined
        if (old) pair.hear(old)
        if (each.do === 'sign') pieces.push(a.sign())
        if (each.do === 'store') store()
        if (each.do === 'wait') pair.elapse(each.ms)
        expect(a.whole().startsWith(shown())).toBe(true)
        expect(pair.different).toBe(0)
      }
      // Nothing is lost any more.
      pieces.push(a.sign())
      while (pieces.length > 0) store()
      for (let n = 0; n < 40; n++) {
        if (n === 10) a.say('and on')
        pair.elapse(300)
        while (pair.deliver() || pair.answer());
      }
      expect(shown()).toBe(a.whole())
      for (const frame of passed)
        expect(encodeSync(frame).length).toBeLessThan(aheadFrameBytes + 100)
    }),
    { numRuns: tries(300) },
  )
})
