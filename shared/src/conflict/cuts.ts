/**
 * Where logs are cut (rules CU1 to CU4): what stands beyond a cut does not count, whatever its stamp
 * and whoever holds it. A fold is given its cuts and judges by them; where they come from (a revoked
 * device, a log that forked) it does not know. Another answer about any log needs a fold made anew.
 */
import type { LogId } from '../ids.ts'

/** Its device was revoked, or it signed two histories. */
export type CutReason = 'revoked' | 'forked'

export interface Cut {
  /** Entries beyond this one do not count; 0: none of the log does. */
  readonly seq: number
  readonly reason: CutReason
}

/** Undefined for a log that counts whole. Its answers never change: other cuts are another function. */
export type Cuts = (log: LogId) => Cut | undefined

export const noCuts: Cuts = () => undefined

/** Why the entry at `seq` of a log does not count; undefined when no cut is in its way. */
export function cutReason(cuts: Cuts, log: LogId, seq: number): CutReason | undefined {
  const cut = cuts(log)
  return cut !== undefined && seq > cut.seq ? cut.reason : undefined
}

/** Of several cuts of one log the nearest to its beginning; of equal ones the first that is given. */
export const nearest =
  (...all: readonly Cuts[]): Cuts =>
  (log) => {
    let first: Cut | undefined
    for (const cuts of all) {
      const cut = cuts(log)
      if (cut !== undefined && (first === undefined || cut.seq < first.seq)) first = cut
    }
    return first
  }

/** True when the first `seq` entries of a log are judged alike under both. */
export function judgesAlike(a: Cut | undefined, b: Cut | undefined, seq: number): boolean {
  const [cutsA, cutsB] = [a, b].map((cut) => (cut !== undefined && cut.seq < seq ? cut : undefined))
  return cutsA?.seq === cutsB?.seq && cutsA?.reason === cutsB?.reason
}
