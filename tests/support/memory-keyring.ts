/** A device's keys from one byte of seed, the same in every run; it signs natively, for speed. */
import { createMemoryKeyring as createKeyring } from '@baton/client/core/memory/keyring'
import type { Keyring } from '@baton/client/core/ports/platform'
import { concat } from '@baton/shared/bytes'
import { signer } from './signer.ts'

export function createMemoryKeyring(seed: number): Keyring {
  const keys = concat(new Uint8Array(32).fill(seed), new Uint8Array(32).fill(seed + 128))
  const keyring = createKeyring({ bytes: (length) => keys.slice(0, length) })
  return { ...keyring, sign: signer(seed).sign }
}
