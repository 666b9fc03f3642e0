/** X25519 (RFC 7748) with the all-zero result refused. Rules: MB. */
import { x25519 } from '@noble/curves/ed25519.js'
import { isBytes } from '@noble/hashes/utils.js'
import type { Bytes } from '../bytes.ts'
import { BatonError } from '../errors.ts'

/** The public key of a 32-byte secret. */
export function exchangeKey(secret: Bytes): Bytes {
  return x25519.getPublicKey(secret)
}

/** 32 shared bytes, only ever an input of a KDF. Throws `bad-key` when the peer's key gives zero. */
export function agree(secret: Bytes, publicKey: Bytes): Bytes {
  if (!isBytes(publicKey) || publicKey.length !== 32) throw new BatonError('bad-key', refusal)
  try {
    return x25519.getSharedSecret(secret, publicKey)
  } catch (cause) {
    // noble throws when the result is zero: the key is a point of small order (RFC 7748, 6.1).
    throw new BatonError('bad-key', refusal, { cause })
  }
}

const refusal = 'failed to agree: the public key is unusable'
