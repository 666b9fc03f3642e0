/**
 * What a session document says (rules DO): the state its fold builds, and what is known before it. How
 * entries become this stands in document-fold.ts; who reads it takes it from here.
 */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '../ids.ts'
import { isHeld, type SessionDescriptor } from '../model/beginning.ts'
import type { Path } from '../model/document-entries.ts'
import { type CutReason, type Cuts, noCuts } from './cuts.ts'
import type { Hidden } from './hidden.ts'
import {
  everyEpoch,
  type Holding,
  type HoldingReason,
  heldByNobody,
  holding,
  type LeaseFacts,
  noLeases,
} from './leases.ts'
import type { MessageNode, PassedMessages } from './messages.ts'
import type { Redacted } from './redacted.ts'
import type { Passed, Register, Write } from './register.ts'
import type { Stream } from './streams.ts'
import type { ToolCall } from './tool-calls.ts'
import { createWaiting, type Waiting } from './waiting.ts'

export type HiddenReason =
  | CutReason
  | HoldingReason
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
  /** Who was let write, the author included. */
  readonly writers: Set<DeviceId>
  /** Which of them may let others in. */
  readonly hosts: Set<DeviceId>
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
  readonly leases: LeaseFacts
  holding: Holding
  /** Of entries that a holder writes, by log and epoch. */
  readonly judged: Map<LogId, Map<number, Judged>>
  /** What was written by who did not hold the session then. */
  readonly beside: Pick<DocumentState, 'messages' | 'streams'>
  readonly tools: Map<string, ToolCall>
  readonly inbox: Map<string, Write>
  readonly captures: Map<string, Register>
  /** Of what is beyond a cut: what others who saw it are still measured by. */
  readonly passed: Map<string, Passed>
  readonly passedMessages: PassedMessages
  readonly hidden: Hidden<HiddenReason>[]
  /** What was taken back, by `placeKey` of where it stood, beyond a cut by `depKey`. */
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

/** How what one log says in one epoch was judged: up to where it counts, and what does not. */
export interface Judged {
  /** 0: none. */
  last: number
  first: number
  reason: HoldingReason | undefined
}

const noHash = new Uint8Array(32)
/** Who may write is known before the first entry, or found out and then `stale`. */
export function createDocument(
  session: SessionId,
  known: Known = nothingKnown(noCuts),
): DocumentState {
  const leases = { ...known.leases, ...everyEpoch }
  return {
    session,
    cuts: known.cuts,
    author: known.author,
    descriptor: known.descriptor,
    writers: new Set(known.writers),
    hosts: new Set(known.hosts),
    logs: new Map(),
    fields: new Map(),
    rows: new Map(),
    messages: new Map(),
    streams: new Map(),
    followed: new Set(),
    epoch: 0,
    leases,
    holding: isHeld(known.descriptor) ? holding(leases, known.author) : heldByNobody,
    judged: new Map(),
    beside: { messages: new Map(), streams: new Map() },
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
  'author' | 'descriptor' | 'writers' | 'hosts' | 'cuts' | 'redactions' | 'superseded' | 'leases'
>

export const nothingKnown = (cuts: Cuts): Known => ({
  author: undefined,
  descriptor: undefined,
  writers: new Set<DeviceId>(),
  hosts: new Set<DeviceId>(),
  redactions: new Map(),
  superseded: new Map(),
  leases: noLeases(),
  cuts,
})

/** What is known of a log, begun when nothing is. */
export function logOf(state: DocumentState, log: LogId): FoldedLog {
  const known = state.logs.get(log)
  if (known) return known
  const { device } = splitLogId(log)
  const fresh: FoldedLog = { device, seq: 0, hash: noHash, changed: 0, hiddenCount: 0 }
  state.logs.set(log, fresh)
  return fresh
}
