/** The pairing machines, honest, and with a hostile service changing the key exchange. */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { decode, encode } from '@baton/shared/encoding/msgpack'
import { describe, expect, it } from 'vitest'
import { bothFailed, changed, fields, metOf, replace } from '../../support/pairing-blobs.ts'
import { party, run } from '../../support/pure-pairing.ts'

describe('an honest run', () => {
  it('P1 gives both sides one root, hash and emoji, and the other side by its keys', () => {
    const { inviter, joiner } = run()
    const [alice, bob] = [metOf(inviter), metOf(joiner)]
    expect(alice?.root).toHaveLength(32)
    expect(alice?.root).toEqual(bob?.root)
    expect(alice?.hash).toEqual(bob?.hash)
    expect(alice?.emoji).toEqual(bob?.emoji)
    expect(alice?.emoji).toHaveLength(5)
    expect(alice?.peer.name).toBe('device 2')
    expect(bob?.peer.name).toBe('device 1')
  })

  it('P1 two runs share nothing', () => {
    const [first, second] = [metOf(run().inviter), metOf(run().inviter)]
    expect(toHex(first?.root ?? new Uint8Array())).not.toBe(toHex(second?.root ?? new Uint8Array()))
  })

  it('P3 sends in order: share, share and commitment, joiner proof, inviter proof', () => {
    const seen: string[] = []
    run({
      hand: (blob, from) => {
        seen.push(`${from} ${fields(blob)[0]}`)
        return [blob]
      },
    })
    expect(seen.slice(0, 4)).toEqual(['joiner 1', 'inviter 2', 'joiner 3', 'inviter 4'])
  })
})

describe('the key exchange under attack', () => {
  const shareOf = (blob: Bytes) => fields(blob)[1] as Bytes
  const withShare = (blob: Bytes, share: Bytes) => {
    const [type, , ad] = fields(blob)
    return encode([type, share, ad as Bytes])
  }

  it('P2 an unusable or reflected share frees the claim without a reply', () => {
    for (const share of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31)]) {
      const both = run({ hand: replace('joiner', 1, (blob) => [withShare(blob, share)]) })
      expect(both.inviter.state().at).toBe('listening')
      expect(both.inviter.of('send')).toEqual([])
      bothFailed(both)
    }
  })

  it('P3 our own share back ends the joiner before it proves anything', () => {
    let own: Bytes | undefined
    const both = run({
      hand: (blob, from, n) => {
        if (from === 'joiner' && n === 1) own = shareOf(blob)
        return from === 'inviter' && own ? [withShare(blob, own)] : [blob]
      },
    })
    expect(both.joiner.failure()).toBe('pairing-failed: key-exchange')
    expect(both.joiner.of('send')).toHaveLength(1)
    bothFailed(both)
  })

  it('P3 two joiners that the service connects to each other never agree', () => {
    const time = { now: 0 }
    const [bob, carol] = [
      party('joiner', { seed: 2 }, time),
      party('joiner', { seed: 3 }, time),
    ] as const
    const [fromBob, fromCarol] = [bob.outbox.shift(), carol.outbox.shift()] as [Bytes, Bytes]
    const asAnswer = (blob: Bytes) => {
      const [, share] = fields(blob)
      return encode([2, share as Bytes, encode([1, 0, new Uint8Array(32)])])
    }
    bob.put({ kind: 'message', now: 0, blob: asAnswer(fromCarol) })
    carol.put({ kind: 'message', now: 0, blob: asAnswer(fromBob) })
    for (const [from, to] of [
      [bob, carol],
      [carol, bob],
    ] as const) {
      for (const blob of from.outbox.splice(0)) {
        const [, tag, sealed] = fields(blob) as [number, Bytes, Bytes]
        to.put({ kind: 'message', now: 0, blob })
        to.put({ kind: 'message', now: 0, blob: encode([4, tag, sealed]) })
      }
    }
    expect(bob.of('check')).toEqual([])
    expect(carol.of('check')).toEqual([])
  })

  it('P2 a second first message frees the claim, and a second answer ends the joiner', () => {
    const twice = run({ hand: replace('joiner', 1, (blob) => [blob, blob]) })
    expect(twice.inviter.state().at).toBe('listening')
    bothFailed(twice)
    const answered = run({ hand: replace('inviter', 1, (blob) => [blob, blob]) })
    expect(answered.joiner.failure()).toBe('pairing-failed: unexpected')
  })

  it.each([
    ['version in (1)', 'joiner', (ad: Bytes) => encode([2, (decode(ad) as number[])[1] ?? 0])],
    ['capabilities in (1)', 'joiner', () => encode([1, 7])],
    [
      'capabilities in (2)',
      'inviter',
      (ad: Bytes) => {
        const [version, , commitment] = decode(ad) as [number, number, Bytes]
        return encode([version, 7, commitment])
      },
    ],
    [
      'commitment in (2)',
      'inviter',
      (ad: Bytes) => {
        const [version, caps, commitment] = decode(ad) as [number, number, Bytes]
        return encode([version, caps, changed(commitment)])
      },
    ],
  ] as const)('P3 a changed %s is a wrong tag', (_name, from, change) => {
    const both = run({
      hand: replace(from, 1, (blob) => {
        const [type, share, ad] = fields(blob) as [number, Bytes, Bytes]
        return [encode([type, share, change(ad)])]
      }),
    })
    expect(both.inviter.failure()).toBe('code-dead: tag')
    bothFailed(both)
  })

  it('P2 a version from before the first is refused: the claim is freed, the joiner told', () => {
    const old = (blob: Bytes) => {
      const [type, share, ad] = fields(blob) as [number, Bytes, Bytes]
      const [, ...rest] = decode(ad) as number[]
      return [encode([type, share, encode([0, ...rest])])]
    }
    const joiner = run({ hand: replace('joiner', 1, old) })
    expect(joiner.inviter.state().at).toBe('listening')
    const inviter = run({ hand: replace('inviter', 1, old) })
    expect(inviter.joiner.failure()).toBe('unsupported-version: version')
  })

  it.each([
    ['other words', { secret: 'anvil-meadow-silver' }],
    ['another nameplate', { nameplate: '8' }],
    ['another slot id', { sid: new Uint8Array(16).fill(8) }],
    ['another method', { method: 'qr' }],
  ] as const)('P3 %s kill the code at the first tag', (_name, joiner) => {
    const both = run({ joiner })
    expect(both.inviter.failure()).toBe('code-dead: tag')
    expect(both.inviter.of('send')).toHaveLength(1)
    expect(both.joiner.of('forget')).toEqual([])
    bothFailed(both)
  })

  it('P3 a tag that is cut, empty, zero, or our own is a wrong tag', () => {
    let own: Bytes | undefined
    const forms = [
      (tag: Bytes) => tag.subarray(0, 31),
      () => new Uint8Array(0),
      () => new Uint8Array(32),
      (tag: Bytes) => changed(tag, 31),
    ]
    for (const form of forms) {
      const hand = replace('joiner', 2, (blob) => {
        const [, tag, sealed] = fields(blob) as [number, Bytes, Bytes]
        return [encode([3, form(tag), sealed])]
      })
      expect(run({ hand }).inviter.failure()).toBe('code-dead: tag')
    }
    const reflected = run({
      hand: (blob, from, n) => {
        if (from === 'joiner' && n === 2) own = fields(blob)[1] as Bytes
        if (from !== 'inviter' || n !== 2 || !own) return [blob]
        return [encode([4, own, fields(blob)[2] as Bytes])]
      },
    })
    expect(reflected.joiner.failure()).toBe('pairing-failed: tag')
  })
})
