/**
 * FramePipe: what WebRTC gives the link, and no more: two ordered lanes of raw messages that may
 * lose what they took (a full native queue, a close), may lie about how much they hold, and may
 * notice a dead peer late or never. Implemented by rtc over two negotiated data channels.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { ChannelFacts, Fingerprints } from './channel.ts'

/** 0 carries control and live frames, 1 carries bulk. */
export type PipeLane = 0 | 1

export interface FramePipe {
  readonly fingerprints: Fingerprints
  /** The smaller of what both ends announce; the link never sends more in one message. */
  readonly maxMessageBytes: number
  /**
   * When bulk may enter: `empty` only while nothing is buffered (Node: the native count stays 0
   * until about 2 MB), else a high-water mark in bytes (browsers: 128 KiB).
   */
  readonly gate: 'empty' | number
  /** Bytes handed to `send` that have not left, as far as the platform tells. */
  buffered(lane: PipeLane): number
  /**
   * Takes a copy before it returns: the link reuses the memory. Throws BatonError('link-closed')
   * when the pipe is closed, and for any other failure of the platform. Calls no handler from
   * within.
   */
  send(lane: PipeLane, message: Bytes): void
  /**
   * One handler, attached in the tick in which the pipe was handed over; later ones are not
   * expected. The bytes belong to the handler: nothing reuses them.
   */
  onMessage(handler: (lane: PipeLane, message: Bytes) => void): void
  /** `buffered` fell to half the gate. Best effort: Node never says so, and the link polls too. */
  onDrain(handler: () => void): void
  /** Runs once, also when already closed; after it no message is handed over. */
  onClose(handler: (reason: string) => void): void
  /** How the selected candidate pair reaches the peer; may change after a restart. */
  path(): ChannelFacts['path']
  /**
   * The link hears nothing: try another way to the peer. The initiator restarts ICE, the other side
   * asks it to over signaling. Called after 6, 10 and 14 s of silence; harmless when repeated, and a
   * pipe that cannot restart ignores it.
   */
  restart(): void
  /** Drops what is buffered. Idempotent; `onClose` runs. */
  close(): void
}
