/**
 * Puts the frames of one pipe lane back in order (rules L5, L6): duplicates vanish, early frames
 * wait for the hole before them, and a hole that stays means the pipe lost something.
 */
import { holeMs, reorderFrames } from '@baton/shared/limits'

export interface Order<F> {
  /** Hands over `frame` and what it completes; false when the hole has cost too many frames. */
  accept(frame: F, now: number): boolean
  /** When the hole that is open now counts as a loss; Infinity without one. */
  deadline(): number
}

export function createOrder<F extends { readonly seq: number }>(
  hand: (frame: F) => void,
): Order<F> {
  const early = new Map<number, F>()
  let expected = 0
  let holeSince = Number.POSITIVE_INFINITY

  function pass(frame: F): void {
    expected = (expected + 1) >>> 0
    hand(frame)
  }

  return {
    accept(frame, now) {
      // Modulo 2^32: what lies up to 2^31 behind has been handed over already.
      const ahead = (frame.seq - expected) | 0
      if (ahead < 0) return true
      if (ahead > 0) {
        if (early.size === 0) holeSince = now
        early.set(frame.seq, frame)
        return early.size < reorderFrames
      }
      pass(frame)
      if (early.size === 0) return true
      for (let next = early.get(expected); next !== undefined; next = early.get(expected)) {
        early.delete(expected)
        pass(next)
      }
      holeSince = early.size === 0 ? Number.POSITIVE_INFINITY : now
      return true
    },
    deadline: () => holeSince + holeMs,
  }
}
