/**
 * The fold of a session document (rules DO1 to DO5): registers, rows, messages, streams, tool calls,
 * inbox and captures out of the entries of all its logs. Entries of one log come in order, logs in any; the
 * result depends on the set alone. What does not count is listed with its reason and is in no other
 * entry's way. It knows neither where entries are stored nor what a field means.
 */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, type LogId, splitLogId } from '../ids.ts'
import { checkpointHeads } from '../log/checkpoint.ts'
import { depHashBytes, type Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import type { Held } from '../model/document-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { cutReason, isAgreed } from './cuts.ts'
import { type DocumentState, type HiddenReason, logOf } from './document.ts'
import { besideOf, foldHolding, isText, writingReason } from './document-holding.ts'
import { folds, passes } from './document-kinds.ts'
import { foldGenesis, foldGrant } from './document-members.ts'
import { keepHeld } from './held.ts'
import { hide } from './hidden.ts'
import { inPlace } from './in-place.ts'
import { isLeaseKind } from './leases.ts'
import {
  entryInPlace,
  foldInPlace,
  foldRedaction,
  redactionOf,
  takeBackWhereItStood,
} from './redacted.ts'
import type { Write } from './register.ts'
import { againOf, isGone, isSuperseded, learn } from './superseded.ts'

/** The next entry of a log, undefined when it cannot be read, and the chain hash there, 32 bytes. */
export interface NextEntry {
  readonly seq: number
  readonly entry: Entry | undefined
  readonly hash: Bytes
}

/**
 * Folds the next entry of a log. False when it has to wait and
 * no room is left for that: it is to be given again when other logs went on. One already folded is
 * passed over.
 */
export function foldDocument(
  state: DocumentState,
  sha256: Sha256,
  log: LogId,
  { seq, entry: read, hash }: NextEntry,
): boolean {
  const folded = logOf(state, log)
  if (seq <= folded.seq) return true
  const cut = cutReason(state.cuts, log, seq)
  if (state.learnt) {
    // It is made anew, from nothing but that: until then it says what it said before.
    folded.seq = seq
    folded.hash = hash
    return true
  }
  // Who holds a session cannot be said again: nobody takes back what it signed over by a checkpoint.
  const stays = read !== undefined && isLeaseKind(read.kind)
  if (!stays && isSuperseded(state.superseded, { log, seq })) {
    folded.seq = seq
    folded.hash = hash
    if (read && cut === undefined) learn(state, log, read)
    resume(state, sha256, log, seq)
    return true
  }
  const redacted = redactionOf(state, log, seq, read)
  if (redacted && read?.again) takeBackWhereItStood(state, log, read.again, redacted)
  // Nor by a redaction; and a checkpoint holds no text, and has to say the same to all.
  const isTaken = redacted && seq > 1 && !stays && !(read && isCheckpoint(read))
  const entry = isTaken ? entryInPlace(redacted, seq, read?.again) : read
  const missing = entry ? unmet(state, log, entry) : []
  if (cut !== undefined) {
    folded.seq = seq
    folded.hash = hash
    hide(state.hidden, folded, { log, seq, reason: cut })
    if (entry && missing !== undefined && isAgreed(state.cuts, log, seq)) {
      pass(state, folded.device, log, entry, hash)
    }
    resume(state, sha256, log, seq)
    return true
  }
  if (missing === undefined) hide(state.hidden, folded, { log, seq: seq, reason: 'other-session' })
  else if (missing.length > 0) {
    if (!entry || !state.waiting.add({ log, entry, hash, missing })) return false
  }
  folded.seq = seq
  folded.hash = hash
  if (entry && !isCheckpoint(entry)) folded.changed = entry.stamp.ms
  if (entry === undefined) hide(state.hidden, folded, { log, seq: seq, reason: 'malformed' })
  else if (missing?.length === 0) apply(state, sha256, log, entry, hash)
  resume(state, sha256, log, seq)
  return true
}

function resume(state: DocumentState, sha256: Sha256, log: LogId, seq: number): void {
  if (state.learnt) return
  for (const ready of state.waiting.reached(log, seq)) {
    apply(state, sha256, ready.log, ready.entry, ready.hash)
  }
}

/** Nothing of it shows; it waits for nothing, since whoever named it had what it names. */
function pass(state: DocumentState, device: DeviceId, log: LogId, entry: Entry, hash: Bytes): void {
  const { kind, payload, deps } = entry
  passes[kind]?.(state, payload, writeOf(state, device, log, entry, hash), deps)
}

/** Dependencies that are not held yet; undefined when one names another session. */
function unmet(state: DocumentState, log: LogId, { deps, seq }: Entry) {
  const missing: { log: LogId; seq: number }[] = []
  for (const dep of deps) {
    if (splitLogId(dep.log).session !== state.session) return undefined
    // Its own log's earlier entries are held; a later one, or itself, it cannot have seen.
    if (dep.log === log && dep.seq >= seq) return undefined
    // Of what is beyond a cut nothing is needed.
    const needed = Math.min(dep.seq, state.cuts(dep.log)?.seq ?? dep.seq)
    if (isSuperseded(state.superseded, { log: dep.log, seq: needed })) continue
    if (needed > (state.logs.get(dep.log)?.seq ?? 0)) missing.push({ log: dep.log, seq: needed })
  }
  return missing
}

function apply(state: DocumentState, sha256: Sha256, log: LogId, entry: Entry, hash: Bytes): void {
  // Only now: what says the other logs again is here, so nothing of them is missing meanwhile.
  learn(state, log, entry)
  if (state.learnt) return
  const folded = logOf(state, log)
  const reason = judge(state, sha256, log, folded.device, entry, hash)
  if (reason !== undefined) hide(state.hidden, folded, { log, seq: entry.seq, reason: reason })
}

function judge(
  state: DocumentState,
  sha256: Sha256,
  log: LogId,
  device: DeviceId,
  entry: Entry,
  hash: Bytes,
): HiddenReason | undefined {
  const { kind, payload, deps } = entry
  if (entry.again) {
    if (!isGone(state, log, entry.again)) {
      // Its checkpoint may not be here yet, and who saw it had that.
      if (isReplacing(kind)) pass(state, device, log, entry, hash)
      return 'not-hidden'
    }
    state.again ||= entry.again.some((at) => cutReason(state.cuts, at.log, at.seq) !== undefined)
  }
  if (isCheckpoint(entry)) return checkpointHeads(log, entry) ? undefined : 'malformed'
  if (kind === kinds.genesis) return foldGenesis(state, sha256, log, device, entry)
  if (kind === kinds.grant) return foldGrant(state, device, entry)
  // A transcript's own business.
  if (isRecordKind(kind)) return undefined
  const fold = folds[kind]
  const ours = kind === kinds.redact || kind === inPlace
  if (fold === undefined && !ours && !isLeaseKind(kind)) return 'unknown-kind'
  if (!state.writers.has(device)) {
    // It may have counted under a grant that is beyond a cut by now.
    pass(state, device, log, entry, hash)
    return 'not-permitted'
  }
  if (isLeaseKind(kind)) return foldHolding(state, log, entry, hash)
  const write = writeOf(state, device, log, entry, hash)
  const unheld = writingReason(state, log, entry)
  if (unheld) {
    if (kind === inPlace) foldInPlace(besideOf(state), payload, write({ at: 'absent' }))
    else if (isText(kind)) fold?.(besideOf(state), payload, write, deps)
    return unheld
  }
  if (kind === inPlace) foldInPlace(state, payload, write({ at: 'absent' }))
  else if (kind === kinds.redact) {
    return foldRedaction(state, log, entry, write) ? undefined : 'malformed'
  } else if (!fold?.(state, payload, write, deps)) return 'malformed'
  return undefined
}

const isRecordKind = (kind: number): boolean =>
  kind === kinds.record || kind === kinds.file || kind === kinds.adopt

/** Of a kind whose writes name what they replace. */
const isReplacing = (kind: number): boolean => kind === kinds.register || kind === kinds.capture

const isCheckpoint = ({ kind }: Entry): boolean => kind === kinds.checkpoint || kind === kinds.drop

const writeOf =
  (state: DocumentState, device: DeviceId, log: LogId, { seq, stamp, again }: Entry, hash: Bytes) =>
  (held: Held): Write => {
    const short = hash.slice(0, depHashBytes)
    const write = { log, seq, hash: short, device, stamp, held: keepHeld(held) }
    return again ? { ...write, ...againOf(state, log, again) } : write
  }
