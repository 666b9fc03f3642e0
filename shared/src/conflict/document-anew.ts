/** How a fold goes on without entries it does not need (rules SU1, SU4), and how one that must is begun anew. */
import type { LogId } from '../ids.ts'
import type { Head } from '../log/chain.ts'
import { createDocument, type DocumentState, logOf, nothingKnown } from './document.ts'

/** What to begin a stale fold anew with. */
export function beginAnew(state: DocumentState): DocumentState {
  if (!state.learnt) return createDocument(state.session, state)
  // Who may write and what was taken back may have been said in what counts no longer.
  const { superseded } = state
  return createDocument(state.session, { ...nothingKnown(state.cuts), superseded })
}

/** A log is held up to there without its entries: all that counts of them is said again elsewhere. */
export function skipDocument(state: DocumentState, log: LogId, { seq, hash }: Head): void {
  const folded = logOf(state, log)
  if (seq <= folded.seq) return
  folded.seq = seq
  folded.hash = hash
}
