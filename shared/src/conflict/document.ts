/**
 * The fold of a session document (rules DO1 to DO5): registers, rows, messages, streams, tool calls,
 * inbox and captures out of the entries of all its logs. Entries of one log come in order, logs in any; the
 * result depends on the set alone. What does not count is listed with its reason and is in no other
 * entry's way. It knows neither where entries are stored nor what a field means.
 */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '../ids.ts'
import { checkpointHeads } from '../log/checkpoint.ts'
import { depHashBytes, type Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import type { SessionDescriptor } from '../model/beginning.ts'
import type { Held, Path } from '../model/document-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { type CutReason, type Cuts, cutReason, isAgreed, noCuts } from './cuts.ts'
import { folds, passes } from './document-kinds.ts'
import { foldGenesis, foldGrant } from './document-members.ts'
import { keepHeld } from './held.ts'
import { type Hidden, hide } from './hidden.ts'
import type { MessageNode, PassedMessages } from './messages.ts'
import {
  entryInPlace,
  foldInPlace,
  foldRedaction,
  inPlace,
  type Redacted,
  redactionOf,
} from './redacted.ts'
import type { Passed, Register, Write } from './register.ts'
import type { Stream } from './streams.ts'
import { againOf, isGone, isSuperseded, learn } from './superseded.ts'
import type { ToolCall } from './tool-calls.ts'
import { createWaiting, type Waiting } from './waiting.ts'

export type HiddenReason =
  | CutReason
  | 'malformed'
  | 'unknown-kind'
  | 'not-author'
  | 'not-permitted'
  | 'other-session'
  /** It says again what is not hidden. */
  | 'not-hidden'

export interface FoldedLog {
  readonly device: DeviceId
  seq: number
  /** The chain hash at `seq`, 32 bytes. */
  hash: Bytes
  /** Stamp of the last entry that is not beyond a cut, ms since 1970. */
  changed: number
  /** Entries that do not count; of these only the first are listed. */
  hiddenCount: number
}

export interface Field {
  readonly path: Path
  readonly register: Register
}

export interface Row {
  readonly collection: string
  readonly key: string
  /** The last word of each device about its own row. */
  readonly writes: Map<DeviceId, Write>
}

export interface DocumentState {
  readonly session: SessionId
  readonly cuts: Cuts
  readonly logs: Map<LogId, FoldedLog>
  author: DeviceId | undefined
  descriptor: SessionDescriptor | undefined
  /** Whom the author lets write, itself included. */
  readonly writers: Set<DeviceId>
  /** By `pathKey`. */
  readonly fields: Map<string, Field>
  readonly rows: Map<string, Row>
  readonly messages: Map<string, MessageNode>
  /** Of messages that are written bit by bit, by `streamKey`. */
  readonly streams: Map<string, Stream>
  /** Logs from which a later process of their device goes on. */
  readonly followed: Set<LogId>
  /** The highest that any entry of a writer kind names. */
  epoch: number
  readonly tools: Map<string, ToolCall>
  readonly inbox: Map<string, Write>
  readonly captures: Map<string, Register>
  /** Of what is beyond a cut: what others who saw it are still measured by. */
  readonly passed: Map<string, Passed>
  readonly passedMessages: PassedMessages
  readonly hidden: Hidden<HiddenReason>[]
  /** What was taken back, by `placeKey` of where it stood. */
  readonly redactions: Map<string, Redacted>
  /** Up to which entry the logs are said again elsewhere by their device. */
  readonly superseded: Map<LogId, number>
  /** More of that was learnt than this fold began with. */
  learnt: boolean
  readonly waiting: Waiting
  /** Someone may write now whose earlier entries were passed over: the fold is to be made anew. */
  stale: boolean
  /** Something is said again, or could be, that others saw: such a fold is made anew at each start. */
  again: boolean
}

const noHash = new Uint8Array(32)
/** Who may write is known before the first entry, or found out and then `stale`. */
export function createDocument(
  session: SessionId,
  known: Known = nothingKnown(noCuts),
): DocumentState {
  return {
    session,
    cuts: known.cuts,
    author: known.author,
    descriptor: known.descriptor,
    writers: new Set(known.writers),
    logs: new Map(),
    fields: new Map(),
    rows: new Map(),
    messages: new Map(),
    streams: new Map(),
    followed: new Set(),
    epoch: 0,
    tools: new Map(),
    inbox: new Map(),
    captures: new Map(),
    passed: new Map(),
    passedMessages: new Map(),
    hidden: [],
    redactions: new Map(known.redactions),
    superseded: new Map(known.superseded),
    learnt: false,
    waiting: createWaiting(),
    stale: false,
    again: false,
  }
}

/** What judges entries before they come. */
export type Known = Pick<
  DocumentState,
  'author' | 'descriptor' | 'writers' | 'cuts' | 'redactions' | 'superseded'
>

export const nothingKnown = (cuts: Cuts): Known => ({
  author: undefined,
  descriptor: undefined,
  writers: new Set<DeviceId>(),
  redactions: new Map(),
  superseded: new Map(),
  cuts,
})

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
  if (read && cut === undefined) learn(state, log, read)
  if (isSuperseded(state.superseded, { log, seq })) {
    folded.seq = seq
    folded.hash = hash
    resume(state, sha256, log, seq)
    return true
  }
  const redacted = redactionOf(state, log, seq, read)
  const entry = redacted && seq > 1 ? entryInPlace(redacted, seq) : read
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
  for (const ready of state.waiting.reached(log, seq)) {
    apply(state, sha256, ready.log, ready.entry, ready.hash)
  }
}

/** Nothing of it shows; it waits for nothing, since whoever named it had what it names. */
function pass(state: DocumentState, device: DeviceId, log: LogId, entry: Entry, hash: Bytes): void {
  const { kind, payload, deps } = entry
  passes[kind]?.(state, payload, writeOf(state, device, log, entry, hash), deps)
}

/** What is known of a log, begun when nothing is. */
export function logOf(state: DocumentState, log: LogId): FoldedLog {
  const known = state.logs.get(log)
  if (known) return known
  const { device } = splitLogId(log)
  const fresh: FoldedLog = { device, seq: 0, hash: noHash, changed: 0, hiddenCount: 0 }
  state.logs.set(log, fresh)
  return fresh
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
    if (!isGone(state, log, entry.again)) return 'not-hidden'
    state.again ||= entry.again.some((at) => cutReason(state.cuts, at.log, at.seq) !== undefined)
  }
  if (isCheckpoint(entry)) return checkpointHeads(log, entry) ? undefined : 'malformed'
  if (kind === kinds.genesis) return foldGenesis(state, sha256, log, device, entry)
  if (kind === kinds.grant) return foldGrant(state, device, entry)
  const fold = folds[kind]
  const ours = kind === kinds.redact || kind === inPlace
  if (fold === undefined && !ours) return 'unknown-kind'
  if (!state.writers.has(device)) {
    // It may have counted under a grant that is beyond a cut by now.
    pass(state, device, log, entry, hash)
    return 'not-permitted'
  }
  const write = writeOf(state, device, log, entry, hash)
  if (kind === inPlace) foldInPlace(state, payload, write({ at: 'absent' }))
  else if (kind === kinds.redact) {
    return foldRedaction(state, log, entry, write) ? undefined : 'malformed'
  } else if (!fold?.(state, payload, write, deps)) return 'malformed'
  return undefined
}

const isCheckpoint = ({ kind }: Entry): boolean => kind === kinds.checkpoint || kind === kinds.drop

const writeOf =
  (state: DocumentState, device: DeviceId, log: LogId, { seq, stamp, again }: Entry, hash: Bytes) =>
  (held: Held): Write => {
    const short = hash.slice(0, depHashBytes)
    const write = { log, seq, hash: short, device, stamp, held: keepHeld(held) }
    return again ? { ...write, ...againOf(state, log, again) } : write
  }
