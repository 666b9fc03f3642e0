/**
 * Notices a lost tail of bulk (rule L7): nothing behind it shows a hole, so pings say how much has
 * left. Only pings that came are counted, and only without progress between them: an outage or a slow
 * way is not a loss. A way slower than a frame in 6 s (about 25 kbit/s) is taken for one.
 */
import { pingActiveMs, tailMisses } from '@baton/shared/limits'

export interface Tail {
  /** A ping or pong says that bulk up to `sent` has left; true when `received` will not get there. */
  announced(sent: number, received: number, now: number): boolean
}

export function createTail(): Tail {
  let stuckAt = -1
  let misses = 0
  let counted = 0

  return {
    announced(sent, received, now) {
      if (received >= sent || received !== stuckAt) {
        stuckAt = received
        misses = 0
        counted = now
        return false
      }
      if (now - counted < pingActiveMs) return false
      counted = now
      misses += 1
      return misses >= tailMisses
    },
  }
}
