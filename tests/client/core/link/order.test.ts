import { createLink } from '@baton/client/core/link/link'
import { createOrder } from '@baton/client/core/link/order'
import { encodeLinkFrame } from '@baton/shared/encoding/frame'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLinkPair, pattern, same } from '../../../support/link-pair.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { createPipePair, type Fault } from '../../../support/pipe-pair.ts'
import { createRawPeer } from '../../../support/raw-peer.ts'

function collect(start = 0) {
  const got: number[] = []
  const order = createOrder<{ seq: number }>((frame) => got.push(frame.seq))
  for (let seq = 0; seq < start; seq++) order.accept({ seq }, 0)
  got.length = 0
  return { got, accept: (seq: number, now = 0) => order.accept({ seq }, now), order }
}

it('L5 any disorder within 32 frames, with any duplicates, comes out in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(15), { maxLength: 60 }), fc.array(fc.nat(59)), (late, again) => {
      const { got, accept } = collect()
      const arriving = late
        .map((by, seq) => ({ seq, at: seq + by }))
        .sort((a, b) => a.at - b.at)
        .map(({ seq }) => seq)
      for (const [i, seq] of arriving.entries()) {
        expect(accept(seq)).toBe(true)
        const old = again[i]
        if (old !== undefined && arriving.indexOf(old) <= i && old < late.length) accept(old)
      }
      expect(got).toEqual(late.map((_, seq) => seq))
    }),
  )
})

it('L6 a hole costs the link at the 32nd frame behind it, and not before', () => {
  const { got, accept } = collect()
  for (let seq = 1; seq < 32; seq++) expect(accept(seq)).toBe(true)
  expect(accept(32)).toBe(false)
  expect(got).toEqual([])
})

it('L6 a hole is open from the first frame behind it, and the next hole from the filling of it', () => {
  const { accept, order } = collect()
  expect(order.deadline()).toBe(Number.POSITIVE_INFINITY)
  accept(1, 100)
  accept(3, 500)
  expect(order.deadline()).toBe(2100)
  accept(0, 900)
  expect(order.deadline()).toBe(2900)
  accept(2, 1000)
  expect(order.deadline()).toBe(Number.POSITIVE_INFINITY)
})

const linked = (fault: (n: number) => Fault) => {
  let n = 0
  return createLinkPair({
    fault: (from, lane) => (from === 'alice' && lane === 1 ? fault(n++) : 'pass'),
  })
}

it('L5 duplicates and disorder on the way change nothing', () => {
  const pair = linked((n) =>
    n % 3 === 0 ? 'duplicate' : n % 5 === 0 && n < 90 ? { later: 20 } : 'pass',
  )
  const sent = Array.from({ length: 120 }, (_, i) => pattern(500, i))
  for (const message of sent) void pair.alice.send('bulk', message)
  pair.clock.advance(1000)
  expect(same(pair.bob.got.bulk, sent)).toBe(true)
  expect(pair.bob.end).toBeUndefined()
})

it('L6 a frame lost in the middle ends the link, with nothing behind it handed over', () => {
  const pair = linked((n) => (n === 50 ? 'drop' : 'pass'))
  const sent = Array.from({ length: 120 }, (_, i) => pattern(500, i))
  for (const message of sent) void pair.alice.send('bulk', message)
  pair.clock.advance(1000)
  expect(pair.bob.end).toMatchObject({ clean: false, code: 'link-sequence' })
  expect(pair.alice.end).toMatchObject({ clean: false, code: 'link-closed' })
  expect(pair.alice.end?.unconfirmedBytes).toBeGreaterThan(0)
  expect(same(pair.bob.got.bulk, sent.slice(0, 50))).toBe(true)
})

it('L6 a hole with little behind it ends the link after 2 s', () => {
  const pair = linked((n) => (n === 0 ? 'drop' : 'pass'))
  void pair.alice.send('bulk', pattern(10, 1))
  void pair.alice.send('bulk', pattern(10, 2))
  // The other pipe lane goes on all the while.
  for (let i = 0; i < 4; i++) {
    void pair.alice.send('live', pattern(10, i))
    pair.clock.advance(499)
  }
  expect(pair.bob.end).toBeUndefined()
  pair.clock.advance(10)
  expect(pair.bob.end?.code).toBe('link-sequence')
  expect(pair.bob.got.bulk).toEqual([])
})

it('L6 a hole among the frames of an idle link ends it after 2 s too', () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  let code: string | undefined
  link.onClose((end) => {
    code = end.code
  })
  link.admit()
  const peer = createRawPeer(pipes.bob)
  for (let i = 0; i < 12; i++) {
    peer.signal({ kind: 'ping', id: i, sent: 0 })
    clock.advance(5_000)
  }
  const late = new Uint8Array(15)
  encodeLinkFrame(late, 13, { kind: 'ping', id: 99, sent: 0 })
  peer.raw(0, late)
  clock.advance(1_990)
  expect(code).toBeUndefined()
  clock.advance(20)
  expect(code).toBe('link-sequence')
})

it('L7 the lost last frames of bulk end the link though nothing follows them', () => {
  const pair = linked((n) => (n >= 3 ? 'drop' : 'pass'))
  for (let i = 0; i < 5; i++) void pair.alice.send('bulk', pattern(10, i))
  pair.clock.advance(4000)
  expect(pair.bob.end).toBeUndefined()
  pair.clock.advance(8000)
  expect(pair.bob.end).toMatchObject({ clean: false, code: 'link-sequence' })
  expect(pair.bob.got.bulk).toHaveLength(3)
})

it('L7 bulk that is only slow is not taken for lost', () => {
  // One 16 KiB frame takes 4 s of a way that pings cross at once.
  const pair = createLinkPair({ bytesPerMs: 4, queueBytes: 100, gate: 'empty' })
  for (let i = 0; i < 20; i++) void pair.alice.send('bulk', pattern(16_000, i))
  pair.clock.advance(120_000)
  expect(pair.bob.end).toBeUndefined()
  expect(pair.bob.got.bulk).toHaveLength(20)
})

it('L6 a native queue that drops in silence ends the link, never the data', () => {
  // The gate is open, as for a sender that ignores it; the queue drops beyond 100 KB.
  const options = { gate: 1e9, dropBeyondBytes: 100_000, bytesPerMs: 1000, queueBytes: 20_000 }
  const pair = createLinkPair(options)
  const sent = Array.from({ length: 40 }, (_, i) => pattern(16_000, i))
  for (const message of sent) void pair.alice.send('bulk', message).catch(() => {})
  pair.clock.advance(20_000)
  expect(pair.bob.end).toMatchObject({ clean: false, code: 'link-sequence' })
  expect(pair.bob.got.bulk.length).toBeLessThan(40)
  expect(same(pair.bob.got.bulk, sent.slice(0, pair.bob.got.bulk.length))).toBe(true)
  expect(pair.alice.end?.clean).toBe(false)
})

it('L5 a number from long ago is a duplicate, over the wrap of numbers too', () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  const got: number[] = []
  link.receive((_lane, message) => {
    got.push(message[0] as number)
  })
  const peer = createRawPeer(pipes.bob)
  peer.data(0, pattern(1, 1), { seq: 0 })
  peer.data(0, pattern(1, 1), { seq: 0xffffffff })
  peer.data(0, pattern(1, 1), { seq: 0x80000001 })
  peer.data(0, pattern(1, 1), { seq: 0 })
  clock.advance(10)
  expect(got).toHaveLength(1)
})
