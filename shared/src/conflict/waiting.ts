/**
 * Entries whose dependencies are not held yet (rules DO2, DO3). A few of each log wait here while
 * what follows them goes on; beyond that the log itself waits, which costs nobody but its author.
 */
import type { Bytes } from '../bytes.ts'
import type { LogId } from '../ids.ts'
import { maxWaitingBytes, maxWaitingPerLog } from '../limits.ts'
import type { Entry } from '../log/entry.ts'
import type { At } from '../model/agent-entries.ts'

export interface Waiter {
  readonly log: LogId
  readonly entry: Entry
  /** The chain hash there, 32 bytes. */
  readonly hash: Bytes
  /** Places it still waits for. */
  readonly missing: readonly At[]
}

export interface Waiting {
  /** False when there is no room. */
  add(waiter: Waiter): boolean
  /** A log is held up to there: those that waited for nothing else, which leave. */
  reached(log: LogId, seq: number): readonly Waiter[]
  list(): readonly Waiter[]
}

/** What an entry counts as: its value's size is not known here, so the largest it may have. */
const entryBytes = 36 * 1024

export function createWaiting(): Waiting {
  const byLog = new Map<LogId, Set<Waiter>>()
  const waiters = new Set<Waiter>()
  const perLog = new Map<LogId, number>()

  function leave(waiter: Waiter): void {
    waiters.delete(waiter)
    perLog.set(waiter.log, (perLog.get(waiter.log) ?? 1) - 1)
    for (const { log } of waiter.missing) {
      const those = byLog.get(log)
      those?.delete(waiter)
      if (those?.size === 0) byLog.delete(log)
    }
  }

  return {
    add(waiter) {
      const { log, missing } = waiter
      const own = perLog.get(log) ?? 0
      if (own >= maxWaitingPerLog || (waiters.size + 1) * entryBytes > maxWaitingBytes) return false
      waiters.add(waiter)
      perLog.set(log, own + 1)
      for (const { log: on } of missing) {
        const those = byLog.get(on) ?? new Set()
        those.add(waiter)
        byLog.set(on, those)
      }
      return true
    },
    reached(log, seq) {
      const those = byLog.get(log)
      if (those === undefined) return []
      const ready: Waiter[] = []
      for (const waiter of [...those]) {
        const left = waiter.missing.filter((at) => at.log !== log || at.seq > seq)
        if (left.length === waiter.missing.length) continue
        leave(waiter)
        if (left.length === 0) ready.push(waiter)
        else {
          const again = { ...waiter, missing: left }
          waiters.add(again)
          perLog.set(again.log, (perLog.get(again.log) ?? 0) + 1)
          for (const { log: on } of left)
            byLog.get(on)?.add(again) ?? byLog.set(on, new Set([again]))
        }
      }
      return ready
    },
    list: () => [...waiters],
  }
}
