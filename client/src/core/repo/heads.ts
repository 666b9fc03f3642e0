/**
 * Heads of all logs in memory, by session, with what follows from them (rules RP4, RP7): how far each
 * is on disk, the digest of a session's frontier, and which log a short reference means.
 */
import type { Bytes } from '@baton/shared/bytes'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { startHead } from '@baton/shared/log/chain'
import { forkedEnd, frontierDigest, type LogEnd } from '@baton/shared/log/frontier'
import type { Sha256 } from '@baton/shared/primitives'
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
  /** The log forked behind seq `after`, where what is held has this hash if it goes that far. */
  fork(log: LogId, after: number, hash: Bytes | undefined): void
  /** Where the logs of a session end, also of those that are held up to 0 and known to fork. */
  ends(session: SessionId): readonly SessionEnd[]
  frontier(session: SessionId): Bytes
  resolve(name: Bytes): LogId | undefined
  name(log: LogId): Bytes
}

export interface SessionEnd extends LogEnd {
  readonly log: LogId
}

interface ForkedAt {
  readonly after: number
  readonly hash: Bytes | undefined
}

export function createHeads(sha256: Sha256): Heads {
  const bySession = new Map<SessionId, Map<LogId, StoredHead>>()
  const flushed = new Map<LogId, number>()
  const dirty = new Map<LogId, StoredHead>()
  const frontiers = new Map<SessionId, Bytes>()
  const refs = createRefs()
  /** By session: none in nearly every one. */
  const forks = new Map<SessionId, Map<LogId, ForkedAt>>()
  const logsOf = (session: SessionId) => bySession.get(session) ?? new Map<LogId, StoredHead>()

  function ends(session: SessionId): SessionEnd[] {
    const forked = forks.get(session)
    const plain: SessionEnd[] = []
    for (const { log, seq, hash } of logsOf(session).values()) {
      if (!forked?.has(log)) plain.push({ log, seq, hash, forked: false })
    }
    for (const [log, { after, hash }] of forked ?? []) {
      const held = logsOf(session).get(log) ?? startHead(sha256, log)
      const last = hash && held.seq >= after ? { seq: after, hash } : held
      plain.push({ log, ...forkedEnd(sha256, last, after) })
    }
    return plain
  }

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
    fork(log, after, hash) {
      const { session } = splitLogId(log)
      const known = forks.get(session) ?? new Map<LogId, ForkedAt>()
      forks.set(session, known.set(log, { after, hash }))
      frontiers.delete(session)
      refs.add(log)
    },
    ends,
    frontier(session) {
      const known = frontiers.get(session)
      if (known) return known
      const made = frontierDigest(
        sha256,
        ends(session).map((end) => [end.log, end]),
      )
      frontiers.set(session, made)
      return made
    },
    resolve: refs.resolve,
    name: refs.name,
  }
}
