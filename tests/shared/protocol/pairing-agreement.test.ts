/** What people answer, what is written when, and the sealed rest of a run. */
import { type Bytes, concat } from '@baton/shared/bytes'
import { encode } from '@baton/shared/encoding/msgpack'
import { describe, expect, it } from 'vitest'
import { bothFailed, changed, fields } from '../../support/pairing-blobs.ts'
import { carry, run } from '../../support/pure-pairing.ts'

const confirm = { identity: { confirm: true } }

describe('people', () => {
  it.each([
    ['inviter', { inviter: confirm }],
    ['joiner', { joiner: confirm }],
    ['both', { inviter: confirm, joiner: confirm }],
  ] as const)('P6 the policy of the %s makes both wait for both', (_who, options) => {
    const { inviter, joiner, time } = run(options)
    expect(inviter.of('check')[0]?.met.confirm).toBe(true)
    expect(joiner.of('check')[0]?.met.confirm).toBe(true)
    bothFailed({ inviter, joiner })
    joiner.put({ kind: 'answer', now: 0, match: true })
    carry(inviter, joiner, time)
    bothFailed({ inviter, joiner })
    inviter.put({ kind: 'answer', now: 0, match: true })
    carry(inviter, joiner, time)
    expect([inviter.of('paired').length, joiner.of('paired').length]).toEqual([1, 1])
  })

  it.each(['inviter', 'joiner'] as const)('P6 a no of the %s drops both', (who) => {
    const both = run({ inviter: confirm })
    const { inviter, joiner, time } = both
    const other = who === 'inviter' ? joiner : inviter
    other.put({ kind: 'answer', now: 0, match: true })
    carry(inviter, joiner, time)
    both[who].put({ kind: 'answer', now: 0, match: false })
    carry(inviter, joiner, time)
    expect(both[who].failure()).toBe('pairing-cancelled: mismatch')
    expect(other.failure()).toBe('pairing-cancelled: peer-cancelled')
    expect(joiner.of('forget')).toHaveLength(1)
    bothFailed(both)
  })

  it('P6 the joiner keeps its yes before it says so', () => {
    const { joiner } = run({ joiner: confirm })
    expect(joiner.of('persist').map(({ pending }) => pending.agreed)).toEqual([false])
    joiner.put({ kind: 'answer', now: 0, match: true })
    expect(joiner.of('persist').map(({ pending }) => pending.agreed)).toEqual([false, true])
    const kinds = joiner.effects.map(({ kind }) => kind)
    expect(kinds.lastIndexOf('persist')).toBeLessThan(kinds.lastIndexOf('send'))
  })

  it('P6 silence of a person ends it for both', () => {
    const { inviter, joiner, time } = run({ inviter: confirm })
    time.now = 10 * 60_000
    inviter.put({ kind: 'tick', now: time.now })
    carry(inviter, joiner, time)
    expect(inviter.failure()).toBe('pairing-failed: silent')
    expect(joiner.failure()).toBe('pairing-cancelled: peer-cancelled')
  })
})

describe('after the proofs', () => {
  it('P10 the inviter says added only when the commit is durable', () => {
    const { inviter } = run()
    const kinds = inviter.effects.map(({ kind }) => kind)
    expect(kinds.lastIndexOf('send')).toBeGreaterThan(kinds.indexOf('commit'))
  })

  it('P9 the joiner proves itself only when its record is durable', () => {
    const { joiner } = run({ joiner: { slowDisk: true } })
    expect(joiner.of('persist')).toHaveLength(1)
    expect(joiner.of('send')).toHaveLength(1)
    joiner.put({ kind: 'done', now: 0, ok: true })
    expect(joiner.of('send')).toHaveLength(2)
  })

  it('P9 a disk that refuses ends the run before the proof', () => {
    const { joiner } = run({ joiner: { slowDisk: true } })
    joiner.put({ kind: 'done', now: 0, ok: false })
    expect(joiner.failure()).toBe('store-full: disk')
    expect(joiner.of('send')).toHaveLength(1)
  })

  it('P10 nothing is said while the commit is on its way to the disk', () => {
    const { inviter, joiner } = run({ inviter: { slowDisk: true } })
    expect(inviter.of('send')).toHaveLength(2)
    expect(joiner.of('adopt')).toEqual([])
    inviter.put({ kind: 'done', now: 0, ok: false })
    expect(inviter.failure()).toBe('store-full: disk')
    expect(inviter.of('send')).toHaveLength(2)
  })

  it('P11 what follows the inviter’s proof waits until its signature was checked', () => {
    const { inviter, joiner, time } = run({ joiner: { slowVerify: true } })
    inviter.put({ kind: 'signal', now: 0, signal: { type: 'restart' } })
    carry(inviter, joiner, time)
    expect(joiner.state().at).toBe('verifying')
    expect(joiner.of('check')).toEqual([])
    joiner.put({ kind: 'verified', now: 0, ok: true })
    carry(inviter, joiner, time)
    expect(joiner.of('signal').map(({ signal }) => signal)).toEqual([{ type: 'restart' }])
    expect([inviter.of('paired').length, joiner.of('paired').length]).toEqual([1, 1])
  })

  it('P11 what is reflected, replayed, cut or garbled after the proofs is dropped', () => {
    const { inviter, joiner, time } = run({
      hand: (blob, from, n) => {
        if (n <= 2) return [blob]
        const [, sealed] = fields(blob) as [number, Bytes]
        const bad = [encode([5, changed(sealed, 40)]), encode([5, sealed.subarray(0, 8)]), blob]
        return from === 'inviter' ? [...bad, blob, Uint8Array.of(1, 2, 3)] : [...bad, blob]
      },
    })
    expect(inviter.of('paired')).toHaveLength(1)
    expect(joiner.of('paired')).toHaveLength(1)
    const before = inviter.effects.length
    inviter.put({ kind: 'signal', now: 0, signal: { type: 'restart' } })
    const [own] = inviter.outbox.splice(0) as [Bytes]
    inviter.put({ kind: 'message', now: time.now, blob: own })
    expect(inviter.effects).toHaveLength(before + 1)
    joiner.put({ kind: 'message', now: 0, blob: own })
    joiner.put({ kind: 'message', now: 0, blob: own })
    expect(joiner.of('signal')).toHaveLength(1)
  })

  it('P11 a description with two fingerprints never comes out', () => {
    const { inviter, joiner } = run()
    inviter.put({ kind: 'signal', now: 0, signal: { type: 'offer', sdp: 'v=0' } })
    joiner.put({ kind: 'message', now: 0, blob: inviter.outbox.shift() as Bytes })
    expect(joiner.of('signal')).toEqual([])
  })
})

it('P11 any bytes at any time leave both machines standing', () => {
  const junk = [
    new Uint8Array(0),
    Uint8Array.of(0xc1),
    encode([5, new Uint8Array(1024)]),
    encode({ a: 1 }),
    concat(encode([1]), encode([2])),
    new Uint8Array(33_000),
  ]
  for (const blob of junk) {
    const both = run({ hand: (each) => [each, blob] })
    expect(both.inviter.state().at).toBeDefined()
    expect(both.joiner.state().at).toBeDefined()
  }
})
