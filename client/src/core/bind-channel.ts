/**
 * Runs the bind machine (shared/protocol/bind) over a fresh Channel: who is at the other end is
 * known when it resolves. Rules: BD. It dials nothing and stores nothing.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { Channel, Dialing } from './ports/channel.ts'

/** A channel whose peer proved its device key. */
export interface BoundChannel {
  /** What arrives before `receive` is called is kept for it. */
  readonly channel: Channel
  /** The peer's Ed25519 key, 32 bytes. */
  readonly device: Bytes
  /** The lower of both protocol versions, and the peer's own. */
  readonly version: number
  readonly peerVersion: number
  /** Capability bits of both sides. */
  readonly caps: number
}

/** A bound channel with what carries its later signals; only openContact looks inside. */
export interface PairedLink {
  readonly bound: BoundChannel
  readonly dialing: Dialing
}
