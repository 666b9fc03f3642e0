/**
 * Reads one file of records from a cursor on, while an agent may be writing it (SO1 to SO3). The file
 * is opened once and read up to the size it had then; before and after, it is checked to be the file
 * that the cursor and the lines came from. Not seen: a rewrite in place that leaves inode and length
 * and the last 4 KiB before the cursor as they were; no agent is known to write so.
 */
import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { equalBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Sha256 } from '@baton/shared/primitives'
import type { Cursor, ReadState, SourceItem } from '../../../core/ports/source.ts'
import { advance, cursorAt, type Position, readTail, startPosition } from './chain.ts'
import { lastCommon } from './divergence.ts'
import { readLines } from './lines.ts'
import { identityOf, type OpenFile, openRegular, stampOf } from './open-file.ts'

export interface RecordFile {
  /** Carried name, and where it is here. */
  readonly file: string
  readonly path: string
  /** The main transcript: that it is gone is an error. */
  readonly required: boolean
}

export async function* readRecords(
  sha256: Sha256,
  { file, path, required }: RecordFile,
  state: ReadState,
): AsyncGenerator<SourceItem> {
  const open = await openRegular(path)
  if (open === undefined) {
    if (required) throw new BatonError('not-found', 'failed to read a session: its file is gone')
    return
  }
  try {
    const start = await resumeAt(sha256, open, path, state.cursors.get(file))
    let agrees = start !== undefined
    if (start !== undefined) {
      const end = yield* readOn(sha256, open, path, file, start)
      agrees = await isStillThere(open, path, end)
      const size = Number(open.stats.size)
      if (agrees && size > end.bytes) yield { kind: 'torn', file, bytes: size - end.bytes }
    }
    if (!agrees)
      yield { kind: 'diverged', file, cursor: await lastCommon(sha256, path, file, state) }
  } finally {
    await open.handle.close()
  }
}

async function* readOn(
  sha256: Sha256,
  { handle, stats }: OpenFile,
  path: string,
  file: string,
  start: Position,
): AsyncGenerator<SourceItem, Position> {
  let position = start
  for await (const batch of readLines(handle, start.bytes, Number(stats.size))) {
    const next = advance(sha256, position, batch)
    position = next.position
    const cursor = cursorAt(sha256, path, stats, position)
    yield { kind: 'records', file, lines: batch.lines, ids: next.ids, cursor }
  }
  return position
}

/** Where to go on, or undefined when the file is not the one the cursor stands in. */
async function resumeAt(
  sha256: Sha256,
  { handle, stats }: OpenFile,
  path: string,
  cursor: Cursor | undefined,
): Promise<Position | undefined> {
  if (cursor === undefined || cursor.bytes === 0) return startPosition()
  if (stats.size < cursor.bytes) return undefined
  const tail = await readTail(handle, cursor.bytes)
  const here = { ...position(cursor), tail: new Uint8Array(tail) }
  const same = cursor.path === path && cursor.identity === identityOf(stats)
  if (same && cursor.stamp === stampOf(stats)) return here
  if (!equalBytes(sha256(tail), cursor.tail)) return undefined
  if (same) return here
  // Another file of that name: the same only if every line of it is.
  const digest = await digestUpTo(sha256, handle, cursor.bytes)
  return digest !== undefined && equalBytes(digest, cursor.digest) ? here : undefined
}

const position = ({ records, bytes, record, digest }: Cursor) => ({
  records,
  bytes,
  record,
  digest,
})

/** The chain over the file's own lines up to `bytes`, if a line ends there. */
export async function digestUpTo(
  sha256: Sha256,
  handle: OpenFile['handle'],
  bytes: number,
): Promise<Uint8Array | undefined> {
  let at = startPosition()
  for await (const batch of readLines(handle, 0, bytes)) at = advance(sha256, at, batch).position
  return at.bytes === bytes ? at.digest : undefined
}

/** Whether the path still leads to this file, and it still ends in what was taken. */
async function isStillThere({ handle, stats }: OpenFile, path: string, end: Position) {
  const now = await handle.stat({ bigint: true })
  const there: BigIntStats | undefined = await stat(path, { bigint: true }).catch(() => undefined)
  if (there === undefined || identityOf(there) !== identityOf(stats)) return false
  if (now.size < end.bytes) return false
  return equalBytes(await readTail(handle, end.bytes), end.tail)
}
