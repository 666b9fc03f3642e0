/**
 * Whether the peer is there (rules L18 to L21). A machine without effects of its own: it is told what
 * was heard and what time it is, and says what to do. Knows no frames and no pipe.
 *
 *   heard recently -> ping after 2 s (busy) or 10 s (idle) -> 6 s: suspect, another path, again after
 *   4 s and 8 s -> 15 s: down. Anything heard leads back to the start.
 */
import {
  activeMs,
  clockJumpMs,
  downMs,
  pingActiveMs,
  pingIdleMs,
  restartEveryMs,
  suspectMs,
} from '@baton/shared/limits'

export type LifeAction = 'ping' | 'suspect' | 'restart' | 'down'

export interface Liveness {
  /** Any frame came; true when that ends a suspicion. */
  heard(now: number): boolean
  /** A message was sent or came: pings are close together for a while. */
  busy(now: number): void
  tick(now: number): LifeAction[]
  /** The machine slept for about `ms`: ask at once, and wait less for the answer. */
  jumped(ms: number, now: number): LifeAction[]
  deadline(): number
}

export function createLiveness(start: number): Liveness {
  /** Silence is counted from here; later than the last frame when nothing was asked since. */
  let quietSince = start
  let busySince = start
  let asked = false
  let suspect: { readonly since: number; restarts: number } | undefined

  /** When to ask, unless something is heard before: soon while that is still in the busy time. */
  function askAt(): number {
    const soon = quietSince + pingActiveMs
    return soon < busySince + activeMs ? soon : quietSince + pingIdleMs
  }

  function ask(now: number): LifeAction[] {
    if (asked) return []
    asked = true
    // An idle link is silent by right: what counts is the time without an answer.
    quietSince = Math.max(quietSince, now - pingActiveMs)
    return ['ping']
  }

  function doubt(now: number): LifeAction[] {
    const actions: LifeAction[] = suspect === undefined ? ['suspect'] : []
    suspect ??= { since: now, restarts: 0 }
    const due = suspect.since + suspect.restarts * restartEveryMs
    if (now >= due) {
      suspect.restarts += 1
      actions.push('restart')
    }
    return actions
  }

  function tick(now: number): LifeAction[] {
    // Compared as sums, exactly as `deadline` makes them: a difference may round to the other side.
    if (!asked) return now >= askAt() ? ask(now) : []
    if (now >= quietSince + downMs) return ['down']
    return now >= quietSince + suspectMs ? doubt(now) : []
  }

  return {
    heard(now) {
      const recovered = suspect !== undefined
      quietSince = now
      asked = false
      suspect = undefined
      return recovered
    },
    busy(now) {
      busySince = now
    },
    tick,
    jumped(ms, now) {
      if (ms < clockJumpMs) return []
      const actions = ask(now)
      quietSince = now - Math.min(ms, downMs - restartEveryMs)
      return [...actions, ...tick(now)]
    },
    deadline() {
      if (!asked) return askAt()
      if (suspect === undefined) return quietSince + suspectMs
      return Math.min(quietSince + downMs, suspect.since + suspect.restarts * restartEveryMs)
    },
  }
}
