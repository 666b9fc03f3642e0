/** SV1 to SV5: slots and their tokens, by themselves, with the time in the test's hand. */
import { slotClaims } from '@baton/shared/limits'
import { defaultLimits } from '@baton/signaling/limits'
import { createSides } from '@baton/signaling/sides'
import { createSlots } from '@baton/signaling/slots'
import { expect, it } from 'vitest'

const sid = 'A'.repeat(22)
const blob = 'A'.repeat(1366)
const reader = { end: () => {} }

function setup(more: Partial<typeof defaultLimits> = {}) {
  let time = 1_000_000
  const now = () => time
  const limits = { ...defaultLimits, ...more }
  const sides = createSides(now)
  const held = { bytes: 0, max: limits.heldBytes }
  const slots = createSlots(sides, held, limits, now)
  const side = (token: string) => sides.find(token) ?? expect.fail('no such side')
  return {
    sides,
    held,
    slots,
    open() {
      const opened = slots.open({ sid })
      return 'token' in opened ? opened : expect.fail(opened.error)
    },
    claim(nameplate: string) {
      const claimed = slots.claim({ nameplate })
      return 'token' in claimed ? claimed : expect.fail(claimed.error)
    },
    attach: (token: string) => sides.attach(side(token), reader),
    side,
    kinds: (token: string) =>
      side(token)
        .queue.read(0)
        .map((event) => event.kind),
    pass(ms: number) {
      time += ms
      slots.sweep()
    },
  }
}

it('SV1 a nameplate has three digits while nine live, then four, then five', () => {
  const { open } = setup()
  const lengths = Array.from({ length: 100 }, () => open().nameplate.length)
  expect(lengths.slice(0, 9)).toEqual(Array(9).fill(3))
  expect(lengths.slice(9, 90)).toEqual(Array(81).fill(4))
  expect(lengths.slice(90)).toEqual(Array(10).fill(5))
})

it('SV1 a sweep over all nameplates of three digits hits no more than one in a hundred', () => {
  const { open, slots } = setup()
  for (let n = 0; n < 9; n++) open()
  let hits = 0
  for (let n = 0; n < 1000; n++) {
    if (!('error' in slots.claim({ nameplate: String(n).padStart(3, '0') }))) hits++
  }
  expect(hits).toBe(9)
})

it('SV1 a nameplate that lived is not given out again while its code could still be tried', () => {
  const { open, slots, side, pass } = setup()
  const seen = new Set<string>()
  for (let n = 0; n < 300; n++) {
    const { nameplate, token } = open()
    expect(seen.has(nameplate)).toBe(false)
    seen.add(nameplate)
    slots.close(side(token))
  }
  const [first = ''] = seen
  expect(slots.claim({ nameplate: first })).toEqual({ error: 'gone' })
  pass(defaultLimits.slotLifeMs)
  expect(slots.claim({ nameplate: first })).toEqual({ error: 'unknown' })
})

it('SV2 a second claimer is busy and both sides hear of it, at most 20 times', () => {
  const { open, claim, slots, kinds } = setup()
  const { nameplate, token } = open()
  const joiner = claim(nameplate)
  for (let n = 0; n < 30; n++) expect(slots.claim({ nameplate })).toEqual({ error: 'busy' })
  expect(kinds(joiner.token)).toEqual(Array(20).fill('crowded'))
  expect(kinds(token)).toEqual(['claimed', ...Array(20).fill('crowded')])
})

it('SV3 a slot ends at ten minutes, when its inviter stays away, and after 20 claims', () => {
  const { open, claim, attach, side, slots, pass, kinds } = setup()
  const old = open()
  attach(old.token)
  pass(defaultLimits.slotLifeMs - 1)
  expect(kinds(old.token)).toEqual([])
  const left = open()
  const stays = open()
  attach(stays.token)
  pass(1)
  expect(side(old.token).queue.read(0)).toMatchObject([{ kind: 'ended', reason: 'expired' }])
  pass(defaultLimits.slotGraceMs)
  expect(side(left.token).queue.read(0)).toMatchObject([{ kind: 'ended', reason: 'lost' }])
  expect(kinds(stays.token)).toEqual([])
  for (let n = 0; n < slotClaims; n++) slots.close(side(claim(stays.nameplate).token))
  expect(slots.claim({ nameplate: stays.nameplate })).toEqual({ error: 'gone' })
  expect(side(stays.token).queue.read(0).at(-1)).toMatchObject({ kind: 'ended', reason: 'expired' })
})

it('SV3 a reader that comes back in time keeps the slot; a joiner that does not loses its place', () => {
  const { open, claim, attach, kinds, pass } = setup()
  const { nameplate, token } = open()
  attach(token)()
  pass(defaultLimits.slotGraceMs)
  attach(token)
  const joiner = claim(nameplate)
  attach(joiner.token)()
  pass(defaultLimits.slotGraceMs)
  expect(kinds(joiner.token)).toEqual([])
  pass(1)
  expect(kinds(joiner.token)).toEqual(['ended'])
  expect(kinds(token)).toEqual(['claimed', 'released'])
  pass(defaultLimits.slotGraceMs + 1)
  expect(() => kinds(joiner.token)).toThrow('no such side')
})

it('SV4 a repeat is dropped, and what is meant for an earlier joiner reaches no later one', () => {
  const { open, claim, slots, side, kinds } = setup()
  const { nameplate, token } = open()
  const first = claim(nameplate)
  const send = { token, turn: 1, blob }
  expect(slots.send({ ...send, n: 1 })).toEqual({})
  expect(slots.send({ ...send, n: 1 })).toEqual({})
  expect(kinds(first.token)).toEqual(['message'])
  slots.close(side(first.token))
  const second = claim(nameplate)
  expect(slots.send({ ...send, n: 2 })).toEqual({})
  expect(slots.release({ token, turn: 1 })).toEqual({})
  expect(kinds(second.token)).toEqual([])
  expect(slots.send({ ...send, n: 2, turn: 2 })).toEqual({})
  expect(kinds(second.token)).toEqual(['message'])
})

it('SV4 a joiner cannot release, and a full service holds no more messages', () => {
  const { open, claim, slots, kinds, held } = setup({ heldBytes: 2000 })
  const { nameplate, token } = open()
  const joiner = claim(nameplate)
  expect(slots.release({ token: joiner.token, turn: 1 })).toEqual({})
  expect(kinds(joiner.token)).toEqual([])
  expect(slots.send({ token, turn: 1, n: 1, blob })).toEqual({})
  expect(held.bytes).toBe(1024)
  expect(slots.send({ token, turn: 1, n: 2, blob })).toEqual({ error: 'full' })
})

it('SV5 a wrong token is as unknown as one that never was, and a spent one as well', () => {
  const { open, slots, sides, side, pass } = setup()
  const { token } = open()
  const flip = (at: number) => {
    const bytes = Buffer.from(token, 'base64url')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes.toString('base64url')
  }
  for (const wrong of [flip(0), flip(8), flip(23), token.slice(0, 12), '']) {
    expect(sides.find(wrong)).toBeUndefined()
    const send = { token: wrong, turn: 0, n: 1, blob }
    expect(slots.send(send)).toEqual({ error: 'unknown' })
    expect(slots.release(send)).toEqual({ error: 'unknown' })
  }
  expect(slots.close(side(token))).toBe(true)
  pass(0)
  expect(slots.send({ token, turn: 0, n: 1, blob })).toEqual({ error: 'unknown' })
})
