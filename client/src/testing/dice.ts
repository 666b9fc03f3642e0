/** Numbers and bytes from a seed, the same in every run: for tests, and for nothing secret. */
import type { Bytes } from '@baton/shared/bytes'

export interface Dice {
  /** A whole number from 0 to below `bound`. */
  below(bound: number): number
  /** Bytes that do not shrink. */
  bytes(length: number): Bytes
}

/** mulberry32. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    below: (bound) => Math.floor((next() / 2 ** 32) * bound),
    bytes: (length) => Uint8Array.from({ length }, () => next() & 255),
  }
}
