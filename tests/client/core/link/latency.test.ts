import { expect, it } from 'vitest'
import { createLinkPair, type LinkPairOptions, pattern } from '../../../support/link-pair.ts'

/** Bulk without end, and a live message of 100 bytes every 50 ms for `seconds`. */
async function race(options: LinkPairOptions, seconds: number) {
  const pair = createLinkPair(options)
  const sentAt: number[] = []
  const lags: number[] = []
  let bulk = 0
  pair.bob.receive((lane, message) => {
    if (lane === 'bulk') bulk += message.length
    else lags.push(pair.clock.monotonic() - (sentAt[lags.length] as number))
  })
  const block = pattern(65_536, 1)
  void (async () => {
    for (;;) await pair.alice.send('bulk', block)
  })().catch(() => {})
  await pair.clock.elapse(3_000)
  const before = bulk
  for (let i = 0; i < seconds * 20; i++) {
    sentAt.push(pair.clock.monotonic())
    void pair.alice.send('live', pattern(100, i))
    await pair.clock.elapse(50)
  }
  const sorted = lags.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN
  const end = pair.alice.end ?? pair.bob.end
  return { p50: at(0.5), p95: at(0.95), bytesPerMs: (bulk - before) / (seconds * 1000), end }
}

// 10 Mbit/s with 100 ms of queue in front, as measured behind a token bucket.
const tenMbit = { bytesPerMs: 1250, queueBytes: 125_000, delayMs: 5 }

it.each([
  ['like Node, whose count lies up to 2 MB', { gate: 'empty', lieBytes: 2_000_000 }],
  ['like a browser', { gate: 131_072 }],
] as const)('L29 at 10 Mbit/s under bulk, live has a p95 below 150 ms: %s', async (_name, kind) => {
  const { p95, bytesPerMs, end } = await race({ ...tenMbit, ...kind }, 20)
  expect(p95).toBeLessThan(150)
  expect(bytesPerMs).toBeGreaterThan(0.9 * 1250)
  expect(end).toBeUndefined()
})

it('L29 without credit the same pipe would hold live back: the measure can fail', async () => {
  // One pipe lane for all, as a link without lanes has: bulk of a whole window is in front.
  const pair = createLinkPair({ ...tenMbit, gate: 'empty', lieBytes: 2_000_000 })
  let lag = 0
  pair.bob.receive((lane, message) => {
    if (lane === 'live' && message.length === 100) lag = pair.clock.monotonic() - lag
  })
  for (let i = 0; i < 40; i++) void pair.alice.send('live', pattern(16_000, i))
  await pair.clock.elapse(50)
  lag = pair.clock.monotonic()
  void pair.alice.send('live', pattern(100, 1))
  await pair.clock.elapse(3_000)
  expect(lag).toBeGreaterThan(250)
})

it('L29 at 1 Mbit/s too, live is ahead of bulk', async () => {
  const way = { bytesPerMs: 125, queueBytes: 12_500, delayMs: 20, gate: 'empty' as const }
  const { p95, bytesPerMs } = await race({ ...way, lieBytes: 2_000_000 }, 20)
  expect(p95).toBeLessThan(400)
  expect(bytesPerMs).toBeGreaterThan(0.85 * 125)
})
