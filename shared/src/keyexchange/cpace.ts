/**
 * CPace-RISTR255-SHA512 (draft-irtf-cfrg-cpace-21), initiator-responder mode: two sides that share
 * a short secret agree on a strong key, and a guesser gets one guess per run. The joiner is party A
 * and speaks first. Rules: CP. It knows neither codes nor identities, and BigInt arithmetic is not
 * constant in time: a secret serves one pairing only.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { isBytes } from '@noble/hashes/utils.js'
import { type Bytes, concat, equalBytes, toHex, utf8Encode } from '../bytes.ts'
import { lvCat } from '../encoding/lv.ts'
import { BatonError } from '../errors.ts'

export type PairingRole = 'joiner' | 'inviter'

/** Bytes of a share and of a scalar. */
export const shareBytes = 32

const dsi = utf8Encode('CPaceRistretto255')
const dsiIsk = utf8Encode('CPaceRistretto255_ISK')
const hashBlockBytes = 128

export interface CpaceStart {
  /** The password-related string: the words, or the secret of a QR. */
  readonly prs: Bytes
  /** Channel identifier: what both sides must agree on besides the secret. */
  readonly ci: Bytes
  /** Session id, fresh for each code. */
  readonly sid: Bytes
  /** 32 fresh random bytes, never used twice (see `createScalarGuard`). */
  readonly random: Bytes
}

export interface CpaceFinish {
  /** The role of the side that calls. */
  readonly role: PairingRole
  /** Associated data travels in clear: never a key or a name. */
  readonly ownAd: Bytes
  readonly peerShare: Bytes
  readonly peerAd: Bytes
}

export interface CpaceResult {
  /** 64 bytes; a key only after a KDF (`derivePairingKeys`). */
  readonly isk: Bytes
  /** lv_cat(Ya, ADa) || lv_cat(Yb, ADb). */
  readonly transcript: Bytes
}

export interface CpaceRun {
  /** 32 bytes for the peer. */
  readonly share: Bytes
  /** Once per run. Throws `pairing-failed` on an element that is invalid, neutral or our own. */
  finish(input: CpaceFinish): CpaceResult
}

export function startCpace(input: CpaceStart): CpaceRun {
  const { prs, ci, sid } = input
  const scalar = clampScalar(input.random)
  const generator = ristretto255_hasher.deriveToCurve?.(sha512(generatorString(prs, ci, sid)))
  if (generator === undefined) throw new BatonError('invalid', 'failed to find deriveToCurve')
  const share = generator.multiply(toScalar(scalar)).toBytes()
  let finished = false

  return {
    share,
    finish({ role, ownAd, peerShare, peerAd }) {
      if (finished) throw refuse('a run finishes once')
      finished = true
      try {
        if (!isBytes(peerShare) || peerShare.length !== shareBytes || equalBytes(peerShare, share))
          throw refuse('unusable share')
        const k = scalarMultVfy(scalar, peerShare)
        if (k === undefined) throw refuse('unusable share')
        const own = lvCat(share, ownAd)
        const peer = lvCat(peerShare, peerAd)
        const transcript = role === 'joiner' ? concat(own, peer) : concat(peer, own)
        const isk = sha512(concat(lvCat(dsiIsk, sid, k), transcript))
        k.fill(0)
        return { isk, transcript }
      } finally {
        scalar.fill(0)
      }
    },
  }
}

/** lv_cat(DSI, PRS, zero bytes up to one hash block, CI, sid). */
export function generatorString(prs: Bytes, ci: Bytes, sid: Bytes): Bytes {
  const used = lvCat(prs, dsi).length
  const padding = new Uint8Array(Math.max(0, hashBlockBytes - 1 - used))
  return lvCat(dsi, prs, padding, ci, sid)
}

/**
 * scalar_mult_vfy of the draft: undefined stands for its G.I. The neutral element decodes (RFC 9496
 * allows it), so the abort is the test for it here.
 */
export function scalarMultVfy(scalar: Bytes, element: Bytes): Bytes | undefined {
  try {
    const point = ristretto255.Point.fromBytes(element)
    if (point.is0()) return undefined
    const product = point.multiply(toScalar(scalar))
    return product.is0() ? undefined : product.toBytes()
  } catch {
    // What lands here: an encoding that RFC 9496 4.3.1 refuses.
    return undefined
  }
}

/** Draws remembered: those of about a day of a device that pairs and reconnects all the time. */
const rememberedDraws = 4096

/**
 * Remembers digests of the latest draws and throws when one comes again: a random source that
 * repeats would give two runs one scalar.
 */
export function createScalarGuard(): (random: Bytes) => Bytes {
  const seen = new Set<string>()
  return (random) => {
    const digest = toHex(sha256(random))
    if (seen.has(digest)) {
      throw new BatonError('invalid', 'failed to draw: the random source of this device repeats', {
        hint: 'restart this machine; while it repeats nothing it makes is safe',
      })
    }
    seen.add(digest)
    const [oldest] = seen
    if (seen.size > rememberedDraws && oldest !== undefined) seen.delete(oldest)
    return random
  }
}

/** Little endian, bits 252 and above cleared, so always below the group's order; zero is refused. */
function clampScalar(random: Bytes): Bytes {
  if (random.length !== shareBytes) throw new BatonError('invalid', 'a scalar takes 32 bytes')
  const scalar = Uint8Array.from(random)
  scalar[31] = (scalar[31] as number) & 0x0f
  if (scalar.every((byte) => byte === 0)) throw new BatonError('invalid', 'failed to draw: zero')
  return scalar
}

function toScalar(bytes: Bytes): bigint {
  return ristretto255.Point.Fn.fromBytes(bytes)
}

/** Every failure looks the same to the peer; the reason is for our own trace. */
function refuse(reason: string): BatonError {
  return new BatonError('pairing-failed', `failed to finish the key exchange: ${reason}`)
}
