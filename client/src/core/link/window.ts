/**
 * How far a sender may run ahead of this receiver on one lane (rules L12, L13): doubled while the
 * window is what limits it and the round trip stays short, halved when queues on the way fill up.
 * It limits on a long way, and where the handler, which waits for a disk, is slower than the way.
 */
import {
  growInflationMs,
  maxWindowBytes,
  minWindowBytes,
  shrinkInflationMs,
  windowBytes,
} from '@baton/shared/limits'
import type { RoundTrip } from './rtt.ts'

/** A handler that takes longer for a window is slow, and does better with no more waiting for it. */
const maxLagMs = 100

export interface ReceiveWindow {
  readonly bytes: number
  /** So much of it is here and waits for the handler. */
  waiting(held: number): void
  /** Everything up to `offset` is done with. */
  consumed(offset: number, now: number): void
}

export function createReceiveWindow(rtt: RoundTrip): ReceiveWindow {
  let bytes = windowBytes
  let from = 0
  let since: number | undefined
  let handlerLags = false

  /** A window a round trip is the most that fits, so one in less than two means it was limiting. */
  function next(elapsedMs: number): number {
    if (rtt.ms === undefined) return bytes
    if (rtt.inflationMs > shrinkInflationMs) return Math.max(minWindowBytes, bytes / 2)
    const limiting = elapsedMs < 2 * rtt.ms || (handlerLags && elapsedMs < maxLagMs)
    return limiting && rtt.inflationMs < growInflationMs
      ? Math.min(maxWindowBytes, bytes * 2)
      : bytes
  }

  return {
    get bytes() {
      return bytes
    },
    waiting(held) {
      handlerLags ||= held > bytes / 2
    },
    consumed(offset, now) {
      since ??= now
      if (offset - from < bytes) return
      bytes = next(now - since)
      handlerLags = false
      from = offset
      since = now
    },
  }
}
