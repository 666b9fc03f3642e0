/** RT19: a change of this machine's addresses. */
import { watchNetworks } from '@baton/client/node/rtc/networks'
import { expect, it } from 'vitest'
import { createManualClock } from '../../../support/manual-clock.ts'

it('RT19 a change is told once, within 2 s, until nobody watches', () => {
  const clock = createManualClock()
  let addresses = 'eth0 10.0.0.1'
  let changes = 0
  const stop = watchNetworks(
    clock,
    () => changes++,
    () => addresses,
  )
  clock.advance(10_000)
  expect(changes).toBe(0)
  addresses = 'eth0 10.0.0.1,wlan0 10.0.1.7'
  clock.advance(2_000)
  expect(changes).toBe(1)
  clock.advance(10_000)
  expect(changes).toBe(1)
  stop()
  addresses = ''
  clock.advance(10_000)
  expect([changes, clock.pending]).toEqual([1, 0])
})

it('RT19 the real addresses of a quiet machine stay the same', () => {
  const clock = createManualClock()
  let changes = 0
  const stop = watchNetworks(clock, () => changes++)
  clock.advance(4_000)
  stop()
  expect(changes).toBe(0)
})
