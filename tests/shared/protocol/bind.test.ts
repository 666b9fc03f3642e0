/** Two bind machines, what lies between them, and what must not get through. */
import type { Bytes } from '@baton/shared/bytes'
import { decode, encode } from '@baton/shared/encoding/msgpack'
import { signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import {
  type BindConfig,
  type BindEffect,
  type BindState,
  bindDeadline,
  startBind,
  stepBind,
} from '@baton/shared/protocol/bind'
import { peekType } from '@baton/shared/protocol/message'
import { fromRejection, toRejection } from '@baton/shared/protocol/reject'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte)
const seeds = { alice: fill(1), bob: fill(2), mallory: fill(3) }
const keys = {
  alice: verifyKeyOf(seeds.alice),
  bob: verifyKeyOf(seeds.bob),
  mallory: verifyKeyOf(seeds.mallory),
}

const base: Omit<BindConfig, 'device' | 'peer' | 'nonce' | 'fingerprints'> = {
  hash: fill(7),
  attempt: fill(8),
  version: 1,
  oldest: 1,
  lastVersion: 0,
  caps: 0,
  startedAt: 1000,
}
const alice: BindConfig = {
  ...base,
  device: keys.alice,
  peer: keys.bob,
  nonce: fill(11),
  fingerprints: { local: fill(21), remote: fill(22) },
}
const bob: BindConfig = {
  ...base,
  device: keys.bob,
  peer: keys.alice,
  nonce: fill(12),
  fingerprints: { local: fill(22), remote: fill(21) },
}

interface End {
  state: BindState
  readonly effects: BindEffect[]
  readonly outbox: Bytes[]
  put(message: Bytes): void
  tick(now: number): void
  result(): string
}

function end(config: BindConfig, seed: Bytes): End {
  const effects: BindEffect[] = []
  const outbox: Bytes[] = []
  const [first, begun] = startBind(config)
  const self: End = {
    state: first,
    effects,
    outbox,
    put: (message) => step({ kind: 'message', message }),
    tick: (now) => step({ kind: 'tick', now }),
    result: () => (self.state.at === 'refused' ? self.state.code : self.state.at),
  }
  const step = (input: Parameters<typeof stepBind>[1]) => {
    const [next, list] = stepBind(self.state, input)
    self.state = next
    perform(list)
  }
  function perform(list: readonly BindEffect[]): void {
    for (const effect of list) {
      effects.push(effect)
      if (effect.kind === 'send') outbox.push(effect.message)
      if (effect.kind === 'sign')
        step({ kind: 'signed', signature: signWith(seed, effect.statement) })
      if (effect.kind === 'verify') {
        const ok = nodePrimitives.verify(effect.key, effect.statement, effect.signature) === true
        step({ kind: 'verified', ok })
      }
    }
  }
  perform(begun)
  return self
}

/** Carries what both say, through `hand`, until both are silent. */
function connect(
  a: End,
  b: End,
  hand: (message: Bytes, to: 'a' | 'b') => readonly Bytes[] = (m) => [m],
) {
  while (a.outbox.length + b.outbox.length > 0) {
    for (const message of a.outbox.splice(0)) for (const each of hand(message, 'b')) b.put(each)
    for (const message of b.outbox.splice(0)) for (const each of hand(message, 'a')) a.put(each)
  }
}

const meet = (a: Partial<BindConfig> = {}, b: Partial<BindConfig> = {}) => {
  const ends = [end({ ...alice, ...a }, seeds.alice), end({ ...bob, ...b }, seeds.bob)] as const
  connect(...ends)
  return ends.map((each) => each.result())
}

describe('bind', () => {
  it('BD1 both ends are bound after a hello and a proof each', () => {
    const [a, b] = [end(alice, seeds.alice), end(bob, seeds.bob)]
    connect(a, b)
    expect([a.result(), b.result()]).toEqual(['bound', 'bound'])
    expect(a.effects.filter(({ kind }) => kind === 'send')).toHaveLength(2)
  })

  it('BD1 the proof may be signed long after the peer has proven itself', () => {
    const [slow, other] = [startBind(alice), end(bob, seeds.bob)]
    let [state] = slow
    const put = (message: Bytes) => {
      const [next, list] = stepBind(state, { kind: 'message', message })
      state = next
      return list
    }
    const hello = slow[1].find((effect) => effect.kind === 'send')?.message as Bytes
    const [sign] = put(other.outbox.shift() as Bytes)
    other.put(hello)
    const [verify] = put(other.outbox.shift() as Bytes)
    expect([sign?.kind, verify?.kind]).toEqual(['sign', 'verify'])
    ;[state] = stepBind(state, { kind: 'verified', ok: true })
    expect(state.at).toBe('verified')
    const [bound, effects] = stepBind(state, { kind: 'signed', signature: fill(0, 64) })
    expect([bound.at, ...effects.map(({ kind }) => kind)]).toEqual(['bound', 'send', 'bound'])
  })

  it.each([
    ['the hash of the pairing', { hash: fill(9) }],
    ['the attempt', { attempt: fill(9) }],
    ['the fingerprint measured here', { fingerprints: { local: fill(9), remote: fill(22) } }],
    ['the fingerprint of the peer', { fingerprints: { local: fill(21), remote: fill(9) } }],
    ['swapped fingerprints', { fingerprints: { local: fill(22), remote: fill(21) } }],
  ])('BD2 a difference in %s refuses both', (_what, change) => {
    expect(meet(change)).toEqual(['bind-failed', 'bind-failed'])
  })

  it.each([
    ['version', (hello: unknown[]) => [hello[0], 2, ...hello.slice(2)]],
    ['capabilities', (hello: unknown[]) => [...hello.slice(0, 4), 1]],
    ['nonce', (hello: unknown[]) => [...hello.slice(0, 3), fill(99), hello[4]]],
  ])('BD2 a %s changed on the way refuses both', (_what, change) => {
    const [a, b] = [end(alice, seeds.alice), end(bob, seeds.bob)]
    connect(a, b, (message, to) =>
      to === 'b' && peekType(message) === 1
        ? [encode(change(decode(message) as unknown[]) as never)]
        : [message],
    )
    expect([a.result(), b.result()]).toEqual(['bind-failed', 'bind-failed'])
  })

  it('BD2 a proof of one channel is worth nothing on another, nor on its own sender', () => {
    const proofs: Bytes[] = []
    const first = [end(alice, seeds.alice), end(bob, seeds.bob)] as const
    connect(...first, (message, to) => {
      if (to === 'b' && peekType(message) === 2) proofs.push(message)
      return [message]
    })
    const fresh = end({ ...bob, nonce: fill(13) }, seeds.bob)
    fresh.put(end(alice, seeds.alice).outbox[0] as Bytes)
    fresh.put(proofs[0] as Bytes)
    expect(fresh.result()).toBe('bind-failed')

    const reflected = end(alice, seeds.alice)
    const mirror = encode([1, 1, keys.bob, fill(12), 0])
    reflected.put(mirror)
    reflected.put(reflected.outbox[1] as Bytes)
    expect(reflected.result()).toBe('bind-failed')
  })

  it('BD3 only the device that was dialled is let in, whoever it says it is', () => {
    const mallory = end({ ...bob, device: keys.mallory }, seeds.mallory)
    const a = end(alice, seeds.alice)
    connect(a, mallory)
    expect(a.result()).toBe('bind-failed')
    expect(a.effects.filter(({ kind }) => kind === 'sign')).toEqual([])
    // The same with the right key in the hello, and without the key.
    const liar = end(bob, seeds.mallory)
    const again = end(alice, seeds.alice)
    connect(again, liar)
    expect(again.result()).toBe('bind-failed')
  })

  it('BD3 our own hello back is refused', () => {
    const a = end({ ...alice, peer: keys.alice }, seeds.alice)
    a.put(a.outbox[0] as Bytes)
    expect(a.result()).toBe('bind-failed')
  })

  it.each([
    ['older than this build speaks', { oldest: 2, version: 2 }, { version: 1 }],
    ['older than at the last contact', { lastVersion: 2 }, { version: 1 }],
  ])('BD4 a peer %s is refused, and told why', (_what, own, other) => {
    expect(meet(own, other)).toEqual(['unsupported-version', 'unsupported-version'])
  })

  it('BD4 both go on in the lower version, with the capabilities they share', () => {
    const ends = [
      end({ ...alice, version: 3, caps: 0b1101 }, seeds.alice),
      end({ ...bob, version: 2, caps: 0b0111, lastVersion: 3 }, seeds.bob),
    ] as const
    connect(...ends)
    const bound = ends.map(({ effects }) => effects.find(({ kind }) => kind === 'bound'))
    expect(bound[0]).toMatchObject({ version: 2, peerVersion: 2, caps: 0b0101 })
    expect(bound[1]).toMatchObject({ version: 2, peerVersion: 3, caps: 0b0101 })
  })

  it('BD5 five seconds, four messages, 4 KiB, and nothing but bind', () => {
    const late = end(alice, seeds.alice)
    expect(bindDeadline(late.state)).toBe(6000)
    late.tick(5999)
    expect(late.result()).toBe('hello')
    late.tick(6000)
    expect(late.result()).toBe('link-timeout')

    const huge = end(alice, seeds.alice)
    huge.put(new Uint8Array(4097))
    expect(huge.result()).toBe('link-limit')

    const sync = end(alice, seeds.alice)
    sync.put(encode([16, 'hello']))
    expect(sync.result()).toBe('bind-failed')

    const early = end(alice, seeds.alice)
    early.put(encode([2, fill(0, 64)]))
    expect(early.result()).toBe('bind-failed')
  })

  it('BD5 any bytes refuse the channel and nothing else, and after the end nothing happens', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (messages) => {
        const a = end(alice, seeds.alice)
        for (const message of messages) a.put(message)
        expect(a.result()).not.toBe('bound')
        expect(a.effects.filter(({ kind }) => kind === 'refused').length).toBeLessThanOrEqual(1)
      }),
      { numRuns: tries(100) },
    )
  })

  it('BD5 a refusal tells a number, and every number means something', () => {
    expect(toRejection('unsupported-version')).toBe(2)
    expect(toRejection('link-limit')).toBe(1)
    expect(fromRejection(2)).toBe('unsupported-version')
    expect(fromRejection(77)).toBe('bind-failed')
  })

  it('BD6 the type of a message is read from its first bytes', () => {
    expect(peekType(encode([16, { a: 1 }]))).toBe(16)
    expect(peekType(encode(Array.from({ length: 20 }, () => 5)))).toBe(5)
    for (const bytes of [new Uint8Array(), Uint8Array.of(0x91), encode(['a']), encode({ a: 1 })]) {
      expect(peekType(bytes)).toBeUndefined()
    }
  })
})
