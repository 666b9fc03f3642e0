/** The thread of a page in slices (rule WB50). */
import { slice } from '@baton/client/web/slices'
import { expect, it, vi } from 'vitest'

const task = () => new Promise<void>((resolve) => setImmediate(resolve))

it('WB50 work goes on within its slice, waits behind it in its order, and begins again one at a time', async () => {
  let now = 1_000
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  try {
    expect(slice()).toBeUndefined()
    now += 5
    expect(slice()).toBeUndefined()
    now += 6
    const order: string[] = []
    const alone: boolean[] = []
    const wait = (name: string) =>
      slice()?.then(async () => {
        const before = order.push(name)
        for (let i = 0; i < 20; i++) await Promise.resolve()
        alone.push(order.length === before)
      })
    const waits = ['first', 'second', 'third'].map(wait)
    for (const each of waits) expect(each).toBeInstanceOf(Promise)
    // However much is done in this turn, nobody goes on in it.
    for (let i = 0; i < 50; i++) await Promise.resolve()
    expect(order).toEqual([])
    // Who asks while others wait is behind them, whatever the time.
    now -= 30
    waits.push(wait('fourth'))
    while (order.length < 4) await task()
    await Promise.all(waits)
    expect(order).toEqual(['first', 'second', 'third', 'fourth'])
    expect(alone).toEqual([true, true, true, true])
    while (slice() !== undefined) await task()
  } finally {
    clock.mockRestore()
  }
})
