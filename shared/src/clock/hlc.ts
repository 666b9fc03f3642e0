/**
 * Hybrid logical clock (CK1 to CK5): 48 bits of milliseconds and a 16-bit counter. A stamp only
 * breaks ties between concurrent writes; it never decides whether an entry is valid.
 */
import type { Bytes } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { clockReserveMs, maxClockAheadMs } from '../limits.ts'

/** `ms` since 1970, below 2^48; `counter` below 2^16. */
export interface Stamp {
  readonly ms: number
  readonly counter: number
}

export const zeroStamp: Stamp = { ms: 0, counter: 0 }
export const stampBytes = 8

const maxCounter = 0xffff
/** A wall clock is believed up to here, which leaves 2^48 stamps above it: a write never fails. */
const maxWallMs = 2 ** 48 - 2 ** 32

/** The stamp of the next local write: above `last`, and at `now` (ms since 1970) or later. */
export function tick(last: Stamp, now: number): Stamp {
  const wall = believed(now)
  if (wall > last.ms) return { ms: wall, counter: 0 }
  if (last.counter < maxCounter) return { ms: last.ms, counter: last.counter + 1 }
  return { ms: last.ms + 1, counter: 0 }
}

/**
 * The clock after seeing a peer's stamp: the next `tick` is above both. A stamp more than
 * `maxClockAheadMs` ahead of `now` moves it only to there. Taking the maximum, rather than stamping
 * the receipt too, makes it the same whatever the order and however often a stamp arrives.
 */
export function receive(last: Stamp, remote: Stamp, now: number): Stamp {
  const limit = believed(now) + maxClockAheadMs
  const seen = remote.ms > limit ? { ms: limit, counter: 0 } : remote
  return compareStamp(seen, last) > 0 ? seen : last
}

export function compareStamp(a: Stamp, b: Stamp): -1 | 0 | 1 {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1
  return a.counter === b.counter ? 0 : a.counter < b.counter ? -1 : 1
}

/**
 * Restarts: before a stamp is given out, a mark above it must be durable. Returns the mark to
 * persist (ms since 1970), or undefined while `mark` still covers the stamp.
 */
export function reserve(stamp: Stamp, mark: number): number | undefined {
  return stamp.ms < mark ? undefined : stamp.ms + clockReserveMs
}

/** The clock after a start, from the mark persisted last: above every stamp ever given out. */
export const resume = (mark: number): Stamp => ({ ms: mark, counter: 0 })

/** 8 bytes, big-endian, so that their order is the order of stamps. */
export function encodeStamp(stamp: Stamp): Bytes {
  const out = new Uint8Array(stampBytes)
  const high = Math.floor(stamp.ms / 2 ** 32)
  const low = stamp.ms % 2 ** 32
  out[0] = high >>> 8
  out[1] = high
  out[2] = low >>> 24
  out[3] = low >>> 16
  out[4] = low >>> 8
  out[5] = low
  out[6] = stamp.counter >>> 8
  out[7] = stamp.counter
  return out
}

export function decodeStamp(bytes: Bytes): Stamp {
  if (bytes.length !== stampBytes) throw new BatonError('invalid', 'a stamp has 8 bytes')
  const view = new DataView(bytes.buffer, bytes.byteOffset, stampBytes)
  return { ms: view.getUint16(0) * 2 ** 32 + view.getUint32(2), counter: view.getUint16(6) }
}

/** A wall clock may read anything; NaN and times before 1970 count as 1970. */
const believed = (now: number): number => (now >= 0 ? Math.min(Math.floor(now), maxWallMs) : 0)
