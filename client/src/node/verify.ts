/**
 * The native Ed25519 verifiers of Node, as backends for the selector in shared: `node:crypto`, then
 * `crypto.subtle`, whose way to another thread and back costs more than the 0.1 ms of a signature
 * while data streams in. Rules: SG. What counts as valid is decided there, not here.
 */
import { createPublicKey, type KeyObject, verify, webcrypto } from 'node:crypto'
import type { Bytes } from '@baton/shared/bytes'
import type { VerifyBackend } from '@baton/shared/keyexchange/signature'
import { maxVerifyKeysCached } from '@baton/shared/limits'

/** DER of a SubjectPublicKeyInfo for Ed25519 (RFC 8410), up to the 32 bytes of the key. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** In the order in which they are tried. */
export const nodeVerifyBackends = (): readonly VerifyBackend[] => [nodeBackend(), subtleBackend()]

export function subtleBackend(): VerifyBackend {
  const keyOf = cachedByKey((publicKey) =>
    webcrypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']),
  )
  return {
    name: 'subtle',
    async verify(publicKey, message, signature) {
      return webcrypto.subtle.verify('Ed25519', await keyOf(publicKey), signature, message)
    },
  }
}

export function nodeBackend(): VerifyBackend {
  const keyOf = cachedByKey<KeyObject>((publicKey) =>
    createPublicKey({
      key: Buffer.concat([spkiPrefix, publicKey]),
      format: 'der',
      type: 'spki',
    }),
  )
  return {
    name: 'node',
    verify: (publicKey, message, signature) => verify(null, message, keyOf(publicKey), signature),
  }
}

/** Making a key object costs as much as a verification; the oldest of 256 makes room. */
function cachedByKey<Key>(make: (publicKey: Bytes) => Key): (publicKey: Bytes) => Key {
  const keys = new Map<string, Key>()
  return (publicKey) => {
    const name = Buffer.from(publicKey).toString('latin1')
    const known = keys.get(name)
    if (known !== undefined) return known
    const [oldest] = keys.keys()
    if (keys.size >= maxVerifyKeysCached && oldest !== undefined) keys.delete(oldest)
    const key = make(publicKey)
    keys.set(name, key)
    return key
  }
}
