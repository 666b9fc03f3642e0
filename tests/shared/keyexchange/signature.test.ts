import { nodeBackend, subtleBackend } from '@baton/client/node/verify'
import { type Bytes, concat, fromHex, toHex, utf8Encode } from '@baton/shared/bytes'
import {
  checkDeviceKey,
  createVerifier,
  pureBackend,
  pureVerify,
  signWith,
  type VerifyBackend,
  verifyKeyOf,
} from '@baton/shared/keyexchange/signature'
import { signatureVectors } from '@baton/shared/keyexchange/signature-vectors'
import type { Verify } from '@baton/shared/primitives'
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'
import { vectors } from './vectors.ts'

interface TorsionRow {
  name: string
  valid: boolean
  zip215: boolean
  publicKey: string
  message: string
  signature: string
}

const rfc = vectors<{ tests: { sk: string; pk: string; msg: string; sig: string }[] }>('ed25519')
const torsion = vectors<{ rows: TorsionRow[] }>('signature-torsion').rows
const small = vectors<{ constantSignature: string; keys: string[] }>('small-order-keys')

const seed = new Uint8Array(32).fill(7)
const publicKey = verifyKeyOf(seed)
const message = utf8Encode('one delta')
const signature = signWith(seed, message)
const order = 2n ** 252n + 27742317777372353535851937790883648493n

/** Every backend this platform has, through the selector, and the pure predicate itself. */
const verifiers: Record<string, Verify> = { pure: pureVerify }

beforeAll(async () => {
  for (const backend of [subtleBackend(), nodeBackend(), pureBackend]) {
    const verifier = await createVerifier([backend])
    expect(verifier).toMatchObject({ backend: backend.name, dropped: [] })
    verifiers[`selected ${backend.name}`] = verifier.verify
  }
})

/** The verdict all verifiers share; throws when they do not. */
async function verdict(key: Bytes, text: Bytes, sig: Bytes): Promise<boolean> {
  const all = await Promise.all(Object.values(verifiers).map((verify) => verify(key, text, sig)))
  expect(all).toHaveLength(4)
  expect(new Set(all).size).toBe(1)
  return all[0] as boolean
}

describe('one predicate', () => {
  it('SG1 every backend verifies the vectors of RFC 8032 and refuses their neighbours', async () => {
    for (const row of rfc.tests) {
      const [sk, pk, msg, sig] = [row.sk, row.pk, row.msg, row.sig].map(fromHex) as [
        Bytes,
        Bytes,
        Bytes,
        Bytes,
      ]
      expect(verifyKeyOf(sk)).toEqual(pk)
      expect(signWith(sk, msg)).toEqual(sig)
      expect(await verdict(pk, msg, sig)).toBe(true)
      expect(await verdict(pk, concat(msg, Uint8Array.of(0)), sig)).toBe(false)
      expect(await verdict(publicKey, msg, sig)).toBe(false)
    }
  })

  it.each(torsion.map((row) => [row.name, row] as const))(
    'SG1 all verifiers agree on %s',
    async (_, row) => {
      const key = fromHex(row.publicKey)
      expect(await verdict(key, fromHex(row.message), fromHex(row.signature))).toBe(row.valid)
    },
  )

  it('SG1 the torsion vectors would split a mesh with a cofactored verifier', () => {
    const split = torsion.filter((row) => row.zip215 !== row.valid)
    expect(split.length).toBeGreaterThan(20)
    for (const row of split) {
      const [sig, msg, key] = [row.signature, row.message, row.publicKey].map(fromHex) as Bytes[]
      expect(ed25519.verify(sig as Bytes, msg as Bytes, key as Bytes)).toBe(true)
    }
  })

  it('SG1 all verifiers agree on signatures with one bit changed anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 511 }), async (bit) => {
        const altered = Uint8Array.from(signature)
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(await verdict(publicKey, message, altered)).toBe(false)
      }),
      { numRuns: tries(60) },
    )
  })

  it('SG1 all verifiers agree on honest messages of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (text) => {
        expect(await verdict(publicKey, text, signWith(seed, text))).toBe(true)
      }),
      { numRuns: tries(20) },
    )
  })
})

describe('the gate', () => {
  it('SG2 one constant signature fits no message under any weak key', async () => {
    const constant = fromHex(small.constantSignature)
    for (const key of small.keys)
      for (let n = 0; n < 8; n++)
        expect(await verdict(fromHex(key), utf8Encode(`delta ${n}`), constant)).toBe(false)
  })

  it('SG2 ungated native verifiers accept what the gate refuses', async () => {
    const constant = fromHex(small.constantSignature)
    for (const backend of [subtleBackend(), nodeBackend()]) {
      const verdicts = await Promise.all(
        small.keys.map((key) => backend.verify(fromHex(key), message, constant)),
      )
      expect(verdicts).toContain(true)
    }
  })

  it('SG2 a signature by nobody under a small-order key is refused, though native ones verify', async () => {
    const { Fn, BASE } = ed25519.Point
    const r = 12_345n
    const forged = concat(BASE.multiply(r).toBytes(), Fn.toBytes(r))
    let accepted = 0
    for (const key of small.keys.map(fromHex))
      for (let n = 0; n < 24; n++) {
        const text = utf8Encode(`delta ${n}`)
        if (nodeBackend().verify(key, text, forged)) accepted += 1
        expect(pureVerify(key, text, forged)).toBe(false)
        expect(await verifiers['selected node']?.(key, text, forged)).toBe(false)
      }
    expect(accepted).toBeGreaterThan(24)
  })

  it('SG2 the gate makes up for a backend that reads laxly', async () => {
    const { Point } = ed25519
    const lax: VerifyBackend = {
      name: 'lax',
      verify(key, text, sig) {
        const number = (bytes: Bytes) =>
          Point.Fn.create([...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n))
        const a = Point.fromBytes(key.subarray(0, 32), true)
        const k = number(sha512(concat(sig.subarray(0, 32), key, text)))
        const r = Point.BASE.multiplyUnsafe(number(sig.subarray(32, 64))).subtract(
          a.multiplyUnsafe(k),
        )
        return toHex(r.toBytes()) === toHex(sig.subarray(0, 32))
      },
    }
    const verifier = await createVerifier([lax])
    expect(verifier.backend).toBe('lax')
    const longer = concat(signature, Uint8Array.of(0))
    expect(lax.verify(publicKey, message, longer)).toBe(true)
    expect(await verifier.verify(publicKey, message, longer)).toBe(false)
    for (const row of torsion) {
      const verdict = verifier.verify(
        fromHex(row.publicKey),
        fromHex(row.message),
        fromHex(row.signature),
      )
      expect(await verdict, row.name).toBe(row.valid)
    }
  })

  it('SG2 S + L and S beyond the order are refused', async () => {
    const s = [...signature.subarray(32)].reduceRight((sum, b) => (sum << 8n) | BigInt(b), 0n)
    for (const other of [s + order, order, order + 1n, 2n ** 256n - 1n]) {
      const bytes = Uint8Array.from({ length: 32 }, (_, i) =>
        Number((other >> BigInt(8 * i)) & 255n),
      )
      expect(await verdict(publicKey, message, concat(signature.subarray(0, 32), bytes))).toBe(
        false,
      )
    }
  })

  it('SG2 wrong sizes and wrong kinds are false, not errors', async () => {
    for (const length of [0, 63, 65, 128])
      expect(await verdict(publicKey, message, new Uint8Array(length))).toBe(false)
    for (const length of [0, 31, 33])
      expect(await verdict(new Uint8Array(length).fill(3), message, signature)).toBe(false)
    const text = toHex(signature) as unknown as Bytes
    expect(await verdict(publicKey, message, text)).toBe(false)
    expect(await verdict(publicKey, 'one delta' as unknown as Bytes, signature)).toBe(false)
  })

  it('SG2 a key off the curve is false', async () => {
    const off = Uint8Array.from([2, ...new Uint8Array(31)])
    expect(() => ed25519.Point.fromBytes(off)).toThrow()
    expect(await verdict(off, message, signature)).toBe(false)
  })
})

describe('device keys', () => {
  const torsionPoints = ED25519_TORSION_SUBGROUP.map((hex) => ed25519.Point.fromHex(hex))

  it('SG3 an honest key is accepted', () => {
    expect(() => checkDeviceKey(publicKey)).not.toThrow()
  })

  it.each([
    ...small.keys.map((key) => ['small order or not canonical', fromHex(key)] as const),
    ...torsionPoints
      .filter((point) => !point.is0())
      .map(
        (point) =>
          ['torsion in it', ed25519.Point.fromBytes(publicKey).add(point).toBytes()] as const,
      ),
    ['off the curve', Uint8Array.from([2, ...new Uint8Array(31)])] as const,
    ['too short', publicKey.subarray(0, 31)] as const,
    ['too long', concat(publicKey, Uint8Array.of(0))] as const,
    ['text', toHex(publicKey) as unknown as Bytes] as const,
  ])('SG3 a key with %s is refused', (_, key) => {
    expect(() => checkDeviceKey(key)).toThrow(expect.objectContaining({ code: 'bad-key' }))
  })
})

describe('selection', () => {
  const never: VerifyBackend = { name: 'never', verify: () => false }
  const always: VerifyBackend = { name: 'always', verify: () => true }
  const broken: VerifyBackend = { name: 'broken', verify: () => Promise.reject(new Error('no')) }
  const throwing: VerifyBackend = {
    name: 'throwing',
    verify: () => {
      throw new Error('no')
    },
  }
  const cofactored: VerifyBackend = {
    name: 'cofactored',
    verify: (key, text, sig) => ed25519.verify(sig, text, key, { zip215: false }),
  }

  it('SG4 a backend with a wrong verdict on any vector is dropped, the next one is taken', async () => {
    const bad = [never, always, broken, throwing, cofactored]
    const verifier = await createVerifier([...bad, nodeBackend()])
    expect(verifier.backend).toBe('node')
    expect(verifier.dropped).toEqual(bad.map((backend) => backend.name))
    expect((await createVerifier(bad)).backend).toBe('pure')
  })

  it('SG4 the first good backend wins', async () => {
    expect((await createVerifier([subtleBackend(), nodeBackend()])).backend).toBe('subtle')
  })

  it('SG4 a backend that fails later is answered for by the pure predicate', async () => {
    for (const late of [broken, throwing]) {
      let calls = 0
      const real = nodeBackend()
      const verifier = await createVerifier([
        {
          name: 'late',
          verify: (key, text, sig) => {
            calls += 1
            return calls > signatureVectors().length
              ? late.verify(key, text, sig)
              : real.verify(key, text, sig)
          },
        },
      ])
      expect(verifier.backend).toBe('late')
      expect(await verifier.verify(publicKey, message, signature)).toBe(true)
      expect(await verifier.verify(publicKey, utf8Encode('other'), signature)).toBe(false)
    }
  })

  it('SG4 the vectors of the self-test hold for the pure predicate', () => {
    for (const row of signatureVectors())
      expect(pureVerify(row.publicKey, row.message, row.signature)).toBe(row.valid)
    expect(signatureVectors().some((row) => row.valid)).toBe(true)
  })
})
