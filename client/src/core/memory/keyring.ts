/**
 * A Keyring in memory (rules KR1, KR7, KR8), in TypeScript alone: for the tour's guest, for tests,
 * and for platforms without key storage. Its device is gone with the process.
 */
import type { Bytes } from '@baton/shared/bytes'
import { signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { agree, exchangeKey } from '@baton/shared/keyexchange/x25519'
import type { Keyring, Random } from '../ports/platform.ts'
import { checkSecret, checkSecretName } from '../secret.ts'

/** Takes 64 random bytes: the Ed25519 seed, then the X25519 secret. */
export function createMemoryKeyring(random: Random): Keyring {
  const keys = random.bytes(64)
  const seed = keys.subarray(0, 32)
  const exchange = keys.subarray(32)
  const secrets = new Map<string, Bytes>()
  return {
    device: verifyKeyOf(seed),
    exchange: exchangeKey(exchange),
    sign: async (message) => signWith(seed, message),
    agree: async (publicKey) => agree(exchange, publicKey),
    async getSecret(name) {
      checkSecretName(name)
      return secrets.get(name)?.slice()
    },
    async putSecret(name, secret) {
      checkSecretName(name)
      checkSecret(secret)
      secrets.set(name, secret.slice())
    },
    async deleteSecret(name) {
      checkSecretName(name)
      secrets.delete(name)
    },
  }
}
