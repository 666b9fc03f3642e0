/** Version vectors (CK6): how far each log is held. A log that is not named is held up to 0. */
import type { LogId } from '../ids.ts'

export type Vector = ReadonlyMap<LogId, number>
export type Order = 'equal' | 'before' | 'after' | 'concurrent'

/** How `a` stands to `b`: 'before' when everything in `a` is in `b`, and not the reverse. */
export function compareVectors(a: Vector, b: Vector): Order {
  const less = exceeds(b, a)
  const more = exceeds(a, b)
  if (less) return more ? 'concurrent' : 'before'
  return more ? 'after' : 'equal'
}

/** The pointwise maximum. */
export function mergeVectors(...vectors: Vector[]): Map<LogId, number> {
  const out = new Map<LogId, number>()
  for (const vector of vectors) {
    for (const [log, seq] of vector) if (seq > (out.get(log) ?? 0)) out.set(log, seq)
  }
  return out
}

/** Entries `after < seq <= to` of one log. */
export interface Missing {
  readonly log: LogId
  readonly after: number
  readonly to: number
}

/** What `have` lacks of `want`, in the order `want` names it. */
export function missing(have: Vector, want: Vector): Missing[] {
  const out: Missing[] = []
  for (const [log, to] of want) {
    const after = have.get(log) ?? 0
    if (after < to) out.push({ log, after, to })
  }
  return out
}

function exceeds(a: Vector, b: Vector): boolean {
  for (const [log, seq] of a) if (seq > (b.get(log) ?? 0)) return true
  return false
}
