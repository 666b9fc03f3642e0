/** What goes into and comes out of both pairing machines, as plain data. Rules: P. */
import type { Bytes } from '../bytes.ts'
import type { ErrorCode } from '../errors.ts'
import type { Emoji } from '../keyexchange/emoji.ts'
import type { Envelope } from './envelope.ts'
import type { Identity } from './pairing-messages.ts'
import type { Signal } from './signal.ts'

/** One side's constant part of a run. */
export interface PairingConfig {
  /** CPace inputs: what the code gave, the channel identifier, and the slot's 16 bytes. */
  readonly prs: Bytes
  readonly ci: Bytes
  readonly sid: Bytes
  /** Without its nonce, which comes from the run's entropy. */
  readonly identity: Omit<Identity, 'nonce'>
}

/** The peer, proven, with what both sides derived. */
export interface Met {
  readonly peer: Identity
  /** The peer's own protocol version. */
  readonly version: number
  /** TH2 (32 bytes), the pair root (32 bytes), the emoji. */
  readonly hash: Bytes
  readonly root: Bytes
  readonly emoji: readonly Emoji[]
  readonly guest: boolean
  /** Either side's policy asks for a comparison. */
  readonly confirm: boolean
}

/** What the inviter keeps to answer a joiner that asks after a crash. */
export interface Answer {
  readonly recovery: Bytes
  readonly th: Bytes
  readonly body: Bytes
  readonly signature: Bytes
}

/** What the joiner keeps before it proves itself. */
export interface Pending {
  readonly recovery: Bytes
  readonly th: Bytes
  readonly prk: Bytes
  readonly commitment: Bytes
  readonly body: Bytes
  readonly agreed: boolean
}

export type PairingInput =
  /** Inviter: the service says that a joiner came; 64 fresh random bytes. */
  | { readonly kind: 'claimed'; readonly now: number; readonly entropy: Bytes }
  /** Inviter: the joiner went. */
  | { readonly kind: 'released'; readonly now: number }
  | { readonly kind: 'message'; readonly now: number; readonly blob: Bytes }
  /** The slot is gone. */
  | { readonly kind: 'ended'; readonly now: number }
  | { readonly kind: 'tick'; readonly now: number }
  | { readonly kind: 'signed'; readonly now: number; readonly signature: Bytes }
  | { readonly kind: 'verified'; readonly now: number; readonly ok: boolean }
  /** The answer to `persist`, `commit` or `adopt`; `ok: false` when the disk refused. */
  | { readonly kind: 'done'; readonly now: number; readonly ok: boolean }
  /** A person compared the emoji. */
  | { readonly kind: 'answer'; readonly now: number; readonly match: boolean }
  | { readonly kind: 'cancel'; readonly now: number }
  /** A signal of our own for the peer. */
  | { readonly kind: 'signal'; readonly now: number; readonly signal: Signal }

export type PairingEffect =
  | { readonly kind: 'send'; readonly blob: Bytes }
  /** Inviter: free the slot for the next joiner. */
  | { readonly kind: 'release' }
  /** Answer with `signed`. */
  | { readonly kind: 'sign'; readonly statement: Bytes }
  /** Answer with `verified`. */
  | {
      readonly kind: 'verify'
      readonly key: Bytes
      readonly statement: Bytes
      readonly signature: Bytes
    }
  /** Joiner, answered by `done`: this record is durable. */
  | { readonly kind: 'persist'; readonly pending: Pending }
  /** Joiner: the record may go, both sides are certainly not paired. */
  | { readonly kind: 'forget'; readonly th: Bytes }
  /** Inviter, answered by `done`: pair record, then the roster's `add`, are durable. */
  | { readonly kind: 'commit'; readonly met: Met; readonly answer: Answer }
  /** Joiner, answered by `done`: the pair record is durable, the roster adopted. */
  | { readonly kind: 'adopt'; readonly met: Met; readonly th: Bytes }
  | { readonly kind: 'progress'; readonly at: 'claimed' | 'released' | 'proving' }
  /** Both screens show the emoji now. */
  | { readonly kind: 'check'; readonly met: Met }
  /** Start the call; the smaller device key offers. */
  | { readonly kind: 'dial'; readonly met: Met; readonly th: Bytes }
  /** A guarded signal of the peer. */
  | { readonly kind: 'signal'; readonly signal: Signal }
  /** `acknowledged`: the inviter knows that the joiner knows. */
  | { readonly kind: 'paired'; readonly met: Met; readonly acknowledged: boolean }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly reason: FailReason }

/** For our own screen and trace; the peer is told nothing of it. */
export type FailReason =
  | 'cancelled'
  | 'claims'
  | 'disk'
  | 'ended'
  | 'expired'
  | 'guest'
  | 'identity'
  | 'key-exchange'
  | 'mismatch'
  | 'peer-cancelled'
  | 'rosters'
  | 'same-device'
  | 'silent'
  | 'tag'
  | 'unexpected'
  | 'version'

/** After both proofs. The machines before it stand in pairing-inviter and pairing-joiner. */
export interface Joined {
  readonly role: 'inviter' | 'joiner'
  readonly met: Met
  readonly th: Bytes
  readonly envelope: Envelope
}
