/**
 * Messages that were taken back, in a document (rules RD1 to RD3). What a redaction says stands in place
 * of the entry it names, for those who hold its body as for those who do not, so that all show the same.
 */

import type { Value } from '../encoding/msgpack.ts'
import type { LogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import type { At } from '../model/agent-entries.ts'
import {
  encodeRedaction,
  parseRedaction,
  type Redaction,
  redactedPlace,
} from '../model/redaction.ts'
import { cutReason } from './cuts.ts'
import type { DocumentState } from './document.ts'
import { foldMessage } from './messages.ts'
import { compareWrites, type Write } from './register.ts'
import { reachEpoch } from './streams.ts'
import { isSuperseded, stoodOf } from './superseded.ts'

export interface Redacted extends Redaction {
  /** The entry that says so; of several for one place the earliest counts. */
  readonly by: Write
}

/** No kind of an entry: what a redaction puts into the place of one. */
export const inPlace = -1

export const placeKey = ({ log, seq }: At): string => `${log} ${seq}`

/** What takes back the entry at a place, or one of the superseded places that it is said again from. */
export function redactionOf(
  state: DocumentState,
  log: LogId,
  seq: number,
  entry: Entry | undefined,
): Redacted | undefined {
  const { redactions } = state
  if (redactions.size === 0) return undefined
  const own = redactions.get(placeKey({ log, seq }))
  if (own || !entry?.again) return own
  for (const place of stoodOf(state, log, entry.again)) {
    const of = redactions.get(placeKey(place))
    if (of) return of
  }
  return undefined
}

export const entryInPlace = (of: Redacted, seq: number): Entry => ({
  ...{ kind: inPlace, seq, stamp: of.stamp, deps: [] },
  payload: encodeRedaction(of),
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
    showRedacted(state, redaction, { ...by, stamp: redaction.stamp })
    return true
  }
  const key = placeKey(place)
  const known = state.redactions.get(key)
  const order = known ? compareWrites(known.by, by) : -1
  if (order > 0) return true
  if (isSuperseded(state.superseded, place)) {
    // It is not said again either, or was taken back only then: in both cases this stands for it.
    showRedacted(state, redaction, { ...by, stamp: redaction.stamp })
  }
  if (order === 0) return true
  state.redactions.set(key, { ...redaction, by })
  // What its body did is undone by folding without it.
  state.stale = true
  return true
}

/** Folds what stands at a place whose message was taken back: `payload` as `entryInPlace` gave it. */
export function foldInPlace(state: DocumentState, payload: Value, write: Write): void {
  const of = parseRedaction(payload)
  if (of) showRedacted(state, of, write)
}

function showRedacted(state: DocumentState, of: Redaction, write: Write): void {
  const { id, parent, epoch, consumes } = of
  reachEpoch(state, epoch)
  foldMessage(state.messages, { id, parent, epoch, consumes, redacted: true }, write)
}
