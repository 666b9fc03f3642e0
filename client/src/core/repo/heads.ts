/**
 * Heads of all logs in memory, by session, with what follows from them (rules RP4, RP7): how far each
 * is on disk, the digest of a session's frontier, and which log a short reference means.
 */
import type { Bytes } from '@baton/shared/bytes'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { Head } from '@baton/shared/log/chain'
import { createRefs } from './refs.ts'
import type { StoredHead } from './rows.ts'

export interface Heads {
  sessions(): readonly SessionId[]
  of(session: SessionId): readonly StoredHead[]
  head(log: LogId): StoredHead | undefined
  keep(head: StoredHead): void
  /** The log is on disk up to `seq`. */
  flushed(log: LogId, seq: number): void
  flushedTo(log: LogId): number
  /** Heads beyond what is known to be on disk. */
  unflushed(): readonly StoredHead[]
  frontier(session: SessionId): Bytes
  resolve(name: Bytes): LogId | undefined
  name(log: LogId): Bytes
}

export function createHeads(digest: (heads: Iterable<readonly [LogId, Head]>) => Bytes): Heads {
  const bySession = new Map<SessionId, Map<LogId, StoredHead>>()
  const flushed = new Map<LogId, number>()
  const dirty = new Map<LogId, StoredHead>()
  const frontiers = new Map<SessionId, Bytes>()
  const refs = createRefs()
  const logsOf = (session: SessionId) => bySession.get(session) ?? new Map<LogId, StoredHead>()

  return {
    sessions: () => [...bySession.keys()],
    of: (session) => [...logsOf(session).values()],
    head: (log) => logsOf(splitLogId(log).session).get(log),
    keep(head) {
      const { session } = splitLogId(head.log)
      bySession.set(session, logsOf(session).set(head.log, head))
      dirty.set(head.log, head)
      frontiers.delete(session)
      refs.add(head.log)
    },
    flushed(log, seq) {
      flushed.set(log, Math.max(flushed.get(log) ?? 0, seq))
      if ((dirty.get(log)?.seq ?? 0) <= seq) dirty.delete(log)
    },
    flushedTo: (log) => flushed.get(log) ?? 0,
    unflushed: () => [...dirty.values()],
    frontier(session) {
      const known = frontiers.get(session)
      if (known) return known
      const made = digest([...logsOf(session).values()].map((head) => [head.log, head] as const))
      frontiers.set(session, made)
      return made
    },
    resolve: refs.resolve,
    name: refs.name,
  }
}
