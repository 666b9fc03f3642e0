/**
 * The frontier digest of a session (LG13): SHA-256("fr\0" || logId || seq || h ...) over its logs
 * sorted by id. Two devices with the same digest hold the same entries.
 */
import { type Bytes, compareBytes, concat, u64 } from '../bytes.ts'
import { idBytes, type LogId } from '../ids.ts'
import { label } from '../labels.ts'
import type { Sha256 } from '../primitives.ts'
import type { Head } from './chain.ts'

/** Logs held up to 0 count as not held. */
export function frontierDigest(
  sha256: Sha256,
  heads: Iterable<readonly [log: LogId, head: Head]>,
): Bytes {
  const rows = [...heads]
    .filter(([, head]) => head.seq > 0)
    .map(([log, head]) => concat(idBytes(log), u64(head.seq), head.hash))
  return sha256(concat(label('frontier'), ...rows.sort(compareBytes)))
}
