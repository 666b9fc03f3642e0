/** A code's guesses, counted: too many runs of the key exchange for the fast tests. */
import { expect, it } from 'vitest'
import { seededRandom } from '../support/pair-world.ts'
import { carry, entropy, party } from '../support/pure-pairing.ts'

const bits = 6
const codes = 1_000

/** Six random bits as a word of a test list. */
function drawer(seed: string) {
  const random = seededRandom(seed)
  return () => String((random.bytes(1)[0] as number) & (2 ** bits - 1))
}

/** One run; true when the joiner's proof was right. */
function guess(secret: string, guessed: string): boolean {
  const time = { now: 0 }
  const inviter = party('inviter', { seed: 1, secret }, time)
  const joiner = party('joiner', { seed: 66, secret: guessed }, time)
  inviter.put({ kind: 'claimed', now: 0, entropy: entropy() })
  carry(inviter, joiner, time)
  return inviter.of('check').length > 0
}

function expectRate(hits: number, rate: number): void {
  const sigma = Math.sqrt(codes * rate * (1 - rate))
  expect(hits).toBeGreaterThanOrEqual(codes * rate - 3 * sigma)
  expect(hits).toBeLessThanOrEqual(codes * rate + 3 * sigma)
}

it('P3 a stranger has one guess for each code', () => {
  const draw = drawer('stranger')
  let hits = 0
  for (let i = 0; i < codes; i++) if (guess(draw(), draw())) hits += 1
  expectRate(hits, 2 ** -bits)
})

it('P3 a service that plays both sides has one guess at each of them', () => {
  const draw = drawer('service')
  let hits = 0
  for (let i = 0; i < codes; i++) {
    const secret = draw()
    const asJoiner = guess(secret, draw())
    const asInviter = guess(draw(), secret)
    if (asJoiner || asInviter) hits += 1
  }
  expectRate(hits, 1 - (1 - 2 ** -bits) ** 2)
})
