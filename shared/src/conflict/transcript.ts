/**
 * The fold of an agent session's log entries (rules BR1, BR2): which records follow which, which
 * files stand beside them, whom the author granted. It keeps pieces (runs of records), never
 * records, so a gigabyte of transcript folds into a few lines. Entries of one log come in order,
 * logs in any; the result depends on the set alone. It does not know where records are stored, nor
 * what of it is main: that is history.ts.
 */
import { type Bytes, compareBytes, equalBytes, toBase64url } from '../bytes.ts'
import { idBytes, type LogId, splitLogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import { recordIdOf } from '../log/record.ts'
import {
  type AgentDescriptor,
  type At,
  type Content,
  type FilePayload,
  type Position,
  parseAdopt,
  parseFile,
  parseGrant,
  parseRecord,
} from '../model/agent-entries.ts'
import { readBeginning } from '../model/beginning.ts'
import type { Sha256 } from '../primitives.ts'
import { areHidden, cutReason, isAgreed } from './cuts.ts'
import { hide } from './hidden.ts'
import { isLeaseKind } from './leases.ts'
import { sayAgain } from './said-again.ts'
import type {
  FoldedLog,
  HiddenReason,
  Piece,
  TranscriptState,
  WholeFile,
} from './transcript-state.ts'

export type {
  Adoption,
  FoldedLog,
  GrantAt,
  Held,
  HiddenReason,
  Piece,
  TranscriptState,
  WholeFile,
} from './transcript-state.ts'

/** Folds the next entry of a log into `state`; an entry already folded is passed over. */
export function foldEntry(state: TranscriptState, sha256: Sha256, log: LogId, entry: Entry): void {
  const folded = advance(state, log, entry.seq)
  if (folded === undefined) return
  const cut = cutReason(state.cuts, log, entry.seq)
  if (cut === undefined) folded.changed = entry.stamp.ms
  else if (entry.kind === kinds.record && isAgreed(state.cuts, log, entry.seq)) {
    foldRecord(state, sha256, log, entry, false)
  }
  const reason = cut ?? judge(state, sha256, log, folded, entry)
  if (reason !== undefined) hide(state.hidden, folded, { log, seq: entry.seq, reason: reason })
}

/** Folds an entry whose body cannot be read: it is kept, counted, and in nobody's way. */
export function foldUnreadable(state: TranscriptState, log: LogId, seq: number): void {
  const folded = advance(state, log, seq)
  if (folded === undefined) return
  const reason = cutReason(state.cuts, log, seq) ?? 'malformed'
  hide(state.hidden, folded, { log, seq: seq, reason })
}

/** A log is held up to there without its entries: none of them was a record. */
export function skipTranscript(state: TranscriptState, log: LogId, { seq }: { seq: number }): void {
  advance(state, log, seq)
}

function advance(state: TranscriptState, log: LogId, seq: number): FoldedLog | undefined {
  let folded = state.logs.get(log)
  if (folded === undefined) {
    const { device } = splitLogId(log)
    folded = {
      device,
      predecessor: undefined,
      descriptor: undefined,
      seq: 0,
      changed: 0,
      hiddenCount: 0,
      signed: 0,
    }
    state.logs.set(log, folded)
  }
  if (seq <= folded.seq) return undefined
  folded.seq = seq
  return folded
}

function judge(
  state: TranscriptState,
  sha256: Sha256,
  log: LogId,
  folded: FoldedLog,
  entry: Entry,
): HiddenReason | undefined {
  if (entry.again && !areHidden(state.cuts, entry.again)) return 'not-hidden'
  switch (entry.kind) {
    case kinds.genesis:
      return foldGenesis(state, sha256, log, folded, entry)
    case kinds.record:
      return foldRecord(state, sha256, log, entry, true)
    case kinds.file: {
      const whole = parseFile(entry.payload)
      if (!whole) return 'malformed'
      foldWhole(state, sha256, { log, seq: entry.seq, signed: folded.signed }, whole)
      return undefined
    }
    case kinds.adopt: {
      const adopt = parseAdopt(entry.payload)
      if (!adopt) return 'malformed'
      state.adoptions.push({ ...adopt, log, seq: entry.seq })
      return undefined
    }
    case kinds.grant: {
      const grant = parseGrant(entry.payload)
      if (!grant) return 'malformed'
      state.grants.push({ log, seq: entry.seq, ...grant })
      return undefined
    }
    case kinds.lease:
      folded.signed = entry.seq
      return undefined
    default:
      return isLeaseKind(entry.kind) ? undefined : 'unknown-kind'
  }
}

/** True when something was said of who holds it. */
export const isLeased = ({ logs }: TranscriptState): boolean =>
  [...logs.values()].some(({ signed }) => signed > 0)

function foldGenesis(
  state: TranscriptState,
  sha256: Sha256,
  log: LogId,
  folded: FoldedLog,
  entry: Entry,
): HiddenReason | undefined {
  const beginning = readBeginning(sha256, log, entry)
  if (beginning.at === 'malformed') return 'malformed'
  folded.predecessor ??= beginning.predecessor
  if (beginning.at === 'not-author') return 'not-author'
  if (beginning.descriptor === undefined) return undefined
  state.author = folded.device
  // Other kinds have no agent's files.
  if (beginning.descriptor.kind !== 'agent') return undefined
  folded.descriptor = beginning.descriptor
  state.descriptor = firstDescriptor(state)
  return undefined
}

/** An author that described the session twice is taken at the word of its smallest log. */
function firstDescriptor(state: TranscriptState): AgentDescriptor | undefined {
  const told = [...state.logs].filter(([, log]) => log.descriptor !== undefined)
  told.sort(([a], [b]) => compareBytes(idBytes(a), idBytes(b)))
  return told[0]?.[1].descriptor
}

function foldRecord(
  state: TranscriptState,
  sha256: Sha256,
  log: LogId,
  { seq, stamp, payload, again }: Entry,
  counts: boolean,
): HiddenReason | undefined {
  const record = parseRecord(payload)
  if (!record) return 'malformed'
  const open = state.open.get(fileKey(log, record.file))
  const before = record.base ?? open?.end
  if (before === undefined) return 'no-base'
  const end = nextPoint(sha256, before, record.content, { log, seq })
  if (again) sayAgain(state.again, record.file, again, end)
  const goesOn = record.base === undefined || (open && sameBase(record.base, open.end))
  const { epoch } = record
  // Whose word it is may change at a lease, and so a piece ends there.
  const isOne = open?.epoch === epoch && open.to > (state.logs.get(log)?.signed ?? 0)
  if (open !== undefined && goesOn && isOne && open.counts === counts) {
    open.to = seq
    open.end = end
    open.changed = stamp.ms
    return undefined
  }
  const { file } = record
  // A base of the entry's own shares the memory of its whole run of 64 KiB.
  const base = { ...before, record: before.record.slice() }
  const piece: Piece = {
    log,
    file,
    from: seq,
    base,
    epoch,
    to: seq,
    end,
    changed: stamp.ms,
    counts,
  }
  state.pieces.push(piece)
  state.open.set(fileKey(log, file), piece)
  return undefined
}

function foldWhole(
  state: TranscriptState,
  sha256: Sha256,
  at: Pick<WholeFile, 'log' | 'seq' | 'signed'>,
  { file, content, epoch }: FilePayload,
): void {
  const { log } = at
  const inline = 'inline' in content
  const hash = inline ? sha256(content.inline) : content.blob.slice()
  const bytes = inline ? content.inline.length : content.bytes
  keepWhole(state, { ...at, file, sha256: hash, bytes, inline, epoch })
  const versions = state.versions.get(log) ?? new Set()
  versions.add(versionKey(file, hash))
  state.versions.set(log, versions)
}

/** The last of its log, of those under one epoch and between two leases. */
export function keepWhole(state: TranscriptState, whole: WholeFile): void {
  const { log, file, epoch, signed } = whole
  state.wholes.set(`${fileKey(log, file)} ${epoch} ${signed}`, whole)
}

/** The point behind a record that follows `before` and stands at `at`. */
export function nextPoint(sha256: Sha256, before: Position, content: Content, at: At): Position {
  const hash = 'inline' in content ? sha256(content.inline) : content.blob
  const bytes = 'inline' in content ? content.inline.length : content.bytes
  return {
    record: recordIdOf(sha256, before.record, hash),
    at,
    records: before.records + 1,
    bytes: before.bytes + bytes + 1,
  }
}

/** Two points are one when the same records lead to them. */
export const samePoint = (a: Position, b: Position): boolean =>
  a.records === b.records && equalBytes(a.record, b.record)

/** The same point, and standing in the same place: the records before it are read from there. */
const sameBase = (a: Position, b: Position): boolean =>
  samePoint(a, b) && a.bytes === b.bytes && a.at?.log === b.at?.log && a.at?.seq === b.at?.seq

export const fileKey = (log: LogId, file: string): string => `${log} ${file}`

/** Names one version of a whole file, by the first 12 bytes of its hash. */
export const versionKey = (file: string, hash: Bytes): string =>
  `${toBase64url(hash.subarray(0, 12))} ${file}`
