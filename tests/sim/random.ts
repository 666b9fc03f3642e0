/** The one source of chance of a simulated run: the same for the same seed, on every machine. */
import { createHash } from 'node:crypto'
import type { Random } from '@baton/client/core/ports/platform'

export interface Chance {
  /** From 0 up to, not including, 1. */
  (): number
  below(count: number): number
  /** True that often of a hundred times. */
  percent(share: number): boolean
  pick<T>(from: readonly T[]): T
}

/** mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return Object.assign(next, {
    below: (count: number) => Math.floor(next() * count),
    percent: (share: number) => next() * 100 < share,
    pick: <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T,
  })
}

/** Bytes that never come twice in a run, and are the same in every run of its seed. */
export function createBytes(seed: number): Random {
  let drawn = 0
  return {
    bytes(length) {
      const parts: Buffer[] = []
      for (let have = 0; have < length; have += 32) {
        drawn += 1
        parts.push(createHash('sha256').update(`${seed} ${drawn}`).digest())
      }
      return new Uint8Array(Buffer.concat(parts).subarray(0, length))
    },
  }
}

/** Text that deflating does not make much smaller. */
export function noise(chance: Chance, length: number): string {
  let text = ''
  while (text.length < length) text += chance().toString(36).slice(2)
  return text
}
