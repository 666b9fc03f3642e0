/**
 * Finds the last record that a changed file and the log have in common (SO3). A record's id covers
 * every line before it, so "the log holds it" is true up to one line and false behind it: a binary
 * search over a pass of the file asks about 40 times, however long the file is.
 */
import type { Sha256 } from '@baton/shared/primitives'
import type { Cursor, ReadState } from '../../../core/ports/source.ts'
import { advance, cursorAt, type Position, startPosition } from './chain.ts'
import { readLines } from './lines.ts'
import { type OpenFile, openRegular } from './open-file.ts'

/**
 * Undefined when they share nothing, or when the file was placed here: the log then knows the lines
 * of the carried file, not of this one.
 */
export async function lastCommon(
  sha256: Sha256,
  path: string,
  file: string,
  state: ReadState,
): Promise<Cursor | undefined> {
  const open = await openRegular(path)
  if (open === undefined) return undefined
  try {
    const found = await search(sha256, open, (id) => state.has(file, id))
    return found && cursorAt(sha256, path, open.stats, found)
  } finally {
    await open.handle.close()
  }
}

async function search(
  sha256: Sha256,
  { handle, stats }: OpenFile,
  has: (id: Uint8Array) => Promise<boolean>,
): Promise<Position | undefined> {
  const size = Number(stats.size)
  const ends: Position[] = [startPosition()]
  for await (const batch of readLines(handle, 0, size)) {
    ends.push(advance(sha256, ends.at(-1) as Position, batch).position)
  }
  const known = await lastTrue(
    ends.length,
    async (i) => i === 0 || has((ends[i] as Position).record),
  )
  const from = ends[known] as Position
  const to = ends[known + 1]?.bytes
  if (to === undefined) return known === 0 ? undefined : from
  for await (const batch of readLines(handle, from.bytes, to)) {
    const { ids } = advance(sha256, from, batch)
    const last = await lastTrue(
      ids.length + 1,
      async (i) => i === 0 || has(ids[i - 1] as Uint8Array),
    )
    if (last === 0) break
    const lines = batch.lines.slice(0, last)
    const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0)
    return advance(sha256, from, { lines, raw: batch.raw.subarray(0, bytes) }).position
  }
  return known === 0 ? undefined : from
}

/** The greatest i in [0, count) for which `holds`, which is true up to some i and false behind it. */
async function lastTrue(count: number, holds: (i: number) => Promise<boolean>): Promise<number> {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (await holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}
