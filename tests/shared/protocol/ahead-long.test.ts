/** TF4, TF9: minutes of a fast text to several devices (sync.md T-3), by the machines alone. */
import { aheadMs, streamPieceMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import { aheadPair, here, ownText } from '../../support/ahead-pair.ts'
import { tries } from '../../support/tries.ts'

it('TF9 minutes of 200 tokens a second to five devices take no more than a second does', () => {
  const minutes = tries(50) / 5
  const tokenMs = 5
  const a = ownText('0123456789abcdef01234567')
  const pairs = Array.from({ length: 5 }, () => aheadPair())
  for (const { texts } of pairs) texts.push(a.own)
  let behind = 0
  let most = 0
  const move = () => {
    for (const pair of pairs) while (pair.deliver() || pair.answer());
  }
  for (let ms = 0; ms < minutes * 60_000; ms += tokenMs) {
    a.say('word ')
    for (const pair of pairs) pair.elapse(tokenMs)
    move()
    for (const { hearing } of pairs) {
      const lag = a.own.text.upTo - (hearing.text(here, a.own.id)?.upTo ?? 0)
      behind = Math.max(behind, lag / 5)
      most = Math.max(most, hearing.cost, a.own.text.cost)
    }
    if (ms % streamPieceMs !== streamPieceMs - tokenMs) continue
    // As a writer does: what is about to be signed goes first.
    Object.assign(a.own, { signing: a.own.text.upTo })
    for (const pair of pairs) pair.look()
    move()
    const piece = a.sign()
    for (const pair of pairs) pair.signed(here, piece)
    move()
  }
  expect(behind).toBeLessThanOrEqual(aheadMs / tokenMs)
  // A second of text, and what its parts cost beside it.
  expect(most).toBeLessThan(1000 + 200 * 64 + 200)
  for (const { sent, different, hearing } of pairs) {
    expect(different).toBe(0)
    expect(hearing.cost).toBe(0)
    expect(sent.bytes - a.whole().length).toBeLessThan(1.2 * (a.whole().length / 5))
  }
}, 60_000)
