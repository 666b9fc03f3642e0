/** What the sync machine (sync.ts) looks at, is told, and asks for (rules SY). */
import type { Bytes } from '../bytes.ts'
import type { LogId, SessionId } from '../ids.ts'
import type { SyncForm, SyncMessage, syncTypes } from './sync-messages.ts'

export interface SyncHead {
  readonly log: LogId
  readonly seq: number
  readonly h: Bytes
  /** It ends there because its author signed two histories behind it. */
  readonly forked?: boolean
}

/** What the machine may look at: this device's side, as it stands when asked. */
export interface SyncView {
  /** Sessions that this device and the peer both may hold; what others depend on comes first. */
  sessions(): readonly SessionId[]
  shares(session: SessionId): boolean
  heads(session: SessionId): readonly SyncHead[]
  /** Entries held of a log, of one that forked those before the fork. */
  seq(log: LogId): number
  /** First 8 bytes of the frontier digest of one session, and of all shared ones. */
  sessionDigest(session: SessionId): Bytes
  digest(): Bytes
  /** Up to here nothing of a log can be given: it is held without its entries. */
  gone(log: LogId): number
  /** What the peer is known to hold durably of a log: 0 for nothing. */
  acked(log: LogId): number
  /** The log of a shared session that a name means, and the shortest name of a log. */
  resolve(name: Bytes): LogId | undefined
  name(log: LogId): Bytes
}

export interface SyncPush {
  readonly session: SessionId
  /** Entries after seq `after` up to the head. */
  readonly logs: readonly { readonly log: LogId; readonly after: number }[]
  /** The peer holds nothing of the session: announce a snapshot. */
  readonly first: boolean
  /** The peer said itself what it lacks: sent whether or not it went before. */
  readonly again: boolean
}

export type SyncInput =
  | { readonly kind: 'open' }
  | { readonly kind: 'message'; readonly message: SyncMessage }
  /** All that the peer's HELLO or PUSHED announced is stored. */
  | { readonly kind: 'greeted' }
  /** A log of a shared session has more entries than before, or a session became shared. */
  | { readonly kind: 'grew'; readonly session: SessionId }
  /** The peer is giving entries of a log up to `seq`; they may turn out to be unusable. */
  | { readonly kind: 'given'; readonly log: LogId; readonly seq: number }
  /** The peer gave entries of these logs up to `given`, and `durable` of them is on disk here. */
  | {
      readonly kind: 'durable'
      readonly logs: readonly {
        readonly log: LogId
        readonly given: number
        readonly durable: number
      }[]
    }
  /** A log was found to fork, by whatever way. `from`: the peer told it. */
  | { readonly kind: 'forked'; readonly log: LogId; readonly from: boolean }
  /** What the peer gave of a log is not what is held: its author may have signed both. */
  | { readonly kind: 'suspect'; readonly log: LogId }
  /** A delta did not follow what is held. */
  | { readonly kind: 'gap'; readonly log: LogId; readonly have: number }
  /** A blob is wanted from `have` on; at its end that means it is held. */
  | { readonly kind: 'missing-blob'; readonly hash: Bytes; readonly have: number }
  /** What the peer gave of these sessions was not stored then, and could be now. */
  | { readonly kind: 'retry'; readonly sessions: readonly SessionId[] }
  /** Nothing moved for a while. */
  | { readonly kind: 'idle' }

export type SyncEffect =
  | { readonly kind: 'send'; readonly form: SyncForm<keyof typeof syncTypes> }
  /** HELLO with `digest`, then the entries: all on one lane. */
  | { readonly kind: 'greet'; readonly digest: Bytes; readonly pushes: readonly SyncPush[] }
  | ({ readonly kind: 'push' } & SyncPush)
  | { readonly kind: 'push-blob'; readonly hash: Bytes; readonly offset: number }
  /** PUSHED, behind everything pushed so far. */
  | { readonly kind: 'pushed' }
  | { readonly kind: 'acked'; readonly log: LogId; readonly durable: number }
  /** Tell the peer that a log forked, with the proof. */
  | { readonly kind: 'tell-fork'; readonly log: LogId }
  /** What the peer gives of a log from here on is to be compared with what is held. */
  | { readonly kind: 'compare'; readonly log: LogId }
  /** Acknowledge anew what is held of a session. */
  | { readonly kind: 'confirm'; readonly session: SessionId }
  /** Both sides hold the same, as far as is known; said once per change of that. */
  | { readonly kind: 'settled'; readonly settled: boolean }
