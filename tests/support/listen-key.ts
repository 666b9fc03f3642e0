/** Listen keys for tests, from a seed byte. */
import type { ListenKey } from '@baton/client/core/ports/rendezvous'
import { pureSha256 } from '@baton/shared/primitives'
import { ed25519 } from '@noble/curves/ed25519.js'

export function listenKey(seed: number): ListenKey {
  const secret = pureSha256(new Uint8Array([seed]))
  const publicKey = ed25519.getPublicKey(secret)
  return {
    mailbox: pureSha256(publicKey).subarray(0, 16),
    publicKey,
    sign: (challenge) => ed25519.sign(challenge, secret),
  }
}
