/** A device's keys from one byte of seed, the same in every run. */
import { createMemoryKeyring as createKeyring } from '@baton/client/core/memory-keyring'
import type { Keyring } from '@baton/client/core/ports/platform'
import { concat } from '@baton/shared/bytes'

export function createMemoryKeyring(seed: number): Keyring {
  const keys = concat(new Uint8Array(32).fill(seed), new Uint8Array(32).fill(seed + 128))
  return createKeyring({ bytes: (length) => keys.slice(0, length) })
}
