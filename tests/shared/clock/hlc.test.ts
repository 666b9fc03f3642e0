/** CK1 to CK5: the clock under wall clocks that jump and peers that lie. */
import {
  compareStamp,
  decodeStamp,
  encodeStamp,
  receive,
  reserve,
  resume,
  type Stamp,
  tick,
  zeroStamp,
} from '@baton/shared/clock/hlc'
import { clockReserveMs, maxClockAheadMs } from '@baton/shared/limits'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const at = (ms: number, counter = 0): Stamp => ({ ms, counter })
const year2200 = Date.UTC(2200, 0)
const wall = fc.oneof(
  fc.integer({ min: 0, max: year2200 }),
  fc.constantFrom(0, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -3.6e6, year2200),
)
const stamp = fc.oneof(
  fc.record({ ms: fc.nat(1e6), counter: fc.constantFrom(0, 1, 9, 0xfffe, 0xffff) }),
  fc.record({ ms: fc.constantFrom(year2200, 2 ** 48 - 1), counter: fc.constantFrom(0, 0xffff) }),
)

it('CK1 local stamps rise whatever the wall clock reads', () => {
  const inputs = fc.array(fc.oneof(wall, fc.constantFrom(1000, 1001, 3_601_000)), { minLength: 2 })
  fc.assert(
    fc.property(inputs, (times) => {
      let last = zeroStamp
      for (const now of times) {
        const next = tick(last, now)
        expect(compareStamp(next, last)).toBe(1)
        expect(Number.isInteger(next.ms) && next.ms >= 0 && next.ms < 2 ** 48).toBe(true)
        last = next
      }
    }),
  )
})

it('CK1 a restart continues above every stamp given out, on any wall clock', () => {
  fc.assert(
    fc.property(fc.array(wall, { minLength: 1 }), wall, (times, after) => {
      let last = zeroStamp
      let mark = 0
      for (const now of times) {
        last = tick(last, now)
        mark = reserve(last, mark) ?? mark
        expect(last.ms).toBeLessThan(mark)
      }
      expect(compareStamp(tick(resume(mark), after), last)).toBe(1)
    }),
  )
  expect(reserve(at(5000), 5001)).toBeUndefined()
  expect(reserve(at(5000), 5000)).toBe(5000 + clockReserveMs)
})

it('CK2 the next local stamp is above both: later, equal and earlier milliseconds', () => {
  const now = 100
  expect(tick(receive(at(100, 5), at(100, 9), now), now)).toEqual(at(100, 10))
  expect(tick(receive(at(100, 9), at(100, 5), now), now)).toEqual(at(100, 10))
  expect(tick(receive(at(100, 9), at(101, 5), now), now)).toEqual(at(101, 6))
  expect(tick(receive(at(101, 5), at(100, 9), now), now)).toEqual(at(101, 6))
  expect(tick(receive(at(90, 5), at(91, 9), now), now)).toEqual(at(100, 0))
})

it('CK2 holds for all stamps within 60 s', () => {
  fc.assert(
    fc.property(stamp, stamp, fc.nat(2e6), (last, remote, now) => {
      const next = tick(receive(last, remote, now), now)
      expect(compareStamp(next, last)).toBe(1)
      if (remote.ms <= now + maxClockAheadMs) expect(compareStamp(next, remote)).toBe(1)
    }),
  )
})

it('CK3 receiving never moves the clock more than 60 s ahead', () => {
  fc.assert(
    fc.property(fc.array(stamp, { maxLength: 20 }), fc.nat(1e6), (remotes, now) => {
      const clock = remotes.reduce((last, remote) => receive(last, remote, now), zeroStamp)
      expect(clock.ms).toBeLessThanOrEqual(now + maxClockAheadMs)
      const again = [...remotes, ...remotes].reverse()
      expect(again.reduce((last, remote) => receive(last, remote, now), zeroStamp)).toEqual(clock)
    }),
  )
  expect(receive(at(9), at(year2200), 1000)).toEqual(at(1000 + maxClockAheadMs))
})

it('CK4 a full counter carries, and the highest stamp blocks nothing', () => {
  expect(tick(at(7, 0xffff), 7)).toEqual(at(8, 0))
  const clock = receive(zeroStamp, at(2 ** 48 - 1, 0xffff), Number.POSITIVE_INFINITY)
  let last = clock
  for (let i = 0; i < 70_000; i++) last = tick(last, Number.POSITIVE_INFINITY)
  expect(compareStamp(last, clock)).toBe(1)
  expect(decodeStamp(encodeStamp(last))).toEqual(last)
})

it('CK5 eight bytes, in the order of stamps', () => {
  expect(Buffer.from(encodeStamp(at(2 ** 48 - 1, 258))).toString('hex')).toBe('ffffffffffff0102')
  fc.assert(
    fc.property(stamp, stamp, (a, b) => {
      expect(decodeStamp(encodeStamp(a))).toEqual(a)
      expect(Buffer.compare(encodeStamp(a), encodeStamp(b))).toBe(compareStamp(a, b))
    }),
  )
  expect(() => decodeStamp(new Uint8Array(7))).toThrow('8 bytes')
})
