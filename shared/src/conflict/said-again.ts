/**
 * Where records stand that are said again (rule FK7): whoever went on from the place where one stood,
 * which is hidden by now, goes on from there.
 */
import { type Bytes, toBase64url } from '../bytes.ts'
import type { At, Position } from '../model/agent-entries.ts'

/** By the place where a record stood, and by its id, which says all that led to it. */
export type SaidAgain = Map<string, At>

/** Of several places the first by log: it is the same one for all. */
export function sayAgain(
  places: SaidAgain,
  file: string,
  origins: readonly At[],
  { record, at }: Position,
): void {
  for (const origin of origins) {
    const key = keyOf(file, origin, record)
    const known = places.get(key)
    if (at && (!known || at.log < known.log)) places.set(key, at)
  }
}

/** The same point where it stands now. */
export function standing(places: SaidAgain, file: string, point: Position): Position {
  const again = places.size > 0 && point.at && places.get(keyOf(file, point.at, point.record))
  return again ? { ...point, at: again } : point
}

const keyOf = (file: string, { log, seq }: At, record: Bytes): string =>
  `${log} ${seq} ${toBase64url(record)} ${file}`
