/** This device's hybrid clock, with the mark that keeps it from going back over a restart (CK5). */
import { type Bytes, u64 } from '@baton/shared/bytes'
import { receive, reserve, resume, type Stamp, tick, zeroStamp } from '@baton/shared/clock/hlc'
import type { Clock } from '../ports/platform.ts'

export interface Stamps {
  next(): Stamp
  seen(stamp: Stamp): void
  /** The row to persist before stamps given out since the last call are told, if it changed. */
  mark(): Bytes | undefined
}

export function createStamps(row: Bytes | undefined, clock: Clock): Stamps {
  let mark = row?.length === 8 ? Number(new DataView(row.slice().buffer).getBigUint64(0)) : 0
  let last: Stamp = mark > 0 ? resume(mark) : zeroStamp
  let changed = false
  return {
    next() {
      last = tick(last, clock.now())
      const raised = reserve(last, mark)
      if (raised !== undefined) {
        mark = raised
        changed = true
      }
      return last
    },
    seen(stamp) {
      last = receive(last, stamp, clock.now())
    },
    mark() {
      if (!changed) return undefined
      changed = false
      return u64(mark)
    },
  }
}
