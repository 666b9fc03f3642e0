/** LH4: counts that cross the border together. */
import { createTally } from '@baton/client/node/rtc/host-tally'
import { expect, it } from 'vitest'
import { createManualClock } from '../../../support/manual-clock.ts'

function setup() {
  const clock = createManualClock()
  const told: [lane: number, messages: number][] = []
  const tally = createTally((lane, messages) => told.push([lane, messages]), clock.after)
  return { clock, told, tally }
}

it('LH4 counts go together after 2 ms, by lane, and each once', () => {
  const { clock, told, tally } = setup()
  tally.add(2, 1, 1_000)
  tally.add(1, 1, 10)
  tally.add(2, 3, 1_000)
  expect(told).toEqual([])
  clock.advance(2)
  expect(told).toEqual([
    [1, 1],
    [2, 4],
  ])
  clock.advance(100)
  expect(told).toHaveLength(2)
})

it('LH4 128 KiB go at once, and so does what is flushed', () => {
  const { clock, told, tally } = setup()
  tally.add(2, 1, 65_536)
  tally.add(2, 1, 65_536)
  expect(told).toEqual([[2, 2]])
  tally.add(0, 1, 1)
  tally.flush()
  expect(told).toEqual([
    [2, 2],
    [0, 1],
  ])
  clock.advance(100)
  expect(told).toHaveLength(2)
})
