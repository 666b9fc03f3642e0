/** CP11: a random source that repeats, seen from what is made of it. */
import { freshRandom } from '@baton/client/core/fresh-random'
import type { Random } from '@baton/client/core/ports/platform'
import { expect, it } from 'vitest'
import { endOf, invite, join, two } from '../../support/pair-steps.ts'
import { contactOf, createWorld, paired, seededRandom, watchRun } from '../../support/pair-world.ts'

/** Gives one answer for ever to whoever asks for this many bytes. */
function repeating(length: number, honest: Random): Random {
  const kept = honest.bytes(length)
  return { bytes: (asked) => (asked === length ? kept.slice() : honest.bytes(asked)) }
}

/** Scalar and nonce of one run of a pairing. */
const runBytes = 64
/** Ephemeral and jitter of one step of a reconnect. */
const stepBytes = 40

it('CP11 SEC-16 a draw that begins like an earlier one is refused, whatever its length', () => {
  const honest = seededRandom('lengths')
  const start = honest.bytes(16)
  const stuck = freshRandom({
    bytes: (length) => Uint8Array.from({ length }, (_, at) => start[at] ?? length),
  })
  stuck.bytes(64)
  const refused = expect.objectContaining({ code: 'invalid', hint: expect.any(String) })
  for (const length of [16, 32, 40, 64]) expect(() => stuck.bytes(length)).toThrow(refused)
  for (let n = 0; n < 2; n++) expect(stuck.bytes(2)).toHaveLength(2)
})

it('CP11 SEC-16 a joiner with the scalar of an earlier run fails before its share leaves', async () => {
  const world = createWorld({
    random: (name, honest) => (name === 'bob' ? repeating(runBytes, honest) : honest),
  })
  const [alice, bob] = two(world)
  const first = await invite(world, alice)
  expect(endOf((await join(world, bob, first.code)).seen.events)).toBe('paired')
  const second = await invite(world, alice)
  const before = world.signaling.seen.length
  const again = await join(world, bob, second.code)
  expect(again.seen.last()).toMatchObject({
    at: 'failed',
    code: 'invalid',
    message: expect.stringContaining('random source'),
    hint: expect.any(String),
  })
  expect(world.signaling.seen).toHaveLength(before)
  // Its place is free again, and the code still pairs another device.
  expect(second.seen.last()?.at).toBe('released')
  const carol = await join(world, world.device('carol', 3), second.code)
  expect(endOf(carol.seen.events)).toBe('paired')
})

it('CP11 SEC-16 an inviter with the scalar of an earlier run ends its code and answers nothing', async () => {
  const world = createWorld({
    random: (name, honest) => (name === 'alice' ? repeating(runBytes, honest) : honest),
  })
  const [alice, bob] = two(world)
  const first = await invite(world, alice)
  expect(endOf((await join(world, bob, first.code)).seen.events)).toBe('paired')
  const second = await invite(world, alice)
  const before = world.signaling.seen.length
  const carol = await join(world, world.device('carol', 3), second.code)
  expect(endOf(second.seen.events)).toBe('invalid')
  expect(endOf(carol.seen.events)).not.toBe('paired')
  // The joiner's share, and nothing of the inviter's.
  expect(world.signaling.seen.length).toBeLessThanOrEqual(before + 1)
})

it('CP11 a code is not shown, and no slot left, when its session id repeats', async () => {
  const world = createWorld({ random: (_, honest) => repeating(16, honest) })
  const [alice] = two(world)
  const run = watchRun(alice.pairing.invite({ qr: true, confirm: false }))
  await world.settle()
  expect(run.events).toEqual([expect.objectContaining({ at: 'failed', code: 'invalid' })])
})

it('CP11 SEC-16 a contact whose ephemeral repeats closes, and says why', async () => {
  const world = createWorld({
    random: (name, honest) => (name === 'bob' ? repeating(stepBytes, honest) : honest),
  })
  const [, bob] = await paired(world)
  const watched = contactOf(bob)
  await world.pass(10_000)
  expect(watched.contact.state()).toBe('closed')
  expect(watched.log).toEqual(['trouble: invalid'])
  expect(watched.links).toEqual([])
})
