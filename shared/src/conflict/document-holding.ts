/**
 * Who may write the history of a document (rules LE4 to LE11): entries of writer kinds count from whoever
 * holds the session in their epoch, up to where that one let go. What does not count is kept aside, so
 * that it can be shown as a branch.
 */
import type { Bytes } from '../bytes.ts'
import type { LogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import { isWriterKind, kinds } from '../log/kinds.ts'
import { isHeld } from '../model/beginning.ts'
import type { DocumentState, HiddenReason, Judged } from './document.ts'
import { inPlace } from './in-place.ts'
import {
  epochOf,
  everyEpoch,
  foldLease,
  type HoldingReason,
  heldByNobody,
  holding,
  holdingReason,
} from './leases.ts'
import { reachEpoch } from './streams.ts'

/** Takes what says who holds the session. */
export function foldHolding(
  state: DocumentState,
  log: LogId,
  entry: Entry,
  hash: Bytes,
): HiddenReason | undefined {
  if (!isHeld(state.descriptor)) return 'not-permitted'
  // Said again it would be another lease: what came after it names the place where it stood.
  if (entry.again || !foldLease(state.leases, state.session, log, entry, hash)) return 'malformed'
  findHolder(state)
  return undefined
}

/** Finds out anew who holds it; a fold that judged otherwise is stale. */
export function findHolder(state: DocumentState, anew = false): void {
  if (!isHeld(state.descriptor)) return
  if (anew) Object.assign(state.leases, everyEpoch)
  const { from, to } = state.leases
  if (from > to) return
  const before = state.holding
  state.holding = holding(state.leases, state.author, anew ? heldByNobody : before)
  reachEpoch(state, epochOf(state.holding))
  const last =
    state.holding === before
      ? to
      : Math.max(to, state.holding.tenures.length, before.tenures.length)
  if (!judgesSame(state, from - 1, last)) state.stale = true
}

/** Of these epochs: what was said of them bears on no other, and others may be many. */
function judgesSame({ leases, judged, holding: now }: DocumentState, from: number, to: number) {
  for (const [log, epochs] of judged) {
    for (const epoch of within(epochs, from, to)) {
      const { last, first, reason } = epochs.get(epoch) as Judged
      const says = (seq: number) => holdingReason(leases, now, { log, seq, epoch })
      if (last > 0 && says(last) !== undefined) return false
      if (first > 0 && says(first) !== reason) return false
    }
  }
  return true
}

function within(epochs: ReadonlyMap<number, unknown>, from: number, to: number): number[] {
  if (to - from >= epochs.size) return [...epochs.keys()].filter((e) => e >= from && e <= to)
  const all = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  return all.filter((epoch) => epochs.has(epoch))
}

/** Undefined for what counts, and for what is no business of a holder. */
export function writingReason(
  state: DocumentState,
  log: LogId,
  { kind, payload, seq, again }: Entry,
): HoldingReason | undefined {
  if (!isWriterKind(kind) && kind !== inPlace) return undefined
  if (!isHeld(state.descriptor) || !Array.isArray(payload)) return undefined
  const epoch: unknown = payload[kind === inPlace ? 1 : 0]
  if (typeof epoch !== 'number') return undefined
  // What is said again counts as it did where it stood.
  const place = again?.[0] ?? { log, seq }
  const reason = holdingReason(state.leases, state.holding, { ...place, epoch })
  note(state, place.log, epoch, place.seq, reason)
  return reason
}

function note(
  { judged }: DocumentState,
  log: LogId,
  epoch: number,
  seq: number,
  reason: HoldingReason | undefined,
): void {
  const epochs = judged.get(log) ?? new Map<number, Judged>()
  judged.set(log, epochs)
  const known = epochs.get(epoch) ?? { last: 0, first: 0, reason: undefined }
  epochs.set(epoch, known)
  if (reason === undefined) known.last = Math.max(known.last, seq)
  else if (known.first === 0 || seq < known.first) {
    known.first = seq
    known.reason = reason
  }
}

/** The document with what does not count in the place of its history. */
export const besideOf = (state: DocumentState): DocumentState => ({ ...state, ...state.beside })

export const isText = (kind: number): boolean =>
  kind === kinds.message || kind === kinds.stream || kind === inPlace
