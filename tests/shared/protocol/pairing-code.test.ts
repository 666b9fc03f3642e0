/** How long a code lives, and what uses it up. */
import type { Bytes } from '@baton/shared/bytes'
import { claimMs, codeLifeMs, maxClaims } from '@baton/shared/limits'
import { describe, expect, it } from 'vitest'
import { fields, metOf } from '../../support/pairing-blobs.ts'
import { carry, entropy, type Party, party } from '../../support/pure-pairing.ts'

describe('the code', () => {
  function claimed(options = {}) {
    const time = { now: 0 }
    const inviter = party('inviter', { seed: 1 }, time)
    return { time, inviter, ...options }
  }
  function joinAgain(inviter: Party, time: { now: number }, secret?: string): Party {
    const joiner = party('joiner', { seed: 2, ...(secret && { secret }) }, time)
    inviter.put({ kind: 'claimed', now: time.now, entropy: entropy() })
    carry(inviter, joiner, time)
    return joiner
  }

  it('P3 after one wrong tag the right code fails too', () => {
    const { inviter, time } = claimed()
    joinAgain(inviter, time, 'wrong-wrong-wrong')
    expect(inviter.failure()).toBe('code-dead: tag')
    const sent = inviter.of('send').length
    const joiner = joinAgain(inviter, time)
    expect(joiner.of('paired')).toEqual([])
    expect(inviter.of('send')).toHaveLength(sent)
  })

  it('P2 twenty claims that hang up cost the code nothing, the next one ends it', () => {
    const { inviter, time } = claimed()
    for (let i = 0; i < maxClaims; i++) {
      const stranger = party('joiner', { seed: 5, secret: 'x' }, time)
      inviter.put({ kind: 'claimed', now: time.now, entropy: entropy() })
      inviter.put({ kind: 'message', now: time.now, blob: stranger.outbox[0] as Bytes })
      inviter.put({ kind: 'released', now: time.now })
      expect(inviter.state().at).toBe('listening')
    }
    for (const { blob } of inviter.of('send')) expect(fields(blob)[0]).toBe(2)
    inviter.put({ kind: 'claimed', now: time.now, entropy: entropy() })
    expect(inviter.failure()).toBe('code-dead: claims')
  })

  it('P2 a right joiner succeeds as the twentieth', () => {
    const { inviter, time } = claimed()
    for (let i = 1; i < maxClaims; i++) {
      inviter.put({ kind: 'claimed', now: time.now, entropy: entropy() })
      inviter.put({ kind: 'released', now: time.now })
    }
    expect(joinAgain(inviter, time).of('paired')).toHaveLength(1)
  })

  it('P2 a joiner that says nothing is freed after 20 s', () => {
    const { inviter, time } = claimed()
    inviter.put({ kind: 'claimed', now: 0, entropy: entropy() })
    expect(inviter.deadline()).toBe(claimMs)
    inviter.put({ kind: 'tick', now: claimMs - 1 })
    expect(inviter.state().at).toBe('claimed')
    time.now = claimMs
    inviter.put({ kind: 'tick', now: claimMs })
    expect(inviter.of('release')).toHaveLength(1)
    expect(joinAgain(inviter, time).of('paired')).toHaveLength(1)
  })

  it('P2 a second claim does not replace the first', () => {
    const { inviter, time } = claimed()
    const joiner = party('joiner', { seed: 2 }, time)
    inviter.put({ kind: 'claimed', now: 0, entropy: entropy() })
    inviter.put({ kind: 'message', now: 0, blob: joiner.outbox.shift() as Bytes })
    inviter.put({ kind: 'claimed', now: 0, entropy: entropy() })
    carry(inviter, joiner, time)
    expect(metOf(joiner)).toBeDefined()
  })

  it('P7 ten minutes by its own clock, whatever the service says', () => {
    const { inviter, time } = claimed()
    expect(inviter.deadline()).toBe(codeLifeMs)
    time.now = codeLifeMs + 1000
    const joiner = joinAgain(inviter, time)
    expect(inviter.failure()).toBe('code-expired: expired')
    expect(inviter.of('send')).toEqual([])
    expect(joiner.of('paired')).toEqual([])
  })

  it('P3 nothing with a tag or a seal leaves the inviter before a right tag', () => {
    const { inviter, time } = claimed()
    for (const secret of ['a', 'b']) joinAgain(inviter, time, secret)
    for (const { blob } of inviter.of('send')) {
      const [type, ...rest] = fields(blob)
      expect(type).toBe(2)
      expect(rest).toHaveLength(2)
    }
  })
})
