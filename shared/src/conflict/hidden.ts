/** Entries that do not count (rules BR2, DO4): counted for each log, and of these the first are listed. */
import type { LogId } from '../ids.ts'

export interface Hidden<R> {
  readonly log: LogId
  readonly seq: number
  readonly reason: R
}

/** Listed of each log, not of all together: the fold of a set must not depend on which came first. */
const maxHiddenListed = 100

export function hide<R>(
  list: Hidden<R>[],
  folded: { hiddenCount: number },
  hidden: Hidden<R>,
): void {
  folded.hiddenCount += 1
  if (folded.hiddenCount <= maxHiddenListed) list.push(hidden)
}
