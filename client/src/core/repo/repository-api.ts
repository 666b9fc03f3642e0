/** What the repository offers to the rest of a device; made in repository.ts. */
import type { Bytes } from '@baton/shared/bytes'
import type { DeviceId, LogId, SessionId } from '@baton/shared/ids'
import type { SignedHead } from '@baton/shared/log/chain'
import type { Delta } from '@baton/shared/log/delta'
import type { ForkProof } from '@baton/shared/log/fork'
import type { Descriptor } from '@baton/shared/log/genesis'
import type { Trail } from '@baton/shared/log/trail'
import type { Blobs } from './blobs.ts'
import type { Build } from './building.ts'
import type { DropOptions } from './dropped.ts'
import type { Forks } from './forks.ts'
import type { SessionEnd } from './heads.ts'
import type { PackedRun } from './packing.ts'
import type { Claim, StoredRun } from './reading.ts'
import type { Received } from './receiving.ts'
import type { ReadEntry, StoredHead } from './rows.ts'
import type { OtherAuthor } from './writers.ts'

export type OnEntries = (log: LogId, entries: readonly ReadEntry[], hashes: Bytes) => void

export interface Repository {
  readonly device: DeviceId
  readonly blobs: Blobs
  sessions(): readonly SessionId[]
  heads(session: SessionId): readonly StoredHead[]
  head(log: LogId): StoredHead | undefined
  readonly forks: Forks
  /** Where the logs of a session end for all who hold them: a log that forked ends before that. */
  ends(session: SessionId): readonly SessionEnd[]
  /** How far the entries of a log are held that all agree on. */
  agreed(log: LogId): number
  /** The frontier digest of a session, 32 bytes. */
  frontier(session: SessionId): Bytes
  /** The log that a name of the wire means, and the shortest name of a log. */
  resolve(name: Bytes): LogId | undefined
  name(log: LogId): Bytes
  /** How far a log is on disk, blobs included, and agreed on: what may be acknowledged. */
  durable(log: LogId): number
  /** Blobs that the stored entries of a log name and that are not held. */
  lacking(log: LogId): readonly Bytes[]
  /**
   * Runs `build` and stores what it appended, with the rows it returned, in one batch. Resolves when
   * that is durable. Calls that come while a flush is in flight share the next one; one that throws
   * fails the calls for its session that came with it.
   */
  write(session: SessionId, build: Build, descriptor?: Descriptor): Promise<void>
  /** The same by a key that is no device's, in a log of its own. */
  writeAs(author: OtherAuthor, session: SessionId, build: Build): Promise<void>
  /** Resolves when all that this device writes of the session goes into a new log. */
  renew(session: SessionId): Promise<void>
  /** The same at once of one log, where it is gone on with in another copy of this device. */
  end(log: LogId): void
  /** Writes as `write` does, into one new log apart; rejects for good once a part of it failed. */
  apart(session: SessionId): (build: Build) => Promise<void>
  /**
   * Writes as `write` does, into one log of this process that is said again by nobody (rule CX14): for
   * entries that only make sense where they stand.
   */
  aside(session: SessionId, build: Build): Promise<void>
  /**
   * Holds a log up to a head that its device signed without the entries up to there: those that are
   * held go. Durable when it resolves; false when they may be another history, and stay.
   */
  drop(head: SignedHead, options?: DropOptions): Promise<boolean>
  /** Behind which place entries of a log are held: 0, or where it was dropped. */
  dropped(log: LogId): SignedHead | undefined
  /** The hashes of a log's last entries up to a place, of what is held or went; undefined for others. */
  trail(head: SignedHead): Promise<Trail | undefined>
  /** Is what is held of a log what a trail of it tells? `unknown` where nobody can see that. */
  follows(trail: Trail): Promise<'same' | 'unknown' | ForkProof>
  /** Verifies and stores; durable only after `flush`. `packed`: the form the delta came in. */
  receive(delta: Delta, packed?: PackedRun): Promise<Received>
  /** A delta in the form in which it is kept and sent. */
  pack(delta: Delta): Promise<PackedRun>
  /** The delta of a packed run. Throws `invalid` or `too-large`. */
  open(packed: PackedRun): Promise<Delta>
  /** Signed runs of a log, from behind `after`, as they are kept. Throws `store-corrupt` at a hole. */
  runs(log: LogId, after: number): AsyncIterable<StoredRun>
  /** The same, opened. */
  read(log: LogId, after: number): AsyncIterable<Delta>
  /** Every claim that is stored, a log's in order. */
  claims(): AsyncIterable<Claim>
  flush(): Promise<void>
  /** Tries whether the store takes more. */
  hasRoom(): Promise<boolean>
  /** Runs before `onGrew`, for each claim in order. */
  onClaim(handler: (claim: Claim) => void): void
  /**
   * Entries just stored, each log's in order and read already, with the chain hash of each (32 bytes
   * one after the other); runs before `onGrew`.
   */
  onEntries(handler: OnEntries): void
  /** `own`: written by this process. */
  onGrew(handler: (session: SessionId, log: LogId, own: boolean) => void): () => void
  /** A log was found to fork, or to fork earlier than was known; the proof is on disk. */
  onFork(handler: (log: LogId) => void): () => void
  /** A log is held up to another place, without entries. */
  onDropped(handler: (log: LogId) => void): () => void
  /** A blob is complete now; `logs` lacked it. */
  onBlob(handler: (hash: Bytes, logs: readonly LogId[]) => void): () => void
}
