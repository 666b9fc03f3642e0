import { toHex, utf8Encode } from '@baton/shared/bytes'
import {
  type HourQuery,
  hourAt,
  hoursToListen,
  hoursToPost,
  mailboxId,
  mailboxKey,
  rollPhaseMs,
} from '@baton/shared/keyexchange/mailbox'
import { pureVerify } from '@baton/shared/keyexchange/signature'
import { mailboxHourMs, rollMarginMs, widenAfterMs } from '@baton/shared/limits'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const root = (name: string) => sha256(utf8Encode(name))
const noon = Date.UTC(2026, 10, 21, 12)
const minute = 60_000

describe('mailboxes', () => {
  it('MB1 both ends derive one mailbox, and no two hours, sides or pairs share one', () => {
    const ids = new Set<string>()
    for (const pair of ['ab', 'ac', 'bc'])
      for (const side of ['low', 'high'] as const)
        for (const hour of [0, 1, 2, 256, 65_536, 495_000, 495_001, 2 ** 33]) {
          const key = mailboxKey(root(pair), side, hour)
          expect(mailboxKey(root(pair), side, hour).mailbox).toEqual(key.mailbox)
          expect(key.mailbox).toHaveLength(16)
          ids.add(toHex(key.mailbox))
          ids.add(toHex(key.publicKey))
        }
    expect(ids.size).toBe(3 * 2 * 8 * 2)
  })

  it('MB1 the id is the hash of the listen key and the key signs for the service', () => {
    const key = mailboxKey(root('ab'), 'low', 5)
    expect(key.mailbox).toEqual(sha256(key.publicKey).slice(0, 16))
    expect(mailboxId(key.publicKey)).toEqual(key.mailbox)
    const challenge = utf8Encode('listen please')
    expect(pureVerify(key.publicKey, challenge, key.sign(challenge))).toBe(true)
    const other = mailboxKey(root('ab'), 'high', 5)
    expect(pureVerify(other.publicKey, challenge, key.sign(challenge))).toBe(false)
  })

  it('MB1 the derivation is frozen', () => {
    expect(toHex(mailboxKey(root('frozen'), 'low', 7).mailbox)).toBe(
      'ebc7cc9b4c35b0e0b1d38f66cd7a8ccb',
    )
    expect(rollPhaseMs(root('frozen'))).toBe(2_169_619)
  })
})

describe('hours', () => {
  const query = (change: Partial<HourQuery> = {}): HourQuery => ({
    root: root('ab'),
    now: noon,
    serverNow: undefined,
    withoutContactMs: 0,
    ...change,
  })
  /** A time in the middle of an hour of the pair. */
  const middle = (() => {
    const phase = rollPhaseMs(root('ab'))
    return Math.ceil(noon / mailboxHourMs) * mailboxHourMs - phase + mailboxHourMs / 2
  })()

  it('MB2 pairs roll at different moments, each once an hour', () => {
    const phases = Array.from({ length: 200 }, (_, n) => rollPhaseMs(root(`pair ${n}`)))
    expect(new Set(phases.map((phase) => Math.floor(phase / 1000))).size).toBeGreaterThan(180)
    expect(Math.min(...phases)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...phases)).toBeLessThan(mailboxHourMs)
    for (const phase of phases.slice(0, 5)) expect(phase).not.toBe(0)
    expect(hourAt(root('ab'), middle + mailboxHourMs)).toBe(hourAt(root('ab'), middle) + 1)
  })

  it('MB3 in the middle of an hour only that hour is listened to and posted to', () => {
    const hour = hourAt(root('ab'), middle)
    expect(hoursToListen(query({ now: middle }))).toEqual([hour])
    expect(hoursToPost(query({ now: middle }))).toEqual([hour])
  })

  it('MB3 near a roll the neighbour is listened to as well, never posted to', () => {
    const hour = hourAt(root('ab'), middle)
    const roll = middle + mailboxHourMs / 2
    expect(hoursToListen(query({ now: roll - rollMarginMs - 1 }))).toEqual([hour])
    expect(hoursToListen(query({ now: roll - rollMarginMs }))).toEqual([hour, hour + 1])
    expect(hoursToListen(query({ now: roll - 1 }))).toEqual([hour, hour + 1])
    expect(hoursToListen(query({ now: roll + rollMarginMs - 1 }))).toEqual([hour, hour + 1])
    expect(hoursToListen(query({ now: roll + rollMarginMs }))).toEqual([hour + 1])
    expect(hoursToPost(query({ now: roll - 1 }))).toEqual([hour])
  })

  const meets = (left: HourQuery, right: HourQuery) =>
    hoursToPost(left).some((hour) => hoursToListen(right).includes(hour)) &&
    hoursToPost(right).some((hour) => hoursToListen(left).includes(hour))
  const hours = fc.integer({ min: 0, max: 1000 * mailboxHourMs })

  it('MB3 clocks less than 5 minutes apart meet at once, at any moment', () => {
    fc.assert(
      fc.property(hours, fc.integer({ min: 0, max: rollMarginMs }), (at, skew) => {
        expect(meets(query({ now: noon + at }), query({ now: noon + at + skew }))).toBe(true)
      }),
    )
  })

  it('MB4 after 60 s without contact, clocks wrong by hours meet at the date of the service', () => {
    const skews = fc.integer({ min: -48 * 60, max: 48 * 60 })
    fc.assert(
      fc.property(hours, skews, skews, fc.nat({ max: 2 * minute }), (at, left, right, late) => {
        const away = { withoutContactMs: widenAfterMs, serverNow: noon + at }
        const a = query({ ...away, now: noon + at + left * minute })
        const b = query({ ...away, now: noon + at + right * minute, serverNow: noon + at + late })
        expect(meets(a, b)).toBe(true)
      }),
    )
  })

  it('MB4 sooner than that the date of the service is not used', () => {
    const early = { withoutContactMs: widenAfterMs - 1, serverNow: middle + 5 * mailboxHourMs }
    expect(hoursToListen(query({ now: middle, ...early }))).toHaveLength(1)
    expect(hoursToPost(query({ now: middle, ...early }))).toHaveLength(1)
  })

  it('MB4 without a date of the service the neighbouring hours are tried, clocks 50 minutes apart meet', () => {
    const away = { withoutContactMs: widenAfterMs }
    for (let at = 0; at < mailboxHourMs; at += 7 * minute)
      expect(
        meets(
          query({ ...away, now: middle + at }),
          query({ ...away, now: middle + at + 50 * minute }),
        ),
      ).toBe(true)
  })

  it('MB4 never more than five hours at once, ascending, without repeats', () => {
    fc.assert(
      fc.property(hours, hours, (now, serverNow) => {
        const list = hoursToListen(query({ now, serverNow, withoutContactMs: widenAfterMs }))
        expect(list.length).toBeLessThanOrEqual(5)
        expect(list).toEqual([...new Set(list)].sort((a, b) => a - b))
      }),
    )
  })
})
