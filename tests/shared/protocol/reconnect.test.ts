/** The reconnect machines under every order of events, and what must not get through them. */
import { encode } from '@baton/shared/encoding/msgpack'
import {
  answerMs,
  maxSeenBoots,
  parkMs,
  repeatMs,
  retryMaxMs,
  stableMs,
} from '@baton/shared/limits'
import { reconnectDeadline } from '@baton/shared/protocol/reconnect'
import { encodeHello, openHello, sealHello } from '@baton/shared/protocol/reconnect-hello'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../support/pair-world.ts'
import { createPureReconnect, hour } from '../../support/pure-reconnect.ts'
import { nodeOffer } from '../../support/sdp.ts'
import { tries } from '../../support/tries.ts'

const linked = (seed: string) => {
  const pair = createPureReconnect(seed)
  for (const side of [pair.low, pair.high]) side.put({ kind: 'seek' })
  pair.quiesce()
  return pair
}

type Event =
  | 'low'
  | 'high'
  | 'loseLow'
  | 'loseHigh'
  | 'mix'
  | 'repeat'
  | 'bindLow'
  | 'bindHigh'
  | 'cut'
  | 'tick'
  | 'seek'
const events: readonly Event[] = [
  'low',
  'high',
  'loseLow',
  'loseHigh',
  'mix',
  'repeat',
  'bindLow',
  'bindHigh',
  'cut',
  'tick',
  'seek',
]

describe('any order of events', () => {
  it('RC3 ends in one link, the same on both sides, which low has offered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...events), { maxLength: 60 }),
        fc.nat(),
        (script, seed) => {
          const pair = createPureReconnect(String(seed))
          const { low, high, queues } = pair
          for (const side of [low, high]) side.put({ kind: 'seek' })
          for (const event of script) {
            const queue = event === 'low' || event === 'loseLow' ? queues.low : queues.high
            if (event === 'low' || event === 'high') {
              const blob = queue.shift()
              if (blob) pair.deliver(event, blob)
            } else if (event === 'loseLow' || event === 'loseHigh') queue.shift()
            else if (event === 'mix') for (const each of [queues.low, queues.high]) each.reverse()
            else if (event === 'repeat')
              for (const each of [queues.low, queues.high]) each.push(...each)
            else if (event === 'bindLow') pair.connect('low')
            else if (event === 'bindHigh') pair.connect('high')
            else if (event === 'cut' && low.state.link) {
              low.put({ kind: 'closed', ordinal: low.state.link.ordinal })
            } else if (event === 'tick' || event === 'seek') {
              pair.now += 7_000
              for (const side of [low, high]) side.put({ kind: event })
            }
          }
          pair.quiesce()
          expect(low.link()).toBeDefined()
          expect(low.link()).toBe(high.link())
          expect(low.of('dial').every(({ initiator }) => initiator)).toBe(true)
          expect(high.of('dial').some(({ initiator }) => initiator)).toBe(false)
        },
      ),
      { numRuns: tries(40) },
    )
  })
})

describe('what is not fresh', () => {
  it('RC4 a hello counts once, and none that is older than another of its process', () => {
    const pair = createPureReconnect('once')
    const { low, high, queues } = pair
    high.put({ kind: 'seek' })
    const [first] = queues.low.splice(0)
    pair.now = 10_000
    high.put({ kind: 'seek' })
    const [second] = queues.low.splice(0)
    pair.deliver('low', second as Uint8Array)
    expect(low.of('dial')).toHaveLength(1)
    for (const blob of [first, second]) pair.deliver('low', blob as Uint8Array)
    expect(low.of('dial')).toHaveLength(1)
  })

  it('RC4 a knock that is no longer ours is not taken', () => {
    const pair = createPureReconnect('echo')
    const { high, queues } = pair
    high.put({ kind: 'seek' })
    pair.deliver('low', queues.low.shift() as Uint8Array)
    const accept = queues.high.shift() as Uint8Array
    pair.now = 60_000
    high.put({ kind: 'seek' })
    pair.deliver('high', accept)
    expect(high.of('dial')).toEqual([])
  })

  it('RC4 what is remembered of old processes is bounded', () => {
    const pair = createPureReconnect('bounded')
    const random = seededRandom('boots')
    for (let i = 0; i < 300; i++) {
      const call = {
        kind: 'call',
        boot: random.bytes(8),
        n: 1,
        ephemeral: undefined,
        echo: undefined,
      } as const
      const blob = sealHello(pair.low.pair, hour, encodeHello(call), random.bytes(16))
      pair.deliver('high', blob)
      pair.deliver('high', blob)
    }
    expect(pair.high.state.seen.size).toBe(maxSeenBoots)
  })

  it('RC4 a hello is sealed for its hour, its pair and its sender', () => {
    const { low, high } = createPureReconnect('hours')
    const body = encodeHello({
      kind: 'call',
      boot: new Uint8Array(8),
      n: 1,
      ephemeral: undefined,
      echo: undefined,
    })
    const blob = sealHello(low.pair, hour, body, new Uint8Array(16))
    expect(openHello(high.pair, hour, blob)?.kind).toBe('call')
    expect(openHello(high.pair, hour + 1, blob)).toBeUndefined()
    expect(openHello(low.pair, hour, blob)).toBeUndefined()
    expect(openHello({ ...high.pair, root: new Uint8Array(32) }, hour, blob)).toBeUndefined()
    const knock = encodeHello({
      kind: 'knock',
      boot: new Uint8Array(8),
      n: 1,
      ephemeral: new Uint8Array(32),
      echo: undefined,
    })
    const wrongSide = sealHello(low.pair, hour, knock, new Uint8Array(16))
    expect(openHello(high.pair, hour, wrongSide)).toBeUndefined()
    for (const junk of [encode([1]), encode(['x']), new Uint8Array(0)]) {
      const sealed = sealHello(low.pair, hour, junk, new Uint8Array(16))
      expect(openHello(high.pair, hour, sealed)).toBeUndefined()
    }
  })

  it('RC2 a signal is for one attempt, once, and only when it is one', () => {
    const pair = linked('signals')
    const { low, high, queues } = pair
    const offer = { type: 'offer', sdp: nodeOffer } as const
    low.put({ kind: 'signal', ordinal: low.state.link?.ordinal ?? 0, signal: offer })
    const [blob] = queues.high.splice(0) as [Uint8Array]
    pair.deliver('high', blob)
    pair.deliver('high', blob)
    pair.deliver('low', blob)
    expect(high.of('signal').map(({ signal }) => signal)).toEqual([offer])
    expect(low.of('signal')).toEqual([])

    low.put({ kind: 'signal', ordinal: 99, signal: offer })
    expect(queues.high).toEqual([])
    const two = nodeOffer.replace(/(a=fingerprint.*\r\n)/, '$1$1')
    low.put({ kind: 'signal', ordinal: 1, signal: { type: 'offer', sdp: two } })
    pair.deliver('high', queues.high.shift() as Uint8Array)
    expect(high.of('signal')).toHaveLength(1)

    const other = linked('signals of another life')
    other.deliver('high', blob)
    expect(other.high.of('signal')).toEqual([])
  })
})

describe('time', () => {
  it('RC5 a hello is said again once after 5 s, and 20 s without an answer are no-answer', () => {
    const pair = createPureReconnect('silence')
    const { high, queues } = pair
    high.put({ kind: 'seek' })
    expect(reconnectDeadline(high.state)).toBe(repeatMs)
    pair.now = repeatMs
    high.put({ kind: 'tick' })
    expect(queues.low).toHaveLength(2)
    expect(reconnectDeadline(high.state)).toBe(answerMs)
    pair.now = answerMs
    high.put({ kind: 'tick' })
    expect(high.of('trouble')).toEqual([{ kind: 'trouble', code: 'no-answer' }])
    expect(high.state.phase.at).toBe('wait')
  })

  it('RC5 pauses are drawn from 0 to 0.5 s x 2^n, at most 30 s', () => {
    const pair = createPureReconnect('pauses')
    const pauses: number[] = []
    for (let i = 0; i < 200; i++) {
      pair.high.put({ kind: 'seek' })
      pair.now += answerMs
      pair.high.put({ kind: 'tick' })
      pair.high.put({ kind: 'tick' })
      const { phase } = pair.high.state
      if (phase.at !== 'wait') throw new Error(phase.at)
      pauses.push(phase.until - pair.now)
      expect(phase.until - pair.now).toBeLessThanOrEqual(Math.min(retryMaxMs, 500 * 2 ** i))
      pair.now = phase.until
    }
    const late = pauses.slice(10)
    expect(Math.min(...late)).toBeLessThan(3_000)
    expect(Math.max(...late)).toBeGreaterThan(27_000)
  })

  it('RC5 a link that stood for a minute forgets the failures before it', () => {
    for (const [stood, failures] of [
      [stableMs, 1],
      [stableMs - 1, 4],
    ] as const) {
      const pair = linked('stable')
      const { low } = pair
      low.state = { ...low.state, failures: 3 }
      pair.now += stood
      low.put({ kind: 'closed', ordinal: low.state.link?.ordinal ?? 0 })
      expect(low.state.failures).toBe(failures)
    }
  })

  it('RC5 a hello that cannot be posted is tried again after a pause, with the reason', () => {
    const { high } = createPureReconnect('unposted')
    high.put({ kind: 'seek' })
    high.put({ kind: 'unposted', code: 'signaling-unreachable' })
    expect(high.of('trouble')).toEqual([{ kind: 'trouble', code: 'signaling-unreachable' }])
    expect(high.state.phase.at).toBe('wait')
  })

  it('RC11 a version that does not fit is not tried again for ten minutes', () => {
    const pair = createPureReconnect('parked')
    const { low, high } = pair
    high.put({ kind: 'seek' })
    pair.deliver('low', pair.queues.low.shift() as Uint8Array)
    low.put({ kind: 'failed', ordinal: 1, code: 'unsupported-version' })
    expect(low.state.phase).toEqual({ at: 'wait', until: parkMs })
  })
})

it('RC7 of two links the one begun later survives, on both sides', () => {
  const pair = linked('two')
  const { low, high } = pair
  const first = low.link()
  // Low lost its end and knows; high does not, and is called.
  low.put({ kind: 'closed', ordinal: low.state.link?.ordinal ?? 0 })
  pair.quiesce()
  expect(low.link()).toBe(high.link())
  expect(low.link()).not.toBe(first)
  expect(high.of('retire').map(({ ordinal }) => high.dialled.get(ordinal))).toEqual([first])
})

it('RC7 a link that turns up after a later attempt has begun is given up', () => {
  const pair = createPureReconnect('late')
  const { low, high, queues } = pair
  high.put({ kind: 'seek' })
  pair.deliver('low', queues.low.shift() as Uint8Array)
  pair.now = 60_000
  high.put({ kind: 'seek' })
  pair.deliver('low', queues.low.shift() as Uint8Array)
  low.put({ kind: 'bound', ordinal: 1 })
  expect(low.of('use')).toEqual([])
  expect(low.of('retire')).toEqual([{ kind: 'retire', ordinal: 1 }])
})

it('RC6 while a link stands nothing is published of our own accord', () => {
  const pair = linked('quiet')
  for (const side of [pair.low, pair.high]) {
    side.put({ kind: 'seek' })
    side.put({ kind: 'tick' })
    expect(reconnectDeadline(side.state)).toBeUndefined()
  }
  expect([pair.queues.low, pair.queues.high]).toEqual([[], []])
})
