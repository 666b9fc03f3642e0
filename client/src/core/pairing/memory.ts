/**
 * What pairing must not forget (P9, P10), behind an interface of three methods. Every `put` is
 * durable when it resolves, and replaces the record of the same id as a whole. What it is kept in,
 * and who the roster's devices are, it does not know.
 */
import type { Bytes } from '@baton/shared/bytes'

/** Joiner: written before its proof is sent, because from then on the inviter may commit. */
export interface PendingRecord {
  readonly at: 'pending'
  /** 16 bytes, hex: of the run, known to both sides. */
  readonly id: string
  /** Where it asks, and what the questions are sealed with; 32 bytes. */
  readonly recovery: Bytes
  readonly th: Bytes
  /** Both 32 bytes: the input of the pair root, and what the inviter promised to open. */
  readonly prk: Bytes
  readonly commitment: Bytes
  readonly body: Bytes
  /** False while a person still has to compare the emoji: such a record is dropped at a restart. */
  readonly agreed: boolean
  /** ms since 1970; a day after the proof. */
  readonly until: number
}

/**
 * A device this one shares a pair root with. The inviter writes it before the roster's `add` (a
 * record without that `add` is dropped at a restart), the joiner when it hears of the `add`.
 */
export interface PairRecord {
  readonly at: 'paired'
  readonly id: string
  readonly device: Bytes
  readonly exchange: Bytes
  readonly root: Bytes
  /** What both devices agreed on, 32 bytes. */
  readonly hash: Bytes
  /** The protocol version at the last contact: an older one is refused. */
  readonly version: number
  readonly name: string
  readonly platform: string
  /** Inviter, until the joiner acknowledged: the answer to a joiner that asks. */
  readonly answer: RecoveryAnswer | undefined
  /** Joiner, until `adoptRoster` resolved: the roster to adopt. */
  readonly adopting: Bytes | undefined
  /** Derived from the roster: the two never met in person (rule IN3). */
  readonly introduced?: true
}

export interface RecoveryAnswer {
  readonly recovery: Bytes
  readonly th: Bytes
  readonly body: Bytes
  readonly signature: Bytes
  readonly until: number
}

export type PairMemoryRecord = PendingRecord | PairRecord

export interface PairMemory {
  all(): Promise<readonly PairMemoryRecord[]>
  put(record: PairMemoryRecord): Promise<void>
  remove(id: string): Promise<void>
}
