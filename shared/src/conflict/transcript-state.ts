/** What the fold of a transcript knows (rules BR1, BR2): pieces of logs, never their records. */
import type { Bytes } from '../bytes.ts'
import type { DeviceId, LogId, SessionId } from '../ids.ts'
import type {
  AdoptPayload,
  AgentDescriptor,
  At,
  GrantKind,
  Position,
} from '../model/agent-entries.ts'
import { type CutReason, type Cuts, noCuts } from './cuts.ts'
import type { Hidden } from './hidden.ts'
import type { Holding, LeaseFacts } from './leases.ts'
import type { SaidAgain } from './said-again.ts'

/** Records of one file that follow each other in one log: entries `from` to `to` that name `file`. */
export interface Piece {
  readonly log: LogId
  readonly file: string
  readonly from: number
  readonly base: Position
  /** Under which its device said it. */
  readonly epoch: number
  to: number
  /** After the last record: `at` is { log, seq: to }. */
  end: Position
  /** Stamp of the last record, ms since 1970. */
  changed: number
  /**
   * False beyond the cut of its log: it is nobody's word, and read only where one that counts goes on
   * from it, whose record ids its writer signed for.
   */
  readonly counts: boolean
}

/** One version of a whole file; its content stands in the entry, or in the blob `sha256`. */
export interface WholeFile {
  readonly log: LogId
  readonly file: string
  readonly seq: number
  readonly sha256: Bytes
  readonly bytes: number
  readonly inline: boolean
  readonly epoch: number
  /** The last lease of its log before it. */
  readonly signed: number
}

export interface Adoption extends AdoptPayload {
  readonly log: LogId
  readonly seq: number
}

/** Why an entry does not count. */
export type HiddenReason =
  | CutReason
  | 'malformed'
  | 'unknown-kind'
  | 'no-base'
  | 'not-author'
  | 'not-hidden'

export interface GrantAt extends At {
  readonly device: DeviceId
  readonly kind: GrantKind
}

export interface FoldedLog {
  readonly device: DeviceId
  predecessor: LogId | undefined
  descriptor: AgentDescriptor | undefined
  seq: number
  /** Stamp of the last entry that is not beyond a cut, ms since 1970. */
  changed: number
  /** Entries that do not count; beyond `hidden` only their number. */
  hiddenCount: number
  /** Its last lease, 0 without one: what it says behind that may not be its to say. */
  signed: number
}

/** Who holds a session that changed hands, as the fold of its documents finds it. */
export interface Held {
  readonly leases: LeaseFacts
  readonly holding: Holding
}

export interface TranscriptState {
  readonly session: SessionId
  readonly cuts: Cuts
  author: DeviceId | undefined
  descriptor: AgentDescriptor | undefined
  readonly logs: Map<LogId, FoldedLog>
  readonly pieces: Piece[]
  /** Latest version by log and file. */
  readonly wholes: Map<string, WholeFile>
  /** Every version a log ever had of a whole file, as `versionKey`. */
  readonly versions: Map<LogId, Set<string>>
  readonly adoptions: Adoption[]
  readonly grants: GrantAt[]
  readonly hidden: Hidden<HiddenReason>[]
  /** Last piece by log and file. */
  readonly open: Map<string, Piece>
  readonly again: SaidAgain
  /** Given by whoever keeps the fold; without it main is the word of the author alone. */
  held: Held | undefined
}

export function createTranscript(session: SessionId, cuts: Cuts = noCuts): TranscriptState {
  return {
    session,
    cuts,
    author: undefined,
    descriptor: undefined,
    logs: new Map(),
    pieces: [],
    wholes: new Map(),
    versions: new Map(),
    adoptions: [],
    grants: [],
    hidden: [],
    open: new Map(),
    again: new Map(),
    held: undefined,
  }
}
