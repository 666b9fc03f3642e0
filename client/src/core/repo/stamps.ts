/** This device's hybrid clock, with the mark that keeps it from going back over a restart (RP8). */
import { type Bytes, u64 } from '@baton/shared/bytes'
import { receive, reserve, resume, type Stamp, tick, zeroStamp } from '@baton/shared/clock/hlc'
import type { Clock } from '../ports/platform.ts'

export interface Stamps {
  next(): Stamp
  /** A stamp that came from elsewhere. */
  seen(stamp: Stamp): void
  /** The row that covers every stamp given out, while it is not known to be durable. */
  mark(): Bytes | undefined
  /** The row that `mark` gave is durable. */
  marked(row: Bytes): void
}

export function createStamps(row: Bytes | undefined, clock: Clock): Stamps {
  const read = (bytes: Bytes) =>
    Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  let durable = row?.length === 8 ? read(row) : 0
  let mark = durable
  let last: Stamp = mark > 0 ? resume(mark) : zeroStamp
  return {
    next() {
      last = tick(last, clock.now())
      mark = reserve(last, mark) ?? mark
      return last
    },
    seen(stamp) {
      last = receive(last, stamp, clock.now())
    },
    mark: () => (mark > durable ? u64(mark) : undefined),
    marked(bytes) {
      durable = Math.max(durable, read(bytes))
    },
  }
}
