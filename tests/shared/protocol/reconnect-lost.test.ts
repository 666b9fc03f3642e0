/** What a lost message of a reconnect costs: seconds, not the attempt. */
import { repeatMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import { createPureReconnect } from '../../support/pure-reconnect.ts'

it('RC5 an answer that was lost comes again with the next hello', () => {
  for (const [first, lost] of [
    ['high', 'high'],
    ['low', 'low'],
  ] as const) {
    const pair = createPureReconnect('lost')
    const { queues } = pair
    pair[first].put({ kind: 'seek' })
    const other = first === 'high' ? 'low' : 'high'
    pair.deliver(other, queues[other].shift() as Uint8Array)
    expect(queues[lost].splice(0).length).toBeGreaterThan(0)
    pair.now = repeatMs
    pair[first].put({ kind: 'tick' })
    for (let turn = 0; turn < 4; turn++) {
      for (const to of ['low', 'high'] as const) {
        for (const blob of queues[to].splice(0)) pair.deliver(to, blob)
        pair.connect(to)
      }
    }
    expect(pair.low.link()).toBeDefined()
    expect(pair.low.link()).toBe(pair.high.link())
    expect(pair.now).toBe(repeatMs)
  }
})
