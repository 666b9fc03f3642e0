/** Ed25519 and X25519 by OpenSSL, from raw 32-byte secrets (RFC 8410 wrapping). */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, sign } from 'node:crypto'
import { type Bytes, fromBase64url } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'

export interface KeyPair {
  /** Raw, 32 bytes. */
  readonly publicKey: Bytes
  readonly secret: KeyObject
}

// DER of a PKCS #8 and of a SubjectPublicKeyInfo up to the raw key.
const ed25519Secret = Buffer.from('302e020100300506032b657004220420', 'hex')
const x25519Secret = Buffer.from('302e020100300506032b656e04220420', 'hex')
const x25519Public = Buffer.from('302a300506032b656e032100', 'hex')

/** The device's pairs from its 64 bytes: Ed25519 seed, X25519 secret. */
export function keyPairs(keys: Bytes): { device: KeyPair; exchange: KeyPair } {
  return {
    device: pair(ed25519Secret, keys.subarray(0, 32)),
    exchange: pair(x25519Secret, keys.subarray(32)),
  }
}

export const signEd25519 = ({ secret }: KeyPair, message: Bytes): Bytes =>
  new Uint8Array(sign(null, message, secret))

/** Throws `bad-key` for a key of the wrong size or one that gives all zeros (RFC 7748, 6.1). */
export function agreeX25519({ secret }: KeyPair, publicKey: Bytes): Bytes {
  if (publicKey.length !== 32) throw badKey('it has not 32 bytes')
  const shared = derive(secret, publicKey)
  if (shared.every((byte) => byte === 0)) throw badKey('it is of small order')
  return shared
}

function derive(secret: KeyObject, publicKey: Bytes): Bytes {
  try {
    const key = Buffer.concat([x25519Public, publicKey])
    const theirs = createPublicKey({ key, format: 'der', type: 'spki' })
    return new Uint8Array(diffieHellman({ privateKey: secret, publicKey: theirs }))
  } catch {
    // OpenSSL refuses the all-zero result by itself.
    throw badKey('it is of small order')
  }
}

function pair(prefix: Buffer, raw: Bytes): KeyPair {
  const key = Buffer.concat([prefix, raw])
  const secret = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  key.fill(0)
  const { x = '' } = createPublicKey(secret).export({ format: 'jwk' })
  return { publicKey: fromBase64url(x), secret }
}

const badKey = (why: string): BatonError => new BatonError('bad-key', `failed to agree: ${why}`)
