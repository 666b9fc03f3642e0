/** Waiting between tries (rule RZ17): doubling, with full jitter, and never less than was asked. */
import type { Clock, Random } from '../core/ports/platform.ts'
import type { Stop } from './stop.ts'

/** Waits before try number `failures` + 1, at least `atLeastMs`; false when it was stopped. */
export type Pause = (failures: number, atLeastMs?: number) => Promise<boolean>

const firstMs = 250
const longestMs = 30_000

/** A stop ends a pause under way and every later one. */
export function createPause(clock: Clock, random: Random, stop: Stop): Pause {
  return (failures, atLeastMs = 0) =>
    new Promise((resolve) => {
      if (stop.done) {
        resolve(false)
        return
      }
      const most = Math.min(longestMs, firstMs * 2 ** failures)
      const cancel = clock.after(atLeastMs + fraction(random) * most, () => done(true))
      const unstop = stop.whenStopped(() => done(false))
      function done(go: boolean): void {
        cancel()
        unstop()
        resolve(go)
      }
    })
}

/** Uniform in [0, 1). */
function fraction(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2)
  return (high * 256 + low) / 65_536
}
