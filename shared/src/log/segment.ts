/**
 * Segments (SN1): the runs of a log joined into pieces of about 64 KiB, each ending where its
 * author signed. A transfer can stop and go on at any of their ends.
 */
import { joinedEntries, segmentBytes } from '../limits.ts'
import { type Delta, deltaSize, lastSeq } from './delta.ts'

/**
 * Joins runs that follow each other, keeping the signature at each new end; runs of other logs or
 * with a gap between them stay apart. A single run over the bounds stays as it is.
 */
export function* segments(
  runs: Iterable<Delta>,
  maxBytes = segmentBytes,
  maxEntries = joinedEntries,
): Generator<Delta> {
  let open: Delta[] = []
  let size = 0
  let entries = 0
  for (const run of runs) {
    const more = deltaSize(run)
    const last = open.at(-1)
    if (last !== undefined) {
      const follows = last.log === run.log && lastSeq(last) === run.after
      if (!follows || size + more > maxBytes || entries + run.bodies.length > maxEntries) {
        yield join(open)
        open = []
        size = 0
        entries = 0
      }
    }
    open.push(run)
    size += more
    entries += run.bodies.length
  }
  if (open.length > 0) yield join(open)
}

function join(runs: readonly Delta[]): Delta {
  const [first] = runs as readonly [Delta]
  if (runs.length === 1) return first
  const { signature } = runs.at(-1) as Delta
  return { log: first.log, after: first.after, bodies: runs.flatMap((r) => r.bodies), signature }
}
