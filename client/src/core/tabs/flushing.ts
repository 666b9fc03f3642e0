/**
 * When a page writes what it gathers (rule WB32): soon while a person looks at it, seldom behind, and at
 * once when it goes there, since it may never come back. Time is the clock's.
 */
import type { Clock } from '../ports/platform.ts'
import { frontFlushMs } from './limits.ts'

export interface Flushing {
  /** Of one name only the newest runs. */
  soon(name: string, run: () => Promise<unknown>): void
  /** Whether the page is in front, and how long what is gathered behind may wait. */
  show(front: boolean, behindMs: number): void
  /** Everything, now. */
  flush(): void
}

export function createFlushing(clock: Clock): Flushing {
  const waiting = new Map<string, () => Promise<unknown>>()
  let front = true
  let behindMs = frontFlushMs
  let disarm: (() => void) | undefined

  function flush(): void {
    disarm?.()
    disarm = undefined
    const all = [...waiting.values()]
    waiting.clear()
    // What cannot be written now is told where it matters: here it is only what is not said yet.
    for (const run of all) run().catch(() => {})
  }

  return {
    flush,
    soon(name, run) {
      waiting.set(name, run)
      disarm ??= clock.after(front ? frontFlushMs : behindMs, flush)
    },
    show(nowFront, nowBehindMs) {
      const changes = front !== nowFront || behindMs !== nowBehindMs
      front = nowFront
      behindMs = nowBehindMs
      if (changes) flush()
    },
  }
}
