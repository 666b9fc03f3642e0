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
  for await (const lines of carriedLines(file, 0)) {
    for (const line of lines) {
      const end = await meet(line)
      if (end !== undefined) return end === 'foreign' ? undefined : done()
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

  /** One carried record: `foreign` when the file holds something else, `end` when it ends here. */
  async function meet(line: Bytes): Promise<'foreign' | 'end' | undefined> {
    const peeked = there.peek()
    const next = peeked instanceof Promise ? await peeked : peeked
    if (next === undefined && there.torn() === 0) return 'end'
    const outputs = placement.step(line)
    carried++
    const first = outputs[0] ?? placement.held()
    if (next === undefined) {
      const isTorn = await there.tornIsPrefixOf(line, first)
      // A record that is left out cannot be told from the torn piece of a later one.
      if (!isTorn && outputs.length === 0) return undefined
      pending = outputs
      return isTorn ? 'end' : 'foreign'
    }
    const isThere = equalBytes(next, line) || (first !== undefined && equalBytes(next, first))
    if (isThere) there.take()
    if (outputs.length === 0) {
      if (isThere && first !== undefined) placement.unhold()
      return undefined
    }
    if (!isThere) return 'foreign'
    const missing = await takeEach(there, outputs.slice(1))
    if (missing === undefined) return 'foreign'
    if (missing.length === 0) return undefined
    pending = missing
    return (await there.tornIsPrefixOf(missing[0])) ? 'end' : 'foreign'
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
  async function fill(): Promise<Bytes | undefined> {
    const batch = await batches.next()
    ended = batch.done === true
    if (batch.done) return undefined
    position = advance(sha256, position, batch.value).position
    lines = batch.value.lines
    at = 0
    return lines[0]
  }
  return {
    /** A promise only once in a while: most lines are at hand. */
    peek: (): Bytes | undefined | Promise<Bytes | undefined> =>
      at < lines.length || ended ? lines[at] : fill(),
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
export async function* carriedLines(
  file: CarriedFile,
  after: number,
): AsyncGenerator<readonly Bytes[]> {
  for await (const lines of file.read(after)) {
    for (const line of lines) {
      if (line.length > maxContentBytes) {
        throw new BatonError('too-large', 'failed to place the session: a record is too large')
      }
      if (Buffer.from(line.buffer, line.byteOffset, line.length).includes(10)) {
        throw new BatonError('invalid', 'failed to place the session: a record is two lines')
      }
    }
    yield lines
  }
}
