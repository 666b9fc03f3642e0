/** One timer for many deadlines: it runs no later than the earliest asked for, and is then asked anew. */
import type { Clock } from '../ports/platform.ts'

export interface Alarm {
  /** Runs at `time` (monotonic ms) at the latest; Infinity asks for nothing. */
  by(time: number): void
  stop(): void
}

/** `run` gets how many ms later it runs than planned by the wall clock: a sleep shows there. */
export function createAlarm(clock: Clock, run: (lateMs: number) => void): Alarm {
  let due = Number.POSITIVE_INFINITY
  let cancel = () => {}

  return {
    by(time) {
      if (time >= due) return
      cancel()
      due = time
      // Whole ms upwards: a timer that is early by a rounding error would run for nothing, and again.
      const wait = Math.max(0, Math.ceil(time - clock.monotonic()))
      const planned = clock.now() + wait
      cancel = clock.after(wait, () => {
        due = Number.POSITIVE_INFINITY
        run(clock.now() - planned)
      })
    },
    stop() {
      cancel()
      due = Number.NEGATIVE_INFINITY
    },
  }
}
