/** Keys in memory, from one byte of seed: the double for the Keyring port. */
import type { Keyring } from '@baton/client/core/ports/platform'
import type { Bytes } from '@baton/shared/bytes'
import { signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { agree, exchangeKey } from '@baton/shared/keyexchange/x25519'

export function createMemoryKeyring(seed: number): Keyring {
  const signing = new Uint8Array(32).fill(seed)
  const exchanging = new Uint8Array(32).fill(seed + 128)
  const secrets = new Map<string, Bytes>()
  return {
    device: verifyKeyOf(signing),
    exchange: exchangeKey(exchanging),
    sign: async (message) => signWith(signing, message),
    agree: async (publicKey) => agree(exchanging, publicKey),
    getSecret: async (name) => secrets.get(name)?.slice(),
    async putSecret(name, secret) {
      secrets.set(name, secret.slice())
    },
    async deleteSecret(name) {
      secrets.delete(name)
    },
  }
}
