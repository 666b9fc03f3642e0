/**
 * Messages that were taken back, in a document (rules RD1 to RD3). What a redaction says stands in place
 * of the entry it names, for those who hold its body as for those who do not, so that all show the same.
 */
import type { LogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import type { At } from '../model/agent-entries.ts'
import { parseRedaction, type Redaction, redactedPlace } from '../model/redaction.ts'
import { cutReason } from './cuts.ts'
import type { DocumentState } from './document.ts'
import { foldMessage } from './messages.ts'
import { compareWrites, type Write } from './register.ts'
import { reachEpoch } from './streams.ts'

export interface Redacted extends Redaction {
  /** The entry that says so; of several for one place the earliest counts. */
  readonly by: Write
}

/** No kind of an entry: what a redaction puts into the place of one. */
export const inPlace = -1

export const placeKey = ({ log, seq }: At): string => `${log} ${seq}`

export const entryInPlace = (of: Redacted, seq: number): Entry => ({
  ...{ kind: inPlace, seq, stamp: of.stamp, deps: [] },
  payload: null,
})

/** False for what is no redaction. The place it names is held: it waited for that. */
export function foldRedaction(
  state: DocumentState,
  log: LogId,
  entry: Entry,
  write: (held: { at: 'absent' }) => Write,
): boolean {
  const place = redactedPlace(log, entry)
  const redaction = place && parseRedaction(entry.payload)
  if (!place || !redaction) return false
  const by = write({ at: 'absent' })
  if (cutReason(state.cuts, place.log, place.seq) !== undefined) {
    // What it names is hidden and not said again: the statement itself stands in its stead.
    const { id, parent, epoch, consumes, stamp } = redaction
    reachEpoch(state, epoch)
    foldMessage(state.messages, { id, parent, epoch, consumes, redacted: true }, { ...by, stamp })
    return true
  }
  const key = placeKey(place)
  const known = state.redactions.get(key)
  if (known && compareWrites(known.by, by) >= 0) return true
  state.redactions.set(key, { ...redaction, by })
  // What its body did is undone by folding without it.
  state.stale = true
  return true
}

/** Folds what stands at a place whose message was taken back. */
export function foldInPlace(state: DocumentState, write: Write): void {
  const of = state.redactions.get(placeKey(write))
  if (!of) return
  const { id, parent, epoch, consumes } = of
  reachEpoch(state, epoch)
  foldMessage(state.messages, { id, parent, epoch, consumes, redacted: true }, write)
}
