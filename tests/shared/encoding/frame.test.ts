import { fromHex, toHex } from '@baton/shared/bytes'
import {
  decodeFrame,
  encodeData,
  encodeLinkFrame,
  type FrameLane,
  type LinkFrame,
  printable,
} from '@baton/shared/encoding/frame'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

function linkBytes(seq: number, frame: LinkFrame): Uint8Array {
  const out = new Uint8Array(200)
  return out.slice(0, encodeLinkFrame(out, seq, frame))
}

function dataBytes(seq: number, lane: FrameLane, message: Uint8Array, from = 0, to?: number) {
  const out = new Uint8Array(message.length + 8)
  return out.slice(0, encodeData(out, seq, lane, message, from, to ?? message.length))
}

const abc = new Uint8Array([0x61, 0x62, 0x63])

it.each([
  ['control, whole', dataBytes(1, 0, abc), '1c00000001000003616263'],
  ['live, empty', dataBytes(2, 1, new Uint8Array(0)), '1d00000002000000'],
  ['bulk, beginning', dataBytes(3, 2, abc, 0, 1), '160000000300000361'],
  ['bulk, middle', dataBytes(4, 2, abc, 1, 2), '120000000462'],
  ['bulk, end', dataBytes(0xffffffff, 2, abc, 2, 3), '1affffffff63'],
  [
    'credit',
    linkBytes(5, { kind: 'credit', lane: 2, consumed: 2 ** 40 + 7, window: 262_144 }),
    '220000000501000000000700040000',
  ],
  ['ping', linkBytes(6, { kind: 'ping', id: 9, sent: 300 }), '3000000006' + '0000000900000000012c'],
  ['pong', linkBytes(7, { kind: 'pong', id: 9, sent: 1 }), '4000000007' + '00000009000000000001'],
  [
    'bye',
    linkBytes(8, { kind: 'bye', sent: [1, 2, 3], got: [4, 5, 6], reason: 'ok' }),
    '5000000008000000000001000000000002000000000003000000000004000000000005000000000006' + '6f6b',
  ],
  [
    'parted',
    linkBytes(9, { kind: 'parted', got: [1, 2, 3] }),
    '6000000009000000000001000000000002000000000003',
  ],
])('FR1 the bytes of %s are frozen', (_name, bytes, frozen) => {
  expect(toHex(bytes)).toBe(frozen)
})

const seq = fc.nat(0xffffffff)
const offset = fc.nat(2 ** 48 - 1)
const offsets = fc.tuple(offset, offset, offset)
const anyLinkFrame: fc.Arbitrary<LinkFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('credit' as const),
    lane: fc.constantFrom(0 as const, 1 as const, 2 as const),
    consumed: offset,
    window: fc.integer({ min: 65_536, max: 4_194_304 }),
  }),
  fc.record({
    kind: fc.constantFrom('ping' as const, 'pong' as const),
    id: fc.nat(0xffffffff),
    sent: offset,
  }),
  fc.record({
    kind: fc.constant('bye' as const),
    sent: offsets,
    got: offsets,
    reason: fc.string({ maxLength: 100, unit: 'grapheme-ascii' }),
  }),
  fc.record({ kind: fc.constant('parted' as const), got: offsets }),
)

it('FR2 a frame of the link reads back as it was written', () => {
  fc.assert(
    fc.property(seq, anyLinkFrame, (n, frame) => {
      expect(decodeFrame(linkBytes(n, frame))).toEqual({ ...frame, seq: n })
    }),
  )
})

it('FR2 parts of a message read back as they were written', () => {
  const lane = fc.constantFrom(0 as const, 1 as const, 2 as const)
  const bytes = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(seq, lane, bytes, fc.nat(300), fc.nat(300), (n, which, message, a, b) => {
      const from = Math.min(a, b, message.length)
      const to = Math.min(Math.max(a, b), message.length)
      fc.pre(to > from || message.length === 0)
      expect(decodeFrame(dataBytes(n, which, message, from, to))).toEqual({
        kind: 'data',
        seq: n,
        lane: which,
        total: from === 0 ? message.length : undefined,
        last: to === message.length,
        payload: message.slice(from, to),
      })
    }),
  )
})

it.each([
  ['nothing', ''],
  ['four bytes', '30000000'],
  ['kind 0', '0000000001'],
  ['kind 7', '7000000001'],
  ['kind 15', 'f000000001000003616263'],
  ['lane 3', '1f00000001000003616263'],
  ['a beginning without length', '1c000000010000'],
  ['a whole message that is shorter than it says', '1c000000010000046162'],
  ['a whole message that is longer than it says', '1c00000001000002616263'],
  ['a beginning that is all of it', '1600000003000003616263'],
  ['an empty beginning', '1600000003000003'],
  ['an empty middle', '1200000004'],
  ['an empty end', '1a00000004'],
  ['a beginning of more than a message holds', '160000000310000161'],
  ['credit on lane 3', '230000000501000000000700040000'],
  ['credit of a tiny window', '220000000501000000000700000400'],
  ['credit of a huge window', '220000000501000000000700400001'],
  ['credit cut short', '2200000005010000000007000400'],
  ['a ping with a low nibble', '31000000060000000900000000012c'],
  ['a ping cut short', '30000000060000000900000000012c'.slice(0, -2)],
  ['a ping with more', '30000000060000000900000000012c00'],
  ['a bye cut short', `5000000008${'00'.repeat(35)}`],
  ['a bye with a control character', `5000000008${'00'.repeat(36)}0a`],
  ['a bye with a long reason', `5000000008${'00'.repeat(36)}${'61'.repeat(101)}`],
  ['an answer cut short', `6000000009${'00'.repeat(17)}`],
])('FR3 %s is no frame', (_name, hex) => {
  expect(decodeFrame(fromHex(hex))).toBeUndefined()
})

it('FR3 a frame above the frame limit is no frame', () => {
  const message = new Uint8Array(70_000)
  expect(decodeFrame(dataBytes(1, 2, message, 0, 65_528))?.kind).toBe('data')
  expect(decodeFrame(dataBytes(1, 2, message, 0, 65_529))).toBeUndefined()
})

it('FR3 no bytes make decoding throw', () => {
  const head = fc.constantFrom(0x10, 0x16, 0x1c, 0x1e, 0x20, 0x22, 0x30, 0x40, 0x50, 0x60)
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 160 }), (first, rest) => {
      decodeFrame(new Uint8Array([first, ...rest]))
      decodeFrame(rest)
    }),
    { numRuns: tries(500) },
  )
})

it('FR4 a message in one frame that lost its end is no frame', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(107), (message, cut) => {
      const bytes = dataBytes(1, 1, message)
      fc.pre(cut < bytes.length)
      expect(decodeFrame(bytes.subarray(0, cut))).toBeUndefined()
    }),
  )
})

it('FR5 a reason is printable ASCII of at most 100 characters', () => {
  expect(printable('going\naway \u00e9\u{1f600}')).toBe('going?away ???')
  expect(printable('x'.repeat(300))).toHaveLength(100)
})
