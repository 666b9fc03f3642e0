/**
 * Trying a request again (rule RZ17): only where nothing was decided about it, a few times, and not
 * when the service asks for a longer wait than a caller should sit through.
 */
import { isPassing, type Outcome } from './failure.ts'
import type { Pause } from './pause.ts'

export type Retry = <T>(run: () => Promise<Outcome<T>>) => Promise<Outcome<T>>

const tries = 4
const longestWaitMs = 5_000

export function createRetry(pause: Pause): Retry {
  return async (run) => {
    for (let failures = 0; ; failures++) {
      const outcome = await run()
      const waitMs = outcome.at === 'refused' ? (outcome.waitMs ?? 0) : 0
      if (!isPassing(outcome) || failures === tries - 1 || waitMs > longestWaitMs) return outcome
      if (!(await pause(failures, waitMs))) return outcome
    }
  }
}
