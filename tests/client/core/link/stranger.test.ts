import { createLink } from '@baton/client/core/link/link'
import type { ChannelEnd } from '@baton/client/core/ports/channel'
import { fromHex } from '@baton/shared/bytes'
import { expect, it } from 'vitest'
import { createLinkPair, pattern, same } from '../../../support/link-pair.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { createPipePair } from '../../../support/pipe-pair.ts'
import { createRawPeer } from '../../../support/raw-peer.ts'

/** A link, and a peer that keeps no rule. */
function meet(admit = false) {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  const peer = createRawPeer(pipes.bob)
  const handed: number[] = []
  let end: ChannelEnd | undefined
  link.receive((_lane, message) => {
    handed.push(message.length)
  })
  link.onClose((how) => {
    end = how
  })
  if (admit) link.admit()
  clock.advance(1)
  return {
    clock,
    pipes,
    link,
    peer,
    handed,
    end: (ms = 1) => {
      clock.advance(ms)
      return end
    },
  }
}

it('L14 a peer that was not admitted may send 4 frames and no fifth', () => {
  const { peer, end, handed } = meet()
  for (let i = 0; i < 4; i++) peer.data(0, pattern(10, i))
  expect(end()).toBeUndefined()
  peer.data(0, pattern(10, 4))
  expect(end()).toMatchObject({ clean: false, code: 'link-limit' })
  expect(handed).toEqual([10, 10, 10, 10])
})

it('L14 a peer that was not admitted may send 4 KiB and no more', () => {
  const { peer, end, handed } = meet()
  peer.data(0, pattern(4096, 1))
  expect(end()).toBeUndefined()
  peer.data(0, pattern(200, 2))
  expect(end()?.code).toBe('link-limit')
  expect(handed).toEqual([4096])
})

it('L14 a hello of 1 MB is dropped at its first frame, with no state kept', () => {
  const { peer, end, handed } = meet()
  peer.data(0, pattern(1_000_000, 1), { from: 0, to: 16_384 })
  expect(end()?.code).toBe('link-limit')
  expect(handed).toEqual([])
})

it.each([
  ['live', 1],
  ['bulk', 2],
] as const)('L14 a peer that was not admitted has no %s lane', (_name, lane) => {
  const { peer, end, handed } = meet()
  peer.data(lane, pattern(1, 1))
  expect(end()?.code).toBe('link-limit')
  expect(handed).toEqual([])
})

it('L14 a peer that is not admitted within 5 s is dropped, one admitted in time is not', () => {
  const never = meet()
  expect(never.end(4_998)).toBeUndefined()
  expect(never.end(2)).toMatchObject({ clean: false, code: 'link-timeout' })
  const late = meet()
  late.clock.advance(4_998)
  late.link.admit()
  expect(late.end(2)).toBeUndefined()
})

it('L14 the frames of the link are few before admission', () => {
  const { peer, end } = meet()
  for (let i = 0; i < 32; i++) peer.signal({ kind: 'ping', id: i, sent: 0 })
  expect(end()).toBeUndefined()
  peer.signal({ kind: 'ping', id: 99, sent: 0 })
  expect(end()?.code).toBe('link-limit')
})

it('L15 two links that admit each other at different times lose nothing and break no limit', () => {
  const { clock, alice, bob } = createLinkPair({ strangers: true, delayMs: 10 })
  alice.admit()
  const sent = Array.from({ length: 30 }, (_, i) => pattern(i * 500, i))
  for (const message of sent) void alice.send('control', message)
  for (const message of sent) void alice.send('bulk', message)
  clock.advance(4_000)
  expect(bob.got.control.length).toBe(4)
  expect(bob.got.bulk.length).toBe(0)
  bob.admit()
  clock.advance(1_000)
  expect(same(bob.got.control, sent)).toBe(true)
  expect(same(bob.got.bulk, sent)).toBe(true)
  expect(alice.end ?? bob.end).toBeUndefined()
})

it.each([
  ['nothing at all', 0, ''],
  ['noise', 0, 'ff00ff00ff00ff00'],
  ['a frame of another version', 0, '90000000000000'],
  ['bulk on the first lane', 0, '1e0000000000000161'],
  ['control on the second lane', 1, '1c0000000000000161'],
  ['a ping on the second lane', 1, '3000000000000000090000000000'],
  ['the end of a message that never began', 0, '180000000061'],
] as const)('L16 %s ends the link', (_name, lane, hex) => {
  const { peer, end, handed } = meet(true)
  peer.raw(lane, fromHex(hex))
  expect(end()).toMatchObject({ clean: false, code: 'invalid' })
  expect(handed).toEqual([])
})

it('L16 a frame above 64 KiB ends the link', () => {
  const { peer, end } = meet(true)
  peer.raw(1, new Uint8Array(65_537))
  expect(end()?.code).toBe('invalid')
})

it.each([
  ['a second message begins inside the first', { from: 0, to: 50 }],
  ['more comes than was said', { from: 1, to: 100 }],
])('L16 a message whose frames lie ends the link: %s', (_name, part) => {
  const { peer, end, handed } = meet(true)
  peer.data(1, pattern(80, 1), { from: 0, to: 50 })
  peer.data(1, pattern(100, 1), part)
  expect(end()?.code).toBe('invalid')
  expect(handed).toEqual([])
})

it('L16 a peer that confirms what was never sent is dropped', () => {
  const credit = meet(true)
  credit.peer.signal({ kind: 'credit', lane: 1, consumed: 1, window: 262_144 })
  expect(credit.end()?.code).toBe('invalid')
  const bye = meet(true)
  bye.peer.signal({ kind: 'bye', sent: [0, 0, 0], got: [0, 0, 7], reason: 'x' })
  expect(bye.end()?.code).toBe('invalid')
})

it('L16 a flood of pings is answered while the answers leave, and kept nowhere', () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock, { bytesPerMs: 1, queueBytes: 100 })
  const link = createLink({ pipe: pipes.alice, clock })
  link.admit()
  const ping = fromHex('30000000000000000900000000000000'.slice(0, 30))
  for (let seq = 0; seq < 50_000; seq++) {
    ping[3] = seq >> 8
    ping[4] = seq & 255
    pipes.inject('alice', 0, ping.slice())
  }
  expect(pipes.alice.buffered(0)).toBeLessThan(70_000)
})

it('L17 a message that began and does not go on for 30 s ends the link', () => {
  const { peer, end, handed } = meet(true)
  peer.data(2, pattern(100, 1), { from: 0, to: 50 })
  for (let s = 0; s < 29; s++) {
    peer.signal({ kind: 'ping', id: s, sent: 82 })
    expect(end(1000)).toBeUndefined()
  }
  peer.signal({ kind: 'ping', id: 30, sent: 82 })
  expect(end(2000)).toMatchObject({ clean: false, code: 'link-timeout' })
  expect(handed).toEqual([])
})

it('L17 a lane holds one unfinished message, so no peer opens many', () => {
  const { peer, end } = meet(true)
  for (const lane of [0, 1, 2] as const) peer.data(lane, pattern(1000, 1), { from: 0, to: 1 })
  expect(end()).toBeUndefined()
  peer.data(2, pattern(1000, 1), { from: 0, to: 1 })
  expect(end()?.code).toBe('invalid')
})
