/**
 * The frontier digest of a session (LG13): SHA-256("fr\0" || logId || seq || h ...) over its logs
 * sorted by id. Two devices with the same digest hold the same entries, of logs that forked those
 * before the fork.
 */
import { type Bytes, compareBytes, concat, u64 } from '../bytes.ts'
import { idBytes, type LogId } from '../ids.ts'
import { label } from '../labels.ts'
import type { Sha256 } from '../primitives.ts'
import type { Head } from './chain.ts'

/** Where a log ends for all who hold it, whichever of two histories they hold. */
export interface LogEnd extends Head {
  /** It forked, and `hash` stands for that and for the entries up to `seq`. */
  readonly forked: boolean
}

/**
 * The end of a log that forked behind seq `after`, of which `held` is the last place up to there that
 * is held: the same for all who know of the fork and hold what is before it, and another one than the
 * end of any log that did not fork.
 */
export function forkedEnd(sha256: Sha256, { seq, hash }: Head, after: number): LogEnd {
  return { seq, hash: sha256(label('fork'), u64(after), hash), forked: true }
}

/** Logs held up to 0 count as not held, unless they are known to fork there. */
export function frontierDigest(
  sha256: Sha256,
  heads: Iterable<readonly [log: LogId, head: Head & Partial<LogEnd>]>,
): Bytes {
  const rows = [...heads]
    .filter(([, head]) => head.seq > 0 || head.forked)
    .map(([log, head]) => concat(idBytes(log), u64(head.seq), head.hash))
  return sha256(concat(label('frontier'), ...rows.sort(compareBytes)))
}
