/**
 * What is held of a log beside what is known of it by hashes alone (rule CX9): the trail of what is
 * going to go, and whether what is held is the history that a trail tells.
 */
import { type Bytes, concat, equalBytes } from '@baton/shared/bytes'
import type { LogId } from '@baton/shared/ids'
import { maxForkPath } from '@baton/shared/limits'
import {
  entryHash,
  type Head,
  hashBytes,
  nextOfEntry,
  type SignedHead,
} from '@baton/shared/log/chain'
import { chainBodies, type Delta } from '@baton/shared/log/delta'
import { branchOf, type ForkBranch, type ForkProof, forkOf } from '@baton/shared/log/fork'
import { hashAt, hashIn, joinTrails, type Trail, trailUpTo } from '@baton/shared/log/trail'
import type { Sha256 } from '@baton/shared/primitives'

export interface HeldEntries {
  readonly sha256: Sha256
  /** Signed runs of a log that are held, opened, from behind `after`. */
  read(log: LogId, after: number): AsyncIterable<Delta>
  /** Where the entries of a log begin to be held. */
  from(log: LogId): Head
  /** What is known of those before that went. */
  gone(log: LogId): Promise<Trail | undefined>
}

/** The trail of what is held up to a head, with what is known of what went; undefined where less, or another history, is. */
export async function trailTo(held: HeldEntries, head: SignedHead): Promise<Trail | undefined> {
  const { sha256 } = held
  let at = held.from(head.log)
  let from = at
  let path: Bytes[] = []
  for await (const { bodies } of held.read(head.log, at.seq)) {
    for (const body of bodies) {
      if (at.seq === head.seq) break
      const entry = entryHash(sha256, body)
      at = { seq: at.seq + 1, hash: nextOfEntry(sha256, at.hash, entry) }
      path.push(entry)
    }
    // The last ones alone, and not moved for each of them.
    if (path.length <= 2 * maxForkPath) continue
    from = advanced(sha256, from, path.slice(0, -maxForkPath))
    path = path.slice(-maxForkPath)
  }
  if (at.seq !== head.seq || !equalBytes(at.hash, head.hash)) return undefined
  from = advanced(sha256, from, path.slice(0, Math.max(0, path.length - maxForkPath)))
  const trail = { from, path: concat(...path.slice(-maxForkPath)), head }
  // What went earlier must not be forgotten with what goes now: a copy may have left it there.
  const gone = path.length < maxForkPath ? await held.gone(head.log) : undefined
  return gone ? joinTrails(sha256, gone, trail) : trail
}

const advanced = (sha256: Sha256, from: Head, entries: readonly Bytes[]): Head =>
  entries.reduce<Head>(
    ({ seq, hash }, entry) => ({ seq: seq + 1, hash: nextOfEntry(sha256, hash, entry) }),
    from,
  )

/** The same of what went, too. */
export async function trailOf(held: HeldEntries, head: SignedHead): Promise<Trail | undefined> {
  if (held.from(head.log).seq < head.seq) return await trailTo(held, head)
  const trail = await held.gone(head.log)
  return trail && trailUpTo(held.sha256, trail, head)
}

/** The same of two trails; undefined where they are one as far as both go. */
function between(sha256: Sha256, a: Trail, b: Trail): 'unknown' | ForkProof | undefined {
  const start = Math.max(a.from.seq, b.from.seq)
  const end = Math.min(a.head.seq, b.head.seq)
  if (start > end) return 'unknown'
  let at: Head = { seq: start, hash: hashAt(sha256, a, start) }
  if (!equalBytes(at.hash, hashAt(sha256, b, start))) return 'unknown'
  while (at.seq < end) {
    const [one, other] = [a, b].map((trail) => ({
      path: trail.path.subarray((at.seq - trail.from.seq) * hashBytes),
      head: trail.head,
    })) as [ForkBranch, ForkBranch]
    const entry = hashIn(one.path, 0)
    if (!equalBytes(entry, hashIn(other.path, 0))) return forkOf(at, one, other) ?? 'unknown'
    at = { seq: at.seq + 1, hash: nextOfEntry(sha256, at.hash, entry) }
  }
  return undefined
}

/**
 * Is what is held of a log, up to the end of the trail, what the trail tells? `unknown`: it begins
 * behind the place where that could be seen. Or the proof that its author signed both.
 */
export async function followsTrail(
  held: HeldEntries,
  trail: Trail,
): Promise<'same' | 'unknown' | ForkProof> {
  const { sha256 } = held
  const { head, from } = trail
  let at = held.from(head.log)
  /** Both are known to be one up to `at`. */
  let met = false
  const meets = () => {
    met ||= at.seq >= from.seq && equalBytes(at.hash, hashAt(sha256, trail, at.seq))
    return met || at.seq < from.seq
  }
  const gone = await held.gone(head.log)
  const told = gone && between(sha256, gone, trail)
  if (told && (typeof told === 'object' || at.seq > from.seq)) return told
  if (at.seq >= head.seq) return 'same'
  if (!meets()) return 'unknown'
  for await (const { bodies, signature } of held.read(head.log, at.seq)) {
    for (const [i, body] of bodies.entries()) {
      if (at.seq >= head.seq) return 'same'
      const place = at.seq - from.seq
      const entry = entryHash(sha256, body)
      if (met && !equalBytes(entry, hashIn(trail.path, place))) {
        const rest = bodies.slice(i)
        const end = { ...chainBodies(sha256, at, rest).head, log: head.log, signature }
        const theirs = { path: trail.path.subarray(place * hashBytes), head }
        return forkOf(at, branchOf(sha256, { bodies: rest, head: end }), theirs) ?? 'unknown'
      }
      at = { seq: at.seq + 1, hash: nextOfEntry(sha256, at.hash, entry) }
      if (!meets()) return 'unknown'
    }
  }
  return met ? 'same' : 'unknown'
}
