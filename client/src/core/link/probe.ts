/** Which ping is under way, and what its answer says about the round trip (rules L2, L30). */
import { loadProbeBytes, loadProbeMs, pingActiveMs } from '@baton/shared/limits'
import type { RoundTrip } from './rtt.ts'

export interface Probe {
  /** The id to ask with; `moved` counts all bytes of the link so far. */
  ask(now: number, moved: number): number
  answer(id: number, now: number, moved: number): void
  /** Enough moves that the round trip is worth knowing. */
  due(now: number, moved: number): boolean
  /** What is under way will measure an outage: do not count it. */
  forget(): void
}

export function createProbe(rtt: RoundTrip): Probe {
  let asked: { readonly id: number; readonly at: number; readonly moved: number } | undefined
  let id = 0
  let lastAt = Number.NEGATIVE_INFINITY
  let lastMoved = 0

  return {
    ask(now, moved) {
      id = (id + 1) >>> 0
      asked = { id, at: now, moved }
      lastAt = now
      lastMoved = moved
      return id
    },
    answer(answered, now, moved) {
      if (asked?.id !== answered) return
      rtt.sample(now - asked.at, moved - asked.moved >= loadProbeBytes)
      asked = undefined
    },
    due(now, moved) {
      if (moved - lastMoved < loadProbeBytes) return false
      return now - lastAt >= (asked === undefined ? loadProbeMs : pingActiveMs)
    },
    forget() {
      asked = undefined
    },
  }
}
