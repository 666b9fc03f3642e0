import { type Bytes, concat, fromHex, toHex, utf8Encode } from '@baton/shared/bytes'
import { lvCat } from '@baton/shared/encoding/lv'
import { isBatonError } from '@baton/shared/errors'
import {
  createScalarGuard,
  generatorString,
  scalarMultVfy,
  startCpace,
} from '@baton/shared/keyexchange/cpace'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'
import { vectors } from './vectors.ts'

interface CpaceVectors {
  prependLength: { in: string; out: string }[]
  lvCat: { in: string[]; out: string }[]
  transcript: { Ya: string; ADa: string; Yb: string; ADb: string; out: string }[]
  generator: Record<'PRS' | 'CI' | 'sid' | 'generator_string' | 'hash_result' | 'g', string>
  run: Record<
    | 'PRS'
    | 'CI'
    | 'sid'
    | 'ya'
    | 'ADa'
    | 'MSGa_Ya'
    | 'yb'
    | 'ADb'
    | 'MSGb_Yb'
    | 'K'
    | 'transcript_ir'
    | 'ISK_IR',
    string
  >
  scalarMultVfy: {
    valid: { s: string; X: string; scalar_mult_vfy: string }
    invalid: { name: string; s: string; X: string }[]
  }
}

const draft = vectors<CpaceVectors>('cpace')
const ristretto = vectors<{
  invalidEncodings: string[]
  elementDerivation: { uniform64: string; element: string }[]
}>('ristretto255')
const neutral = '00'.repeat(32)

const input = { prs: utf8Encode('a-b-c'), ci: utf8Encode('ci'), sid: new Uint8Array(16) }
const scalar = (seed: number): Bytes => new Uint8Array(32).fill(seed)
const ad = (text: string) => utf8Encode(text)

/** The key a joiner gets from a peer's share, or the code of the error. */
function joinWith(peerShare: unknown): string {
  const run = startCpace({ ...input, random: scalar(1) })
  try {
    const finish = { ownAd: ad('j'), peerAd: ad('i'), peerShare: peerShare as Bytes }
    return toHex(run.finish({ role: 'joiner', ...finish }).isk)
  } catch (error) {
    return isBatonError(error) ? error.code : 'crash'
  }
}

describe('draft vectors', () => {
  it('CP1 length prefixes and lists are encoded as in the draft', () => {
    for (const row of draft.prependLength) expect(toHex(lvCat(fromHex(row.in)))).toBe(row.out)
    for (const row of draft.lvCat) expect(toHex(lvCat(...row.in.map(fromHex)))).toBe(row.out)
    for (const row of draft.transcript) {
      const [ya, ada, yb, adb] = [row.Ya, row.ADa, row.Yb, row.ADb].map(fromHex) as Bytes[]
      expect(
        toHex(concat(lvCat(ya as Bytes, ada as Bytes), lvCat(yb as Bytes, adb as Bytes))),
      ).toBe(row.out)
    }
  })

  it('CP1 the generator string, its hash and the generator are the draft ones', () => {
    const { PRS, CI, sid, generator_string, hash_result, g } = draft.generator
    const text = generatorString(fromHex(PRS), fromHex(CI), fromHex(sid))
    expect(toHex(text)).toBe(generator_string)
    expect(toHex(sha512(text))).toBe(hash_result)
    expect(ristretto255_hasher.deriveToCurve?.(sha512(text)).toHex()).toBe(g)
  })

  it('CP1 element derivation follows RFC 9496 and hashToCurve does not', () => {
    for (const { uniform64, element } of ristretto.elementDerivation) {
      expect(ristretto255_hasher.deriveToCurve?.(fromHex(uniform64)).toHex()).toBe(element)
      expect(ristretto255_hasher.hashToCurve(fromHex(uniform64)).toHex()).not.toBe(element)
    }
  })

  it('CP1 both sides of the draft run give its shares, transcript and ISK', () => {
    const { run } = draft
    const start = { prs: fromHex(run.PRS), ci: fromHex(run.CI), sid: fromHex(run.sid) }
    const a = startCpace({ ...start, random: fromHex(run.ya) })
    const b = startCpace({ ...start, random: fromHex(run.yb) })
    expect([toHex(a.share), toHex(b.share)]).toEqual([run.MSGa_Ya, run.MSGb_Yb])
    const [ada, adb] = [fromHex(run.ADa), fromHex(run.ADb)]
    for (const result of [
      a.finish({ role: 'joiner', ownAd: ada, peerShare: b.share, peerAd: adb }),
      b.finish({ role: 'inviter', ownAd: adb, peerShare: a.share, peerAd: ada }),
    ]) {
      expect(toHex(result.transcript)).toBe(run.transcript_ir)
      expect(toHex(result.isk)).toBe(run.ISK_IR)
    }
  })

  it('CP1 scalar_mult_vfy gives the draft result and K', () => {
    const { valid } = draft.scalarMultVfy
    const product = scalarMultVfy(fromHex(valid.s), fromHex(valid.X))
    expect(product && toHex(product)).toBe(valid.scalar_mult_vfy)
    const k = scalarMultVfy(fromHex(draft.run.ya), fromHex(draft.run.MSGb_Yb))
    expect(k && toHex(k)).toBe(draft.run.K)
  })

  it('CP1 a secret of 300 bytes has a two-byte length and no padding', () => {
    const prs = new Uint8Array(300).fill(7)
    const expected = concat(
      Uint8Array.of(17),
      utf8Encode('CPaceRistretto255'),
      Uint8Array.of(0xac, 0x02),
      prs,
      Uint8Array.of(0, 1, 99, 1, 98),
    )
    expect(generatorString(prs, ad('c'), ad('b'))).toEqual(expected)
    const share = startCpace({ prs, ci: ad('c'), sid: ad('b'), random: scalar(3) }).share
    const g = ristretto255_hasher.deriveToCurve?.(sha512(expected))
    const clamped = scalar(3)
    const y = clamped.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    expect(g?.multiply(y).toBytes()).toEqual(share)
  })
})

describe('unusable shares', () => {
  it.each(draft.scalarMultVfy.invalid.map((row) => [row.name, row] as const))(
    'CP2 the draft vector %s is refused',
    (_, row) => {
      expect(scalarMultVfy(fromHex(row.s), fromHex(row.X))).toBeUndefined()
      expect(joinWith(fromHex(row.X))).toBe('pairing-failed')
    },
  )

  it('CP2 the neutral element is refused in both roles', () => {
    expect(joinWith(fromHex(neutral))).toBe('pairing-failed')
    const run = startCpace({ ...input, random: scalar(1) })
    const finish = { ownAd: ad('i'), peerAd: ad('j'), peerShare: fromHex(neutral) }
    expect(() => run.finish({ role: 'inviter', ...finish })).toThrow(
      expect.objectContaining({ code: 'pairing-failed' }),
    )
  })

  it('CP2 all 29 invalid encodings of RFC 9496 are refused', () => {
    expect(ristretto.invalidEncodings).toHaveLength(29)
    for (const encoding of ristretto.invalidEncodings)
      expect(joinWith(fromHex(encoding))).toBe('pairing-failed')
  })

  it('CP2 a share of another size or kind is refused', () => {
    const good = startCpace({ ...input, random: scalar(2) }).share
    const bad: unknown[] = [0, 31, 33, 64].map((length) => new Uint8Array(length))
    bad.push(toHex(good), [...good], Buffer.alloc(31), Buffer.alloc(0), undefined, null, {})
    for (const share of bad) expect(joinWith(share)).toBe('pairing-failed')
    expect(joinWith(Buffer.from(good))).toBe(joinWith(good))
    expect(joinWith(good)).toHaveLength(128)
  })

  it('CP2 our own share sent back is refused', () => {
    expect(joinWith(startCpace({ ...input, random: scalar(1) }).share)).toBe('pairing-failed')
  })

  it('CP2 an element off the generator of the code gives a key nobody shares', () => {
    const stray = ristretto255.Point.BASE.multiply(5n).toBytes()
    const honest = startCpace({ ...input, random: scalar(2) })
    expect(joinWith(stray)).not.toBe(joinWith(honest.share))
  })
})

describe('runs', () => {
  it('CP3 a run finishes once, also after a failure', () => {
    const peerShare = startCpace({ ...input, random: scalar(2) }).share
    const again = { role: 'joiner', ownAd: ad('j'), peerAd: ad('i'), peerShare } as const
    const used = startCpace({ ...input, random: scalar(1) })
    used.finish(again)
    const failed = startCpace({ ...input, random: scalar(1) })
    expect(() => failed.finish({ ...again, peerShare: fromHex(neutral) })).toThrow()
    for (const run of [used, failed])
      expect(() => run.finish(again)).toThrow(expect.objectContaining({ code: 'pairing-failed' }))
  })

  it('CP4 bits 252 and above of a scalar are cleared', () => {
    const low = new Uint8Array(32).fill(0xff)
    low[31] = 0x0f
    const high = new Uint8Array(32).fill(0xff)
    const share = (random: Bytes) => toHex(startCpace({ ...input, random }).share)
    expect(share(high)).toBe(share(low))
  })

  it('CP4 a zero scalar and a short draw are refused', () => {
    const top = new Uint8Array(32)
    top[31] = 0xf0
    for (const random of [new Uint8Array(32), top, new Uint8Array(31)])
      expect(() => startCpace({ ...input, random })).toThrow(
        expect.objectContaining({ code: 'invalid' }),
      )
  })

  it('CP4 the guard throws when a draw repeats', () => {
    const guard = createScalarGuard()
    for (let seed = 0; seed < 300; seed++)
      guard(concat(scalar(seed & 255), Uint8Array.of(seed >> 8)))
    guard(scalar(9))
    guard(scalar(8))
    expect(() => guard(scalar(9))).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it('CP4 the random bytes handed in are left as they were', () => {
    const random = scalar(5)
    const peerShare = startCpace({ ...input, random: scalar(2) }).share
    startCpace({ ...input, random }).finish({
      role: 'joiner',
      ownAd: ad(''),
      peerAd: ad(''),
      peerShare,
    })
    expect(random).toEqual(scalar(5))
  })
})

describe('agreement', () => {
  const small = fc.uint8Array({ minLength: 0, maxLength: 3 })
  const side = fc.record({ prs: small, ci: small, sid: small, own: small, peer: small })

  it('CP5 two sides have one key exactly when all they put in is equal and their roles differ', () => {
    const differs = fc.constantFrom('nothing', 'prs', 'ci', 'sid', 'own', 'peer', 'role', 'share')
    fc.assert(
      fc.property(side, differs, small, (joiner, change, other) => {
        const inviter = { ...joiner, own: joiner.peer, peer: joiner.own }
        if (change !== 'nothing' && change !== 'role' && change !== 'share') inviter[change] = other
        const a = startCpace({ ...joiner, random: scalar(1) })
        const b = startCpace({ ...inviter, random: scalar(2) })
        const third = startCpace({ ...joiner, random: scalar(3) })
        const left = a.finish({
          role: 'joiner',
          ownAd: joiner.own,
          peerShare: change === 'share' ? third.share : b.share,
          peerAd: joiner.peer,
        })
        const right = b.finish({
          role: change === 'role' ? 'joiner' : 'inviter',
          ownAd: inviter.own,
          peerShare: a.share,
          peerAd: inviter.peer,
        })
        const equal =
          change !== 'role' &&
          change !== 'share' &&
          toHex(joiner.prs) === toHex(inviter.prs) &&
          toHex(joiner.ci) === toHex(inviter.ci) &&
          toHex(joiner.sid) === toHex(inviter.sid) &&
          toHex(joiner.own) === toHex(inviter.peer) &&
          toHex(joiner.peer) === toHex(inviter.own)
        expect(toHex(left.isk) === toHex(right.isk)).toBe(equal)
      }),
      { numRuns: tries(30) },
    )
  })

  it('CP5 a byte moved from one field to the next changes the key', () => {
    const keys = [
      [ad('ab'), ad('c'), ad('d')],
      [ad('a'), ad('bc'), ad('d')],
      [ad('ab'), ad(''), ad('cd')],
    ].map(([prs, ci, sid]) => toHex(generatorString(prs as Bytes, ci as Bytes, sid as Bytes)))
    expect(new Set(keys).size).toBe(3)
  })
})
