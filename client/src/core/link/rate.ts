/**
 * How fast the peer takes bulk, from its credit (rule L2): a frame should not keep a slow way busy for
 * long, because native SCTP lets the streams take turns by whole messages.
 */
import { frameMs, framePayloadBytes, minFrameBytes } from '@baton/shared/limits'

export interface Rate {
  /** A frame leaves while nothing else is on its way: the measure begins anew. */
  start(offset: number, now: number): void
  /** The peer is done with everything up to `offset`. */
  delivered(offset: number, now: number): void
  /** What a bulk frame may carry, as long as nothing says that more is harmless. */
  framePayload(): number
}

/** Shorter than this says more about the credit's steps than about the way. */
const sampleMs = 100
const gain = 0.5

export function createRate(): Rate {
  let from = 0
  let since = 0
  let bytesPerMs: number | undefined

  return {
    start(offset, now) {
      from = offset
      since = now
    },
    delivered(offset, now) {
      const elapsed = now - since
      if (elapsed < sampleMs || offset <= from) return
      const sample = (offset - from) / elapsed
      bytesPerMs = bytesPerMs === undefined ? sample : bytesPerMs + gain * (sample - bytesPerMs)
      from = offset
      since = now
    },
    framePayload() {
      if (bytesPerMs === undefined) return framePayloadBytes
      return Math.max(minFrameBytes, Math.min(framePayloadBytes, Math.floor(bytesPerMs * frameMs)))
    },
  }
}
