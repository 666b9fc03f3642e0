/** Keys in memory, from one byte of seed: the same in every run. */
import { createMemoryKeyring as create } from '@baton/client/core/memory-keyring'
import type { Keyring } from '@baton/client/core/ports/platform'

export const createMemoryKeyring = (seed: number): Keyring =>
  create({ bytes: (length) => new Uint8Array(length).fill(seed, 0, 32).fill(seed + 128, 32) })
