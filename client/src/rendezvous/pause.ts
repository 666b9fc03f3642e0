/** Waiting between tries (rule RZ17): doubling, with full jitter, and never less than was asked. */
import type { Clock, Random } from '../core/ports/platform.ts'

/** Waits before try number `failures` + 1, at least `atLeastMs`; false when it was stopped. */
export type Pause = (failures: number, atLeastMs?: number) => Promise<boolean>

const firstMs = 250
const longestMs = 30_000

/** `stopped` aborts a pause under way and every later one. */
export function createPause(clock: Clock, random: Random, stopped: AbortSignal): Pause {
  return (failures, atLeastMs = 0) =>
    new Promise((resolve) => {
      if (stopped.aborted) {
        resolve(false)
        return
      }
      const most = Math.min(longestMs, firstMs * 2 ** failures)
      const cancel = clock.after(atLeastMs + fraction(random) * most, () => done(true))
      const stop = () => done(false)
      stopped.addEventListener('abort', stop)
      function done(go: boolean): void {
        cancel()
        stopped.removeEventListener('abort', stop)
        resolve(go)
      }
    })
}

/** Uniform in [0, 1). */
function fraction(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2)
  return (high * 256 + low) / 65_536
}
