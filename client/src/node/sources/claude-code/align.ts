/**
 * Lays a file that exists beside the carried one (PL11). The file is ours to extend when each of its
 * lines is the next carried record, as it was carried or as it is placed, and nothing else is in it:
 * so a placement whose cursor was lost in a crash, and the session's own file at its origin, are both
 * recognised, and a file with a record of somebody else never is.
 */
import type { FileHandle } from 'node:fs/promises'
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxContentBytes } from '@baton/shared/limits'
import type { Sha256 } from '@baton/shared/primitives'
import type { CarriedFile } from '../../../core/ports/source.ts'
import { advance, type Position, startPosition } from './chain.ts'
import { readLines } from './lines.ts'
import { readAt } from './open-file.ts'
import type { Placement } from './placement.ts'

export interface Aligned {
  /** Carried records that were stepped over. */
  readonly carried: number
  /** Placed lines of those that the file lacks. */
  readonly pending: readonly Bytes[]
  /** Behind the last complete line of the file. */
  readonly position: Position
}

/** Undefined when the file holds something else. Leaves `placement` where writing goes on. */
export async function align(
  sha256: Sha256,
  handle: FileHandle,
  size: number,
  file: CarriedFile,
  placement: Placement,
): Promise<Aligned | undefined> {
  const there = createReader(sha256, handle, size)
  let carried = 0
  let pending: readonly Bytes[] = []
  for await (const line of carriedLines(file, 0)) {
    const next = await there.peek()
    if (next === undefined && there.torn() === 0) return done()
    const outputs = placement.step(line)
    carried++
    const first = outputs[0] ?? placement.held()
    const isThere =
      next === undefined
        ? await there.tornIsPrefixOf(line, first)
        : equalBytes(next, line) || (first !== undefined && equalBytes(next, first))
    if (next === undefined) {
      // A record that is left out cannot be told from the torn piece of a later one.
      if (!isThere && outputs.length === 0) continue
      pending = outputs
      return isThere ? done() : undefined
    }
    if (isThere) there.take()
    else if (outputs.length > 0) return undefined
    if (outputs.length === 0) {
      if (isThere && first !== undefined) placement.unhold()
      continue
    }
    const missing = await takeEach(there, outputs.slice(1))
    if (missing === undefined || missing.length > 0) {
      pending = missing ?? []
      return missing && (await there.tornIsPrefixOf(missing[0])) ? done() : undefined
    }
  }
  const missing = await takeEach(there, placement.end())
  if (missing === undefined || (await there.peek()) !== undefined || there.torn() > 0)
    return undefined
  pending = missing
  return done()

  function done(): Aligned {
    return { carried, pending, position: there.position() }
  }
}

type Reader = ReturnType<typeof createReader>

/** Takes lines that were held back; those the file lacks at its end, or undefined on another line. */
async function takeEach(
  there: Reader,
  lines: readonly Bytes[],
): Promise<readonly Bytes[] | undefined> {
  for (const [i, line] of lines.entries()) {
    const next = await there.peek()
    if (next === undefined) return lines.slice(i)
    if (!equalBytes(next, line)) return undefined
    there.take()
  }
  return []
}

/** Complete lines of the file one by one, and the position behind those taken. */
function createReader(sha256: Sha256, handle: FileHandle, size: number) {
  const batches = readLines(handle, 0, size)
  let lines: readonly Bytes[] = []
  let at = 0
  let position = startPosition()
  let ended = false
  return {
    peek: async (): Promise<Bytes | undefined> => {
      while (at === lines.length && !ended) {
        const batch = await batches.next()
        ended = batch.done === true
        if (batch.done) break
        position = advance(sha256, position, batch.value).position
        lines = batch.value.lines
        at = 0
      }
      return lines[at]
    },
    take: () => {
      at++
    },
    /** Known once `peek` found no line. */
    torn: () => (ended ? size - position.bytes : 0),
    /** True when nothing is torn. Known once `peek` found no line. */
    tornIsPrefixOf: async (...candidates: (Bytes | undefined)[]): Promise<boolean> => {
      const torn = await readAt(handle, position.bytes, size - position.bytes)
      return candidates.some((line) => line && equalBytes(torn, line.subarray(0, torn.length)))
    },
    position: () => position,
  }
}

/** Carried lines from record `after` on. A newline inside one would make it two: `invalid`. */
export async function* carriedLines(file: CarriedFile, after: number): AsyncGenerator<Bytes> {
  for await (const lines of file.read(after)) {
    for (const line of lines) {
      if (line.length > maxContentBytes) {
        throw new BatonError('too-large', 'failed to place the session: a record is too large')
      }
      if (Buffer.from(line.buffer, line.byteOffset, line.length).includes(10)) {
        throw new BatonError('invalid', 'failed to place the session: a record is two lines')
      }
      yield line
    }
  }
}
