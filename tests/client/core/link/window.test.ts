import { createOutbox } from '@baton/client/core/link/outbox'
import { decodeFrame } from '@baton/shared/encoding/frame'
import { windowBytes } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import { createLinkPair, type LinkPairOptions, pattern } from '../../../support/link-pair.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { createPipePair } from '../../../support/pipe-pair.ts'

/**
 * Sends bulk without end over `options` for `seconds`, and lists the windows bob grants. Each message
 * takes bob `handlerMs`, however many he has.
 */
async function flood(options: LinkPairOptions, seconds: number, handlerMs = 0) {
  const windows: number[] = []
  const pair = createLinkPair({
    ...options,
    entering(from, _lane, bytes) {
      const frame = decodeFrame(bytes)
      if (from === 'bob' && frame?.kind === 'credit' && frame.lane === 2) windows.push(frame.window)
    },
  })
  let bytes = 0
  pair.bob.receive((_lane, message) => {
    bytes += message.length
    if (handlerMs === 0) return undefined
    return new Promise<void>((resolve) => pair.clock.after(handlerMs, resolve))
  })
  const block = pattern(65_000, 1)
  void (async () => {
    for (;;) await pair.alice.send('bulk', block)
  })().catch(() => {})
  for (let i = 0; i < seconds * 25; i++) await pair.clock.elapse(20)
  const before = bytes
  for (let i = 0; i < seconds * 25; i++) await pair.clock.elapse(20)
  const bytesPerMs = (bytes - before) / (seconds * 500)
  void pair.alice.close('enough')
  await pair.clock.elapse(5_000)
  return { windows, bytesPerMs }
}

it('L12 the window grows while it is what limits, and fills a long fat way', async () => {
  // 100 Mbit/s with 100 ms there and back holds 1.25 MB; 256 KiB would be a fifth of it.
  const way = { bytesPerMs: 12_500, delayMs: 50, queueBytes: 2_000_000, gate: 1e9 }
  const { windows, bytesPerMs } = await flood(way, 4)
  expect(bytesPerMs).toBeGreaterThan(0.9 * 12_500)
  expect(windows[0]).toBe(windowBytes)
  expect(Math.max(...windows)).toBeGreaterThanOrEqual(1024 * 1024)
  expect(Math.max(...windows)).toBeLessThanOrEqual(4 * 1024 * 1024)
})

it('L12 the window grows while messages wait for their handler, and hides what that takes', async () => {
  // 256 KiB in 45 ms are 6 MB/s of a way that carries ten times as much.
  const way = { bytesPerMs: 60_000, delayMs: 2, queueBytes: 4_000_000, gate: 1e9 }
  const { windows, bytesPerMs } = await flood(way, 4, 40)
  expect(Math.max(...windows)).toBe(4 * 1024 * 1024)
  expect(bytesPerMs).toBeGreaterThan(0.8 * 60_000)
})

it.each([
  ['it is not what limits', { bytesPerMs: 1250, delayMs: 5, queueBytes: 60_000 }],
  ['more would only queue', { bytesPerMs: 3000, delayMs: 5, queueBytes: 4_000_000, gate: 1e9 }],
])('L12 the window stays where %s', async (_name, way) => {
  const { windows, bytesPerMs } = await flood(way, 4)
  expect(new Set(windows)).toEqual(new Set([windowBytes]))
  expect(bytesPerMs).toBeGreaterThan(0.9 * way.bytesPerMs)
})

it('L8 a frame always fits the window in the end, even the longest in the smallest', () => {
  const pipes = createPipePair(createManualClock())
  const outbox = createOutbox({ pipe: pipes.alice, now: () => 0, bigFrames: () => true })
  void outbox.take(2, pattern(200_000, 1))
  let consumed = 0
  for (let i = 0; i < 40; i++) {
    expect(outbox.credit(2, consumed, 65_536)).toBe(true)
    outbox.pump()
    consumed = outbox.sent()[2]
  }
  expect(outbox.unconfirmed()).toBeLessThan(100)
  expect(consumed).toBeGreaterThan(200_000)
})

it('L13 the window shrinks where it fills a deep queue, and the rate is kept', async () => {
  // 256 KiB are 420 ms of this way; every queue takes them.
  const way = { bytesPerMs: 625, delayMs: 10, queueBytes: 4_000_000, gate: 1e9 }
  const { windows, bytesPerMs } = await flood(way, 20)
  expect(windows.at(-1)).toBeLessThanOrEqual(128 * 1024)
  expect(Math.min(...windows)).toBeGreaterThanOrEqual(64 * 1024)
  expect(bytesPerMs).toBeGreaterThan(0.9 * 625)
})
