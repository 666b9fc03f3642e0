/**
 * Where logs are cut (rules CU1 to CU4): what stands beyond a cut does not count, whatever its stamp
 * and whoever holds it. A fold is given its cuts and judges by them; where they come from (a revoked
 * device, a log that forked) it does not know. Another answer about any log needs a fold made anew.
 */
import type { LogId } from '../ids.ts'
import type { At } from '../model/agent-entries.ts'

/** Its device was revoked, only reads by now, or signed two histories. */
export type CutReason = 'revoked' | 'observer' | 'forked'

export interface Cut {
  /** Entries beyond this one do not count; 0: none of the log does. */
  readonly seq: number
  readonly reason: CutReason
  /** Devices may hold different entries beyond this one: nothing may follow from those. */
  readonly agreed?: number
}

/** Undefined for a log that counts whole. Its answers never change: other cuts are another function. */
export type Cuts = (log: LogId) => Cut | undefined

export const noCuts: Cuts = () => undefined

/** Why the entry at `seq` of a log does not count; undefined when no cut is in its way. */
export function cutReason(cuts: Cuts, log: LogId, seq: number): CutReason | undefined {
  const cut = cuts(log)
  return cut !== undefined && seq > cut.seq ? cut.reason : undefined
}

/** True when every one of these places is beyond a cut. */
export const areHidden = (cuts: Cuts, places: readonly At[]): boolean =>
  places.every(({ log, seq }) => cutReason(cuts, log, seq) !== undefined)

/** True for an entry beyond a cut of which all who hold it hold the same. */
export const isAgreed = (cuts: Cuts, log: LogId, seq: number): boolean =>
  seq <= (cuts(log)?.agreed ?? Number.POSITIVE_INFINITY)

/** Of several cuts of one log the nearest to its beginning; of equal ones the first that is given. */
export const nearest =
  (...all: readonly Cuts[]): Cuts =>
  (log) => {
    let first: Cut | undefined
    for (const cuts of all) {
      const cut = cuts(log)
      if (cut === undefined) continue
      const agreed = smaller(first?.agreed, cut.agreed)
      const nearer = first === undefined || cut.seq < first.seq ? cut : first
      first = agreed === undefined ? nearer : { ...nearer, agreed }
    }
    return first
  }

const smaller = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)

/** True when the first `seq` entries of a log are judged alike under both. */
export function judgesAlike(a: Cut | undefined, b: Cut | undefined, seq: number): boolean {
  const [cutsA, cutsB] = [a, b].map((cut) => (cut !== undefined && cut.seq < seq ? cut : undefined))
  const isSame = cutsA?.seq === cutsB?.seq && cutsA?.reason === cutsB?.reason
  return isSame && cutsA?.agreed === cutsB?.agreed
}
