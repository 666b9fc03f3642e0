/**
 * The fold of an agent session's log entries: which records follow which, whose word the main
 * history is, what stands beside it (rules BR1 to BR6). It keeps pieces (runs of records), never
 * records, so a gigabyte of transcript folds into a few lines. Entries of one log come in order,
 * logs in any; the result depends on the set alone. It does not know where records are stored.
 */
import { type Bytes, equalBytes } from '../bytes.ts'
import {
  type DeviceId,
  incarnationBytes,
  joinLogId,
  type LogId,
  type SessionId,
  splitLogId,
} from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import { recordIdOf } from '../log/record.ts'
import {
  type AdoptPayload,
  type AgentDescriptor,
  type At,
  type Content,
  descriptorSchema,
  type Position,
  parseAdopt,
  parseFile,
  parseGrant,
  parseRecord,
  type RecordPayload,
} from '../model/agent-entries.ts'
import { mintSessionId } from '../model/session-id.ts'
import type { Sha256 } from '../primitives.ts'

/** Records of one file that follow each other in one log: entries `from` to `to` that name `file`. */
export interface Piece {
  readonly log: LogId
  readonly file: string
  readonly from: number
  readonly base: Position
  to: number
  /** After the last record: `at` is { log, seq: to }. */
  end: Position
}

export interface WholeFile {
  readonly log: LogId
  readonly file: string
  readonly seq: number
  readonly sha256: Bytes
  readonly content: Content
}

export interface Adoption extends AdoptPayload {
  readonly log: LogId
  readonly seq: number
}

/** Why an entry does not count. */
export type HiddenReason = 'malformed' | 'unknown-kind' | 'no-base' | 'not-author'

export interface FoldedLog {
  readonly device: DeviceId
  predecessor: LogId | undefined
  seq: number
}

export interface TranscriptState {
  readonly session: SessionId
  author: DeviceId | undefined
  descriptor: AgentDescriptor | undefined
  readonly logs: Map<LogId, FoldedLog>
  readonly pieces: Piece[]
  /** Latest version by log and file. */
  readonly wholes: Map<string, WholeFile>
  readonly adoptions: Adoption[]
  readonly grants: { readonly log: LogId; readonly seq: number; readonly device: DeviceId }[]
  readonly hidden: { readonly log: LogId; readonly seq: number; readonly reason: HiddenReason }[]
  /** Last piece by log and file. */
  readonly open: Map<string, Piece>
}

const maxHiddenListed = 1000

export function createTranscript(session: SessionId): TranscriptState {
  return {
    session,
    author: undefined,
    descriptor: undefined,
    logs: new Map(),
    pieces: [],
    wholes: new Map(),
    adoptions: [],
    grants: [],
    hidden: [],
    open: new Map(),
  }
}

/** Folds the next entry of a log into `state`; an entry already folded is passed over. */
export function foldEntry(state: TranscriptState, sha256: Sha256, log: LogId, entry: Entry): void {
  let folded = state.logs.get(log)
  if (folded === undefined) {
    folded = { device: splitLogId(log).device, predecessor: undefined, seq: 0 }
    state.logs.set(log, folded)
  }
  if (entry.seq <= folded.seq) return
  folded.seq = entry.seq
  const reason = judge(state, sha256, log, folded, entry)
  if (reason !== undefined && state.hidden.length < maxHiddenListed) {
    state.hidden.push({ log, seq: entry.seq, reason })
  }
}

function judge(
  state: TranscriptState,
  sha256: Sha256,
  log: LogId,
  folded: FoldedLog,
  entry: Entry,
): HiddenReason | undefined {
  switch (entry.kind) {
    case kinds.genesis:
      return foldGenesis(state, sha256, folded, entry)
    case kinds.record: {
      const record = parseRecord(entry.payload)
      return record ? foldRecord(state, sha256, log, entry.seq, record) : 'malformed'
    }
    case kinds.file: {
      const whole = parseFile(entry.payload)
      if (!whole) return 'malformed'
      const { file, content } = whole
      const hash = 'inline' in content ? sha256(content.inline) : content.blob
      state.wholes.set(fileKey(log, file), { log, file, seq: entry.seq, sha256: hash, content })
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
      state.grants.push({ log, seq: entry.seq, device: grant.device })
      return undefined
    }
    default:
      return 'unknown-kind'
  }
}

function foldGenesis(
  state: TranscriptState,
  sha256: Sha256,
  folded: FoldedLog,
  entry: Entry,
): HiddenReason | undefined {
  const genesis = entry.payload
  if (entry.seq !== 1 || !Array.isArray(genesis)) return 'malformed'
  const incarnation: unknown = Array.isArray(genesis[0]) ? genesis[0][0] : undefined
  if (incarnation instanceof Uint8Array && incarnation.length === incarnationBytes) {
    folded.predecessor = joinLogId(state.session, folded.device, incarnation)
  }
  if (genesis[1] === null || genesis[1] === undefined) return undefined
  const parsed = descriptorSchema.safeParse(genesis[1])
  if (!parsed.success) return 'malformed'
  if (mintSessionId(sha256, folded.device, parsed.data.nonce) !== state.session) return 'not-author'
  state.author = folded.device
  state.descriptor = parsed.data
  return undefined
}

function foldRecord(
  state: TranscriptState,
  sha256: Sha256,
  log: LogId,
  seq: number,
  record: RecordPayload,
): HiddenReason | undefined {
  const open = state.open.get(fileKey(log, record.file))
  const before = record.base ?? open?.end
  if (before === undefined) return 'no-base'
  const end = nextPoint(sha256, before, record.content, { log, seq })
  if (open !== undefined && (record.base === undefined || samePoint(record.base, open.end))) {
    open.to = seq
    open.end = end
    return undefined
  }
  const piece: Piece = { log, file: record.file, from: seq, base: before, to: seq, end }
  state.pieces.push(piece)
  state.open.set(fileKey(log, record.file), piece)
  return undefined
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

export const fileKey = (log: LogId, file: string): string => `${log} ${file}`
