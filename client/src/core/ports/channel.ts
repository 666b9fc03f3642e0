/**
 * Channel: ordered messages to one peer, and Dialer: how one is opened. Implemented by the link
 * (core/link) over a frame pipe; nothing above it knows WebRTC.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { ErrorCode } from '@baton/shared/errors'
import type { Signal } from '@baton/shared/protocol/signal'

/** `control` is never held back; `live` goes ahead of `bulk`. Order is kept inside a lane only. */
export type Lane = 'control' | 'live' | 'bulk'

export interface ChannelFacts {
  /** How the selected candidate pair reaches the peer. */
  readonly path: 'direct' | 'relayed' | 'unknown'
  /** Smoothed round trip of the link's own pings, or undefined before the first. */
  readonly rttMs: number | undefined
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** SHA-256 fingerprints of both DTLS certificates, 32 bytes each, measured where possible. */
export interface Fingerprints {
  readonly local: Bytes
  readonly remote: Bytes
}

/** How a channel ended. */
export interface ChannelEnd {
  /** A BYE from either side, with everything that this side had taken confirmed by the peer. */
  readonly clean: boolean
  /** `link-closed` for a BYE, a local close or a lost pipe; else what was violated or timed out. */
  readonly code: ErrorCode
  /** Printable ASCII, at most 100 characters; the peer's own word after its BYE. */
  readonly reason: string
  /** Bytes taken by `send` that the peer has not confirmed: an upper bound, 0 only when none. */
  readonly unconfirmedBytes: number
}

export interface Channel {
  readonly fingerprints: Fingerprints
  /**
   * Resolves when the link has taken the message, which is how it holds a fast sender back; a
   * message of up to `maxMessageBytes`, not to be changed afterwards. Rejects with `link-closed` or
   * `too-large`; who does not wait for it need not catch it, as `onClose` tells the end too. Until
   * the peer admits us only 4 messages of 4 KiB together, on `control`, leave; the rest waits here.
   */
  send(lane: Lane, message: Bytes): Promise<void>
  /**
   * One handler; what came before it is kept for it. It runs in the order of each lane, and again
   * while a promise it returned is pending: then the peer gets no credit for what came after that
   * message. A handler that throws or rejects ends the channel.
   */
  receive(handler: (lane: Lane, message: Bytes) => void | Promise<void>): void
  /** Lifts the limits that hold for a peer that has not proven its key (4 frames, 4 KiB, 5 s). */
  admit(): void
  facts(): ChannelFacts
  /** Runs once, also when already closed; no message is handed over after it. */
  onClose(handler: (end: ChannelEnd) => void): void
  /** Stops taking messages, drains what was taken, says BYE, closes. Never rejects. */
  close(reason: string): Promise<void>
}

export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

export interface IceSettings {
  readonly servers: readonly IceServer[]
  /** `direct` never relays, `relay` uses only TURN, `auto` lets ICE choose. */
  readonly policy: 'auto' | 'direct' | 'relay'
}

export interface Call {
  /** The device with the smaller key offers, always. */
  readonly initiator: boolean
  readonly ice: IceSettings
  /** Hands a local signal to whoever seals and carries it. */
  signal(signal: Signal): void
}

/** One attempt. It settles within 45 s: `channel` resolves, or rejects with `no-path` and the like. */
export interface Dialing {
  readonly channel: Promise<Channel>
  /** A signal of the peer that belongs to this attempt; anything stale is dropped here. */
  accept(signal: Signal): void
  /** Gives up (before the channel opened). */
  cancel(reason: string): void
}

export interface Dialer {
  dial(call: Call): Dialing
  close(): Promise<void>
}
