/**
 * THE signature predicate (RFC 8032, cofactorless): S < L, A and R canonical and not of small order,
 * and encode([S]B - [k]A) equal to the bytes of R. Every device must give the same verdict or the mesh
 * splits, so native verifiers run behind one gate and one self-test. Rules: SG. Platforms live at
 * the edges; here are the pure verifier and the selector.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { isBytes } from '@noble/hashes/utils.js'
import { type Bytes, concat, equalBytes } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import type { Verify } from '../primitives.ts'
import { isPlainPoint, passesGate } from './signature-gate.ts'
import { signatureVectors } from './signature-vectors.ts'

const { Point } = ed25519
const { Fn } = Point

export interface VerifyBackend {
  readonly name: string
  /** The raw verdict of one platform. It may throw: then the pure verifier answers. */
  verify(publicKey: Bytes, message: Bytes, signature: Bytes): boolean | Promise<boolean>
}

/** The predicate in TypeScript. */
export const pureVerify = (publicKey: Bytes, message: Bytes, signature: Bytes): boolean =>
  passesGate(publicKey, message, signature) && equationHolds(publicKey, message, signature)

export const pureBackend: VerifyBackend = { name: 'pure', verify: equationHolds }

function equationHolds(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  const r = signature.subarray(0, 32)
  try {
    const a = Point.fromBytes(publicKey)
    const k = Fn.create(littleEndian(sha512(concat(r, publicKey, message))))
    const s = littleEndian(signature.subarray(32))
    const sb = Point.BASE.multiplyUnsafe(s)
    return equalBytes(sb.subtract(a.multiplyUnsafe(k)).toBytes(), r)
  } catch {
    // What lands here: a key that is no point of the curve.
    return false
  }
}

/**
 * Checked once, when a device key enters: canonical, not of small order, torsion free. Throws
 * `bad-key`.
 */
export function checkDeviceKey(publicKey: Bytes): void {
  if (isDeviceKey(publicKey)) return
  throw new BatonError('bad-key', 'failed to accept the device key: not a key a device can have')
}

export function isDeviceKey(publicKey: Bytes): boolean {
  if (!isBytes(publicKey) || publicKey.length !== 32 || !isPlainPoint(publicKey)) return false
  try {
    const point = Point.fromBytes(publicKey)
    return !point.isSmallOrder() && point.isTorsionFree()
  } catch {
    // What lands here: an encoding that is not canonical or names no point.
    return false
  }
}

/**
 * A verifier and which backend it stands on. The bytes handed to it must stay as they are until the
 * verdict is there: some backends read them off the main thread.
 */
export interface Verifier {
  readonly verify: Verify
  readonly backend: string
  /** Backends that gave a wrong verdict or threw on a test vector. */
  readonly dropped: readonly string[]
}

/** Takes the first backend that gives the right verdict on every vector; the pure one is last. */
export async function createVerifier(backends: readonly VerifyBackend[]): Promise<Verifier> {
  const dropped: string[] = []
  for (const backend of backends) {
    if (await isSound(backend)) return { verify: gated(backend), backend: backend.name, dropped }
    dropped.push(backend.name)
  }
  return { verify: pureVerify, backend: pureBackend.name, dropped }
}

function gated(backend: VerifyBackend): Verify {
  return (publicKey, message, signature) => {
    if (!passesGate(publicKey, message, signature)) return false
    const pure = () => equationHolds(publicKey, message, signature)
    try {
      const verdict = backend.verify(publicKey, message, signature)
      return typeof verdict === 'boolean' ? verdict : verdict.catch(pure)
    } catch {
      // What lands here: a native failure that says nothing about the signature.
      return pure()
    }
  }
}

async function isSound(backend: VerifyBackend): Promise<boolean> {
  for (const { publicKey, message, signature, valid } of signatureVectors()) {
    try {
      const gate = passesGate(publicKey, message, signature)
      const verdict = gate && (await backend.verify(publicKey, message, signature))
      if (verdict !== valid) return false
    } catch {
      // What lands here: a platform without Ed25519, or one that refuses a key it should take.
      return false
    }
  }
  return true
}

/** Ed25519 with a 32-byte seed (RFC 8032 5.1.6); 64 bytes. For peers without a native signer. */
export const signWith = (seed: Bytes, message: Bytes): Bytes => ed25519.sign(message, seed)

/** The Ed25519 public key of a 32-byte seed. */
export const verifyKeyOf = (seed: Bytes): Bytes => ed25519.getPublicKey(seed)

function littleEndian(bytes: Bytes): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}
