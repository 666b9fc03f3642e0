/** A Clock that stands still until told: timers run in the order of their due time, then of arming. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '@baton/client/core/ports/platform'

export interface ManualClock extends Clock {
  /** Moves time by `ms` and runs what falls due, each timer at its own time; synchronous. */
  advance(ms: number): void
  /** As `advance`, but lets promises settle after every timer and at the end. */
  elapse(ms: number): Promise<void>
  /** The machine slept: the wall clock jumps by `ms`, monotonic time and timers do not. */
  sleep(ms: number): void
  /** Timers armed and not yet run or cancelled: 0 is how a test shows that nothing leaks. */
  readonly pending: number
}

/** More timers than this at one moment are a loop. */
const maxStill = 100_000

interface Timer {
  readonly due: number
  readonly run: () => void
}

export function createManualClock(start = 1_700_000_000_000): ManualClock {
  let monotonic = 0
  let still = 0
  let slept = 0
  const timers = new Set<Timer>()

  /** Runs the earliest timer due by `until`; false when there is none. */
  function runNext(until: number): boolean {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.due <= until && (next === undefined || timer.due < next.due)) next = timer
    }
    if (next === undefined) return false
    timers.delete(next)
    still = next.due > monotonic ? 0 : still + 1
    if (still > maxStill) throw new Error('timers arm themselves for now, over and over')
    monotonic = Math.max(monotonic, next.due)
    next.run()
    return true
  }

  return {
    now: () => start + slept + monotonic,
    monotonic: () => monotonic,
    after(ms, run) {
      const timer = { due: monotonic + Math.max(0, ms), run }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    advance(ms) {
      const until = monotonic + ms
      while (runNext(until));
      monotonic = until
    },
    async elapse(ms) {
      const until = monotonic + ms
      await turn()
      while (runNext(until)) await turn()
      monotonic = until
      await turn()
    },
    sleep(ms) {
      slept += ms
    },
    get pending() {
      return timers.size
    },
  }
}
