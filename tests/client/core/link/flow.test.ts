import { createLink } from '@baton/client/core/link/link'
import type { Lane } from '@baton/client/core/ports/channel'
import type { PipeLane } from '@baton/client/core/ports/pipe'
import { decodeFrame, encodeLinkFrame } from '@baton/shared/encoding/frame'
import { laneQueueBytes, maxMessageBytes, windowBytes } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import { createLinkPair, type LinkPairOptions, pattern } from '../../../support/link-pair.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { createPipePair } from '../../../support/pipe-pair.ts'
import { createRawPeer } from '../../../support/raw-peer.ts'

/** A pair whose frames from alice are listed as they enter the pipe. */
function listed(options: LinkPairOptions = {}) {
  const frames: { lane: PipeLane; size: number; what: Lane | 'link' }[] = []
  const pair = createLinkPair({
    ...options,
    entering(from, lane, bytes) {
      const frame = decodeFrame(bytes)
      const what =
        frame?.kind !== 'data' ? 'link' : (['control', 'live', 'bulk'] as const)[frame.lane]
      if (from === 'alice') frames.push({ lane, size: bytes.length, what })
    },
  })
  return { ...pair, frames }
}

const data = (frames: { what: string; size: number }[]) => frames.filter((f) => f.what !== 'link')

it('L2 a message is split into frames of 16 KiB, and none is above what the peer takes', () => {
  const pair = listed()
  void pair.alice.send('live', pattern(100_000, 1))
  pair.clock.advance(10)
  expect(data(pair.frames).map((f) => f.size)).toEqual([
    16_392, 16_389, 16_389, 16_389, 16_389, 16_389, 1701,
  ])
  const small = listed({ maxMessageBytes: 1200 })
  void small.alice.send('bulk', pattern(5000, 1))
  small.clock.advance(10)
  expect(data(small.frames).map((f) => f.size)).toEqual([1200, 1197, 1197, 1197, 237])
})

it('L2 bulk frames grow to 64 KiB once the round trip was short under load, and fall back', () => {
  const pair = listed({ delayMs: 2, bytesPerMs: 20_000 })
  for (let i = 0; i < 100; i++) void pair.alice.send('bulk', pattern(100_000, i))
  pair.clock.advance(3000)
  expect(pair.bob.got.bulk).toHaveLength(100)
  expect(Math.max(...pair.frames.map((f) => f.size))).toBeGreaterThan(60_000)
  expect(Math.max(...pair.frames.map((f) => f.size))).toBeLessThanOrEqual(65_536)

  const slow = listed({ delayMs: 2, bytesPerMs: 500 })
  for (let i = 0; i < 60; i++) void slow.alice.send('bulk', pattern(100_000, i))
  slow.clock.advance(30_000)
  expect(slow.bob.got.bulk).toHaveLength(60)
  expect(slow.frames.slice(-100).every((f) => f.size <= 16_392)).toBe(true)
})

it('L3 control goes first, then four live frames to one of bulk', () => {
  const pair = listed({ gate: 'empty', bytesPerMs: 100, queueBytes: 1 })
  for (let i = 0; i < 5; i++) void pair.alice.send('bulk', pattern(50_000, i))
  for (let i = 0; i < 12; i++) void pair.alice.send('live', pattern(10_000, i))
  pair.clock.advance(200)
  const before = pair.frames.length
  for (let i = 0; i < 5; i++) void pair.alice.send('control', pattern(10_000, i))
  pair.clock.advance(10_000)
  const order = data(pair.frames.slice(before)).map((f) => f.what)
  expect(order.slice(0, 5)).toEqual(Array(5).fill('control'))
  const rest = order.slice(5)
  const lastLive = rest.lastIndexOf('live')
  const bulkAmongLive = rest.slice(0, lastLive).filter((what) => what === 'bulk').length
  expect(bulkAmongLive).toBeGreaterThan(0)
  expect(bulkAmongLive).toBeLessThanOrEqual(Math.ceil(lastLive / 4))
  expect(pair.bob.got.bulk).toHaveLength(5)
  expect(pair.bob.got.live).toHaveLength(12)
})

it('L3 a live message waits here for at most one frame of bulk, and control for none', () => {
  const pair = listed({ gate: 'empty', bytesPerMs: 10, queueBytes: 1 })
  void pair.alice.send('bulk', pattern(900_000, 1))
  for (let i = 0; i < 20; i++) {
    const lane = i % 2 === 0 ? 'live' : 'control'
    pair.clock.advance(2_000)
    const before = pair.frames.length
    void pair.alice.send(lane, pattern(10, 1))
    pair.clock.advance(2_000)
    const next = data(pair.frames.slice(before)).findIndex((f) => f.what === lane)
    expect(next).toBeLessThanOrEqual(lane === 'live' ? 1 : 0)
  }
  expect(pair.bob.got.live).toHaveLength(10)
})

it('L4 send waits when a lane holds 1 MiB, in order, and goes on as it empties', async () => {
  const pair = listed({ bytesPerMs: 1000 })
  const taken: number[] = []
  const sends = Array.from({ length: 40 }, (_, i) =>
    pair.alice.send('bulk', pattern(100_000, i)).then(() => taken.push(i)),
  )
  await pair.clock.elapse(0)
  expect(taken.length).toBeGreaterThan(9)
  expect(taken.length * 100_000).toBeLessThan(laneQueueBytes + windowBytes + 200_000)
  await pair.clock.elapse(10_000)
  await Promise.all(sends)
  expect(taken).toEqual(Array.from({ length: 40 }, (_, i) => i))
  expect(pair.bob.got.bulk).toHaveLength(40)
})

it('L8 no more than the credit given is on its way, however fast the pipe takes it', () => {
  const pair = listed({ gate: 1e9, delayMs: 500 })
  for (let i = 0; i < 160; i++) void pair.alice.send('bulk', pattern(131_072, i)).catch(() => {})
  pair.clock.advance(400)
  expect(pair.alice.facts().bytesSent).toBeLessThanOrEqual(windowBytes + 1000)
  pair.clock.advance(60_000)
  expect(pair.bob.got.bulk).toHaveLength(160)
  expect(pair.bob.end).toBeUndefined()
})

it('L8 a peer that sends beyond its credit is dropped', () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  const peer = createRawPeer(pipes.bob)
  let code: string | undefined
  let bytes = 0
  link.onClose((end) => {
    code = end.code
  })
  link.receive((_lane, message) => {
    bytes += message.length
    return new Promise(() => {})
  })
  link.admit()
  clock.advance(1)
  for (let i = 0; i < 15; i++) peer.data(1, pattern(16_384, i))
  clock.advance(1)
  expect(code).toBeUndefined()
  for (let i = 0; i < 2; i++) peer.data(1, pattern(16_384, i))
  clock.advance(1)
  expect(code).toBe('link-limit')
  expect(bytes).toBeLessThanOrEqual(windowBytes)
})

it('L8 messages without content cost credit too', () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  const peer = createRawPeer(pipes.bob)
  let handed = 0
  link.receive(() => {
    handed += 1
    return new Promise(() => {})
  })
  link.admit()
  clock.advance(1)
  for (let i = 0; i < 9_000; i++) peer.data(1, new Uint8Array(0))
  clock.advance(1)
  expect(handed).toBe(windowBytes / 32)
})

it('L9 a slow reader costs a bounded amount of memory on both sides, and no lane waits for another', () => {
  const pair = listed({ gate: 'empty', lieBytes: 2_000_000, delayMs: 5 })
  const done: (() => void)[] = []
  let held = 0
  let most = 0
  let live = 0
  pair.bob.receive((lane, message) => {
    if (lane !== 'bulk') {
      live += 1
      return undefined
    }
    held += message.length
    most = Math.max(most, held)
    return new Promise<void>((resolve) => {
      done.push(() => {
        held -= message.length
        resolve()
      })
    })
  })
  let taken = 0
  void (async () => {
    for (; taken < 200; taken++) await pair.alice.send('bulk', pattern(65_536, taken))
  })()
  return (async () => {
    for (let tick = 0; tick < 400; tick++) {
      await pair.clock.elapse(100)
      if (tick % 2 === 0) void pair.alice.send('live', pattern(100, tick))
      done.shift()?.()
    }
    expect(taken).toBe(200)
    expect(live).toBe(200)
    expect(most).toBeLessThanOrEqual(windowBytes + maxMessageBytes)
    expect(pair.pipes.alice.peak[1]).toBeLessThanOrEqual(windowBytes + maxMessageBytes)
  })()
})

it('L10 bulk enters the pipe only while it is empty, or below its mark', () => {
  for (const gate of ['empty', 131_072] as const) {
    const pair = listed({ gate, bytesPerMs: 1000, queueBytes: 1000 })
    for (let i = 0; i < 16; i++)
      void pair.alice.send('bulk', pattern(maxMessageBytes, i)).catch(() => {})
    pair.clock.advance(30_000)
    const mark = gate === 'empty' ? 0 : gate
    expect(pair.pipes.alice.peak[1]).toBeLessThanOrEqual(mark + 65_536)
    expect(pair.bob.got.bulk).toHaveLength(16)
  }
})

it('L10 other work gets its turn: no more than 256 KiB enter the pipe in one go', () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock, { gate: 1e9 })
  const link = createLink({ pipe: pipes.alice, clock })
  for (let i = 0; i < 16; i++) void link.send('bulk', pattern(65_536, i)).catch(() => {})
  const credit = new Uint8Array(15)
  encodeLinkFrame(credit, 0, { kind: 'credit', lane: 2, consumed: 0, window: 4_194_304 })
  pipes.inject('alice', 0, credit)
  expect(link.facts().bytesSent).toBeGreaterThan(256 * 1024)
  expect(link.facts().bytesSent).toBeLessThan(256 * 1024 + 65_536)
  clock.advance(1)
  expect(link.facts().bytesSent).toBeGreaterThan(1_000_000)
})

it('L11 the frames of the link cost no credit: a peer that takes nothing is still heard', () => {
  const pair = createLinkPair()
  pair.bob.receive(() => new Promise(() => {}))
  for (let i = 0; i < 30; i++) {
    void pair.alice.send('bulk', pattern(65_536, i))
    void pair.alice.send('live', pattern(65_536, i))
    void pair.alice.send('control', pattern(65_536, i))
  }
  pair.clock.advance(600_000)
  expect(pair.alice.end).toBeUndefined()
  expect(pair.bob.end).toBeUndefined()
  expect(pair.alice.facts().rttMs).toBeDefined()
})

it('L2 on a slow way a bulk frame is what passes in 25 ms, so that turns are short', () => {
  const pair = listed({ bytesPerMs: 200, queueBytes: 20_000 })
  for (let i = 0; i < 20; i++) void pair.alice.send('bulk', pattern(65_000, i))
  pair.clock.advance(30_000)
  expect(pair.bob.got.bulk).toHaveLength(20)
  const sizes = data(pair.frames)
    .slice(-50)
    .map((f) => f.size)
  expect(Math.max(...sizes)).toBeLessThan(8_000)
  expect(sizes.filter((size) => size > 3_000).length).toBeGreaterThan(30)
})

it('L10 live waits for its own lane to leave, not for bulk', () => {
  const pair = listed({ gate: 'empty', bytesPerMs: 10, queueBytes: 1 })
  pair.clock.advance(100)
  for (let i = 0; i < 3; i++) void pair.alice.send('live', pattern(5_000, i))
  pair.clock.advance(1)
  expect(data(pair.frames)).toHaveLength(2)
  expect(pair.pipes.alice.buffered(0)).toBe(5_008)

  const full = listed({ gate: 'empty', bytesPerMs: 10, queueBytes: 1 })
  full.clock.advance(100)
  void full.alice.send('bulk', pattern(100_000, 1))
  void full.alice.send('live', pattern(10, 1))
  expect(full.pipes.alice.buffered(1)).toBeGreaterThan(0)
  expect(data(full.frames).at(-1)?.what).toBe('live')
})
