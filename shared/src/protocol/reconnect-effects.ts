/** What goes into and comes out of the reconnect machine, and what it holds. Rules: RC. */
import type { Bytes } from '../bytes.ts'
import type { ErrorCode } from '../errors.ts'
import type { Side } from '../keyexchange/seal.ts'
import type { Attempt, Opening } from './reconnect-attempt.ts'
import type { Pair } from './reconnect-hello.ts'
import type { Signal } from './signal.ts'

export type Phase =
  | { readonly at: 'rest' }
  | { readonly at: 'wait'; readonly until: number }
  | {
      readonly at: 'search'
      readonly since: number
      /** When the hello is said once more; undefined once it was. */
      readonly again: number | undefined
      readonly hello: Bytes
      /** Of the knock: high only. */
      readonly secret: Bytes
      readonly ephemeral: Bytes
    }
  | {
      readonly at: 'agree'
      readonly since: number
      readonly ordinal: number
      readonly opening: Opening
      /** What the peer sealed already, before our keys were there. */
      readonly held: readonly Bytes[]
    }
  | {
      readonly at: 'dial'
      readonly attempt: Attempt
      /** Until the peer's description came; undefined since. */
      readonly until: number | undefined
    }

export interface ReconnectState {
  readonly pair: Pair
  readonly side: Side
  readonly boot: Bytes
  readonly phase: Phase
  readonly link: Attempt | undefined
  readonly linkedAt: number
  /** Hellos said, and attempts begun, by this process. */
  readonly said: number
  readonly begun: number
  /** The count of the last hello by the peer's process (hex); the oldest of them is forgotten. */
  readonly seen: ReadonlyMap<string, number>
  readonly failures: number
  /**
   * When a link last stood, or the search began. What is heard meanwhile does not count: an attempt
   * that began in the hours around must end in them.
   */
  readonly linkAt: number
}

/** `now` is monotonic ms; `entropy` 40 fresh random bytes. */
export type ReconnectInput =
  /** Look for the peer now: at the start, when the service is back, after a wake. */
  | { readonly kind: 'seek'; readonly now: number; readonly entropy: Bytes }
  | { readonly kind: 'tick'; readonly now: number; readonly entropy: Bytes }
  /** A blob from the mailbox of `hour`. */
  | {
      readonly kind: 'message'
      readonly now: number
      readonly entropy: Bytes
      readonly blob: Bytes
      readonly hour: number
    }
  /** The answer to `agree`. */
  | {
      readonly kind: 'agreed'
      readonly now: number
      readonly ordinal: number
      readonly dh: Bytes
      readonly ss: Bytes
    }
  /** A signal of our own. */
  | {
      readonly kind: 'signal'
      readonly now: number
      readonly ordinal: number
      readonly signal: Signal
    }
  | { readonly kind: 'bound'; readonly now: number; readonly ordinal: number }
  /** The attempt came to nothing. */
  | {
      readonly kind: 'failed'
      readonly now: number
      readonly entropy: Bytes
      readonly ordinal: number
      readonly code: ErrorCode
    }
  /** The bound channel ended. */
  | {
      readonly kind: 'closed'
      readonly now: number
      readonly entropy: Bytes
      readonly ordinal: number
    }
  /** A hello could not be posted. */
  | {
      readonly kind: 'unposted'
      readonly now: number
      readonly entropy: Bytes
      readonly code: ErrorCode
    }

export type ReconnectEffect =
  /** Seal for each hour (`sealHello`) and post. */
  | { readonly kind: 'hello'; readonly body: Bytes }
  | { readonly kind: 'post'; readonly blob: Bytes }
  /** Agree our static key with the ephemeral and with the peer's static key; answer `agreed`. */
  | { readonly kind: 'agree'; readonly ordinal: number; readonly ephemeral: Bytes }
  | { readonly kind: 'dial'; readonly attempt: Attempt; readonly initiator: boolean }
  /** A guarded signal of the peer for this attempt. */
  | { readonly kind: 'signal'; readonly ordinal: number; readonly signal: Signal }
  | { readonly kind: 'cancel'; readonly ordinal: number }
  /** This channel is the link now; `retire`: this one no longer is, or never became it. */
  | { readonly kind: 'use'; readonly ordinal: number }
  | { readonly kind: 'retire'; readonly ordinal: number }
  | { readonly kind: 'trouble'; readonly code: ErrorCode }

export type ReconnectStep = readonly [ReconnectState, readonly ReconnectEffect[]]

/** The time, and what may be drawn at it. */
export interface Moment {
  readonly now: number
  readonly entropy: Bytes
}
