/** The round trip of the link's own pings, and how much traffic inflates it (rules L2, L12, L13). */
import { bigFrameInflationMs } from '@baton/shared/limits'

export interface RoundTrip {
  /** Smoothed ms, or undefined before the first sample. */
  readonly ms: number | undefined
  /** Smoothed ms above the smallest sample of this path; 0 before the first. */
  readonly inflationMs: number
  /** `loaded`: bulk moved while the ping was under way. */
  sample(ms: number, loaded: boolean): void
  /** Whether frames may be long: the round trip was measured under load and stayed short. */
  allowsBigFrames(): boolean
  /** Another path: what was the smallest says nothing any more. */
  reset(): void
}

/** Weight of a new sample; a few under load decide, one outlier does not. */
const gain = 0.25

export function createRoundTrip(): RoundTrip {
  let smoothed: number | undefined
  let smallest = Number.POSITIVE_INFINITY
  let sawLoad = false

  const inflation = () => (smoothed === undefined ? 0 : Math.max(0, smoothed - smallest))

  return {
    get ms() {
      return smoothed
    },
    get inflationMs() {
      return inflation()
    },
    sample(ms, loaded) {
      smallest = Math.min(smallest, ms)
      smoothed = smoothed === undefined ? ms : smoothed + gain * (ms - smoothed)
      sawLoad ||= loaded
    },
    allowsBigFrames: () => sawLoad && inflation() < bigFrameInflationMs,
    reset() {
      smallest = Number.POSITIVE_INFINITY
      smoothed = undefined
      sawLoad = false
    },
  }
}
