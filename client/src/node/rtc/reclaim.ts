/**
 * A closed connection keeps 4 threads and 8 descriptors until its object is collected, and a quiet
 * process collects nothing: 200 connections held 800 threads. So the host collects after closes.
 * Rule LH9. It knows neither the library nor the process.
 */
import type { Clock } from '../../core/ports/platform.ts'

/** A burst is collected every so many closes, its last ones after a pause. */
const closesAtOnce = 16
const pauseMs = 500
/** The objects of a connection hold each other natively: one collection frees 12 to 16 of them. */
const freedAtOnce = 8
const leastRounds = 3

/** Returns what is to be called after each close. `collect` stops the process for some ms. */
export function createReclaim(clock: Clock, collect: () => void): () => void {
  let closes = 0
  let held = 0
  let rounds = 0
  let cancel = () => {}
  const run = () => {
    closes = 0
    held = Math.max(0, held - freedAtOnce)
    rounds--
    collect()
    if (held > 0 || rounds > 0) cancel = clock.after(pauseMs, run)
  }
  return () => {
    held++
    rounds = leastRounds
    cancel()
    // Not in the tick of the close, whose own stack still holds the object.
    cancel = clock.after(++closes >= closesAtOnce ? 0 : pauseMs, run)
  }
}
