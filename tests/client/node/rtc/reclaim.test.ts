/** LH9: when the host collects what closed connections left. */
import { createReclaim } from '@baton/client/node/rtc/reclaim'
import { expect, it } from 'vitest'
import { createManualClock } from '../../../support/manual-clock.ts'

function setup() {
  const clock = createManualClock()
  let collected = 0
  const closed = createReclaim(clock, () => collected++)
  return { clock, closed, collected: () => collected }
}

it('LH9 after a close it collects, but not in its tick, and then rests', () => {
  const { clock, closed, collected } = setup()
  closed()
  expect(collected()).toBe(0)
  clock.advance(10_000)
  expect(collected()).toBe(3)
  expect(clock.pending).toBe(0)
})

it('LH9 a burst is collected while it goes on, and often enough after it', () => {
  const { clock, closed, collected } = setup()
  for (let count = 0; count < 160; count++) {
    closed()
    clock.advance(10)
  }
  const during = collected()
  expect(during).toBe(10)
  clock.advance(60_000)
  expect(collected() - during).toBeGreaterThanOrEqual(8)
  expect(clock.pending).toBe(0)
})
