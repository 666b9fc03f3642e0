/** Who may be paired with whom, and how they prove it. */
import type { Bytes } from '@baton/shared/bytes'
import { encode } from '@baton/shared/encoding/msgpack'
import { describe, expect, it } from 'vitest'
import { bothFailed, metOf, replace } from '../../support/pairing-blobs.ts'
import { carry, entropy, type Party, party, run } from '../../support/pure-pairing.ts'

describe('identities', () => {
  it('P4 a key that its sender does not hold is refused by both roles', () => {
    const stolen = run({ joiner: { signer: 77 } })
    expect(stolen.inviter.failure()).toBe('pairing-failed: identity')
    bothFailed(stolen)
    const inviterLies = run({ inviter: { signer: 77 } })
    expect(inviterLies.joiner.failure()).toBe('pairing-failed: identity')
    expect(inviterLies.joiner.of('adopt')).toEqual([])
    expect(inviterLies.joiner.of('forget')).toHaveLength(1)
  })

  it.each([
    ['a device key of small order', { device: Uint8Array.of(1, ...new Uint8Array(31)) }],
    ['a device key that is no point', { device: new Uint8Array(32).fill(255) }],
    ['an exchange key that agrees on zero', { exchange: new Uint8Array(32) }],
    ['no roster', { roster: new Uint8Array(0) }],
  ])('P4 %s is refused by both roles', (_what, identity) => {
    const joiner = run({ joiner: { identity } })
    expect(joiner.inviter.failure()).toBe('pairing-failed: identity')
    // Not for its signature, which under some such keys is one that anybody can make.
    expect(joiner.inviter.of('verify')).toEqual([])
    bothFailed(joiner)
    const inviter = run({ inviter: { identity } })
    expect(inviter.joiner.failure()).toBe('pairing-failed: identity')
    expect(inviter.joiner.of('adopt')).toEqual([])
  })

  it('P4 the proof of another run is refused', () => {
    let proof: Bytes | undefined
    run({
      hand: replace('joiner', 2, (blob) => {
        proof = blob
        return [blob]
      }),
    })
    const replayed = run({ hand: replace('joiner', 2, () => [proof as Bytes]) })
    expect(replayed.inviter.failure()).toBe('code-dead: tag')
  })

  it('P3 an identity before its time frees the claim', () => {
    const time = { now: 0 }
    const inviter = party('inviter', { seed: 1 }, time)
    inviter.put({ kind: 'claimed', now: 0, entropy: entropy() })
    const proof = encode([3, new Uint8Array(32), new Uint8Array(1024)])
    inviter.put({ kind: 'message', now: 0, blob: proof })
    expect(inviter.state().at).toBe('listening')
    expect(inviter.of('verify')).toEqual([])
  })

  it.each([
    [3, 'pairing-failed: identity'],
    [1, undefined],
  ])('P5 an inviter that opens key %i after it promised key 1: %s', (opened, failure) => {
    const time = { now: 0 }
    const joiner = party('joiner', { seed: 2 }, time)
    // Mallory holds both keys, and chooses between (2) and (4).
    const mallory = party('inviter', { seed: 1, signer: opened }, time)
    const other = party('inviter', { seed: opened }, time)
    const draw = entropy()
    for (const side of [mallory, other]) {
      side.put({ kind: 'claimed', now: 0, entropy: draw })
      side.put({ kind: 'message', now: 0, blob: joiner.outbox[0] as Bytes })
    }
    joiner.outbox.shift()
    const [state, swapped] = [mallory.state(), other.state()]
    if (state.at !== 'challenged' || swapped.at !== 'challenged') throw new Error('not challenged')
    Object.assign(state, { body: swapped.body })
    carry(mallory, joiner, time)
    expect(joiner.failure()).toBe(failure)
    expect(joiner.of('adopt')).toHaveLength(failure === undefined ? 1 : 0)
  })

  it('P8 one device cannot pair with itself', () => {
    const both = run({ joiner: { seed: 1 } })
    expect(both.inviter.failure()).toBe('pairing-failed: same-device')
    bothFailed(both)
  })

  it('P8 two populated rosters never merge, and both sides know why', () => {
    const populated = { identity: { populated: true } }
    const both = run({ inviter: populated, joiner: populated })
    expect(both.inviter.failure()).toBe('rosters-differ: rosters')
    expect(both.joiner.failure()).toBe('rosters-differ: rosters')
    expect(both.joiner.of('forget')).toHaveLength(1)
    bothFailed(both)
  })

  it('P8 a lonely joiner adopts, and one of the same roster may pair again', () => {
    const lonely = run({ inviter: { identity: { populated: true } } })
    expect(lonely.joiner.of('adopt')[0]?.met.peer.roster).toEqual(new Uint8Array(16).fill(1))
    const roster = new Uint8Array(16).fill(1)
    const again = run({
      inviter: { identity: { populated: true } },
      joiner: { identity: { populated: true, roster } },
    })
    expect(again.joiner.of('paired')).toHaveLength(1)
  })

  it('P12 a guest is known to be one on both sides', () => {
    const both = run({ inviter: { identity: { guest: true } } })
    expect([metOf(both.inviter)?.guest, metOf(both.joiner)?.guest]).toEqual([true, true])
  })

  it('P6 with a guessed code in the middle the emoji still differ', () => {
    for (let i = 0; i < 4; i++) {
      const time = { now: 0 }
      const alice = party('inviter', { seed: 1 }, time)
      const bob = party('joiner', { seed: 2 }, time)
      const [towardsAlice, towardsBob] = [
        party('joiner', { seed: 66 }, time),
        party('inviter', { seed: 66 }, time),
      ]
      alice.put({ kind: 'claimed', now: 0, entropy: entropy() })
      towardsBob.put({ kind: 'claimed', now: 0, entropy: entropy() })
      carry(alice, towardsAlice, time)
      carry(towardsBob, bob, time)
      const shown = (side: Party) => side.of('check')[0]?.met.emoji.map((each) => each.name)
      expect(shown(alice)).toHaveLength(5)
      expect(shown(alice)).not.toEqual(shown(bob))
    }
  })
})
