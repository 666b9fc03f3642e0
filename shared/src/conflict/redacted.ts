/**
 * Messages that were taken back, in a document (rules RD1 to RD3). What a redaction says stands in place
 * of the entry it names, for those who hold its body as for those who do not, so that all show the same.
 */

import type { Value } from '../encoding/msgpack.ts'
import { type LogId, splitLogId } from '../ids.ts'
import { depKey } from '../log/again.ts'
import type { Dep, Entry } from '../log/entry.ts'
import type { At } from '../model/agent-entries.ts'
import {
  encodeRedaction,
  parseRedaction,
  type Redaction,
  redactedPlace,
} from '../model/redaction.ts'
import { cutReason } from './cuts.ts'
import type { DocumentState } from './document.ts'
import { besideOf, writingReason } from './document-holding.ts'
import { inPlace } from './in-place.ts'
import { foldMessage } from './messages.ts'
import { compareWrites, type Write } from './register.ts'
import { reachEpoch } from './streams.ts'
import { isSuperseded } from './superseded.ts'

export interface Redacted extends Redaction {
  /** The entry that says so; of several for one place the earliest counts. */
  readonly by: Write
}

export const placeKey = ({ log, seq }: At): string => `${log} ${seq}`

/** What takes back the entry at a place, or one of the superseded or cut places that it is said again from. */
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
  const { device } = splitLogId(log)
  for (const place of entry.again) {
    if (splitLogId(place.log).device !== device) continue
    const beyond = redactions.get(depKey(place))
    if (beyond) return beyond
    const of = isSuperseded(state.superseded, place) && redactions.get(placeKey(place))
    if (of) return of
  }
  return undefined
}

/**
 * What is taken back where an entry of `log` says it again is so where it stood before, too: the
 * checkpoint behind that may not be here yet (rule SU6).
 */
export function takeBackWhereItStood(
  state: DocumentState,
  log: LogId,
  again: readonly Dep[],
  of: Redacted,
): void {
  const { device } = splitLogId(log)
  for (const place of again) {
    if (splitLogId(place.log).device !== device || isSuperseded(state.superseded, place)) continue
    takeBack(state, place, of)
  }
}

/** What stands in the place of an entry, which says again what stood elsewhere if that did. */
export const entryInPlace = (of: Redaction, seq: number, again?: Entry['again']): Entry => ({
  ...{ kind: inPlace, seq, stamp: of.stamp, deps: [] },
  payload: encodeRedaction(of),
  ...(again && { again }),
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
  // Where it stood first, too: it may be said again from there, by a copy or after a backup came back.
  const [counts] = entry.deps.map((at) => takeBack(state, at, { ...redaction, by }))
  const isHidden = cutReason(state.cuts, place.log, place.seq) !== undefined
  // What it names is hidden or superseded, and not said again, or was taken back only then: in each
  // case the statement itself stands in its stead.
  if (isHidden || (counts && isSuperseded(state.superseded, place))) {
    showInStead(state, entry, redaction, by)
  }
  return true
}

/** False when an earlier word about the place counts. */
function takeBack(state: DocumentState, place: Dep, of: Redacted): boolean {
  // Beyond a cut another entry may stand there for someone else.
  const isCut = cutReason(state.cuts, place.log, place.seq) !== undefined
  const key = isCut ? depKey(place) : placeKey(place)
  const known = state.redactions.get(key)
  const order = known ? compareWrites(known.by, of.by) : -1
  if (order >= 0) return order === 0
  state.redactions.set(key, of)
  // What its body did is undone by folding without it.
  state.stale = true
  return true
}

/** Where what it takes back stood first decides whether that was in the history (rule LE4). */
function showInStead(state: DocumentState, entry: Entry, of: Redaction, by: Write): void {
  const [place, first = place] = entry.deps
  if (!place || !first) return
  const unheld = writingReason(state, first.log, entryInPlace(of, first.seq))
  showRedacted(unheld ? besideOf(state) : state, of, { ...by, stamp: of.stamp })
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
