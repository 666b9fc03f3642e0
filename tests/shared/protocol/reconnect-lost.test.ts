/** What a lost message of a reconnect costs: seconds, not the attempt. */
import { repeatMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import { createPureReconnect } from '../../support/pure-reconnect.ts'
import { nodeOffer } from '../../support/sdp.ts'

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

it('RC2 signals that come before our keys are there are kept for them, in order', () => {
  const pair = createPureReconnect('held')
  const { low, high, queues } = pair
  high.put({ kind: 'seek' })
  pair.deliver('low', queues.low.shift() as Uint8Array)
  low.put({ kind: 'signal', ordinal: 1, signal: { type: 'offer', sdp: nodeOffer } })
  low.put({ kind: 'signal', ordinal: 1, signal: { type: 'restart' } })
  pair.slowAgree = true
  for (const blob of queues.high.splice(0)) pair.deliver('high', blob)
  pair.deliver('high', new Uint8Array(1024))
  expect(high.state.phase.at).toBe('agree')
  expect(high.of('signal')).toEqual([])
  pair.agreeNow('high')
  expect(high.of('signal').map(({ signal }) => signal.type)).toEqual(['offer', 'restart'])
  expect(high.effects.map(({ kind }) => kind)).toEqual([
    'hello',
    'agree',
    'dial',
    'signal',
    'signal',
  ])
})
