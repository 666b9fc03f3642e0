/**
 * What happened in a run, and pure judgements of it: no acknowledged change may vanish, no place of a
 * log may be signed twice.
 */
import { toHex } from '@baton/shared/bytes'
import type { LogId } from '@baton/shared/ids'

export interface Acknowledged {
  /** A value that occurs once in the run. */
  readonly value: string
  readonly device: string
  readonly step: number
}

export interface History {
  readonly acknowledged: Acknowledged[]
  /** Values whose only copies a restored backup took away. */
  readonly excused: Set<string>
  /** Notes that a log has this hash at a place. Throws when it had another. */
  signed(log: LogId, seq: number, hash: Uint8Array): void
}

export class Violation extends Error {}

export function createHistory(): History {
  const places = new Map<string, string>()
  return {
    acknowledged: [],
    excused: new Set(),
    signed(log, seq, hash) {
      const place = `${log} ${seq}`
      const told = toHex(hash)
      const known = places.get(place)
      if (known === undefined) places.set(place, told)
      else if (known !== told) throw new Violation(`one place of a log was signed twice: ${place}`)
    },
  }
}

/** Acknowledged changes that are nowhere any more. */
export const lost = (history: History, present: ReadonlySet<string>): readonly Acknowledged[] =>
  history.acknowledged.filter(({ value }) => !present.has(value) && !history.excused.has(value))
