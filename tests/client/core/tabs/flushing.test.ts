/** When a page writes what it gathers (rule WB32). */
import { createFlushing } from '@baton/client/core/tabs/flushing'
import { frontFlushMs } from '@baton/client/core/tabs/limits'
import { expect, it } from 'vitest'
import { createManualClock } from '../../../support/manual-clock.ts'

function gathering() {
  const clock = createManualClock()
  const flushing = createFlushing(clock)
  const written: string[] = []
  const gather = (name: string, value: string) =>
    flushing.soon(name, async () => void written.push(`${name} ${value}`))
  return { clock, flushing, written, gather }
}

it('WB32 in front what is gathered is written within 250 ms, of one name only the newest', () => {
  const { clock, written, gather } = gathering()
  gather('a', '1')
  clock.advance(frontFlushMs - 1)
  gather('a', '2')
  gather('b', '1')
  expect(written).toEqual([])
  clock.advance(1)
  expect(written).toEqual(['a 2', 'b 1'])
  clock.advance(60_000)
  expect(written).toHaveLength(2)
  expect(clock.pending).toBe(0)
})

it('WB32 behind it waits as long as the preference says, and going there or back it is written at once', () => {
  const { clock, flushing, written, gather } = gathering()
  gather('a', '1')
  flushing.show(false, 30_000)
  expect(written).toEqual(['a 1'])
  gather('a', '2')
  clock.advance(29_999)
  expect(written).toHaveLength(1)
  clock.advance(1)
  expect(written).toEqual(['a 1', 'a 2'])
  gather('a', '3')
  flushing.show(true, 30_000)
  expect(written.at(-1)).toBe('a 3')
  gather('a', '4')
  clock.advance(frontFlushMs)
  expect(written.at(-1)).toBe('a 4')
})

it('WB32 what could not be written ends nothing else', async () => {
  const { clock, flushing, written, gather } = gathering()
  flushing.soon('broken', () => Promise.reject(new Error('no')))
  gather('a', '1')
  await clock.elapse(frontFlushMs)
  expect(written).toEqual(['a 1'])
})
