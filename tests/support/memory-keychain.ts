/** A keychain in memory that fails on demand. */
import type { Keychain } from '@baton/client/node/guard/keychain'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'

export interface MemoryKeychain extends Keychain {
  readonly held: Map<string, Bytes>
  /** `silent`: no answer to anything; `forgetful`: takes what it does not keep. */
  mood: 'well' | 'silent' | 'forgetful'
}

export function createMemoryKeychain(): MemoryKeychain {
  const held = new Map<string, Bytes>()
  const keychain: MemoryKeychain = {
    name: 'test keychain',
    held,
    mood: 'well',
    async get(account) {
      check()
      return held.get(account)?.slice()
    },
    async put(account, secret) {
      check()
      if (keychain.mood === 'well') held.set(account, secret.slice())
    },
    async delete(account) {
      check()
      held.delete(account)
    },
  }
  function check() {
    if (keychain.mood !== 'silent') return
    throw new BatonError('keychain-unavailable', 'failed to use the test keychain: no answer')
  }
  return keychain
}
