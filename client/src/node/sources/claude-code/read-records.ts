/**
 * Reads one file of records from a cursor on, while an agent may be writing it (SO1 to SO3). The file
 * is opened once and read up to the size it had then; before and after, it is checked to be the file
 * that the cursor and the lines came from (resume-at.ts). Not seen before the next thorough read: an
 * earlier record that is edited in place while others are appended; no agent is known to write so.
 */
import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { equalBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Sha256 } from '@baton/shared/primitives'
import type { ReadState, SourceItem } from '../../../core/ports/source.ts'
import { advance, cursorAt, type Position, readTail } from './chain.ts'
import { lastCommon } from './divergence.ts'
import { readLines } from './lines.ts'
import { identityOf, type OpenFile, openRegular } from './open-file.ts'
import { type Checked, resumeAt } from './resume-at.ts'

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
  checked: Checked,
): AsyncGenerator<SourceItem> {
  const open = await openRegular(path)
  if (open === undefined) {
    if (required) throw new BatonError('not-found', 'failed to read a session: its file is gone')
    return
  }
  try {
    const how = { thorough: state.thorough === true, checked }
    const start = await resumeAt(sha256, open, path, state.cursors.get(file), how)
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

/** Whether the path still leads to this file, and it still ends in what was taken. */
async function isStillThere({ handle, stats }: OpenFile, path: string, end: Position) {
  const now = await handle.stat({ bigint: true })
  const there: BigIntStats | undefined = await stat(path, { bigint: true }).catch(() => undefined)
  if (there === undefined || identityOf(there) !== identityOf(stats)) return false
  if (now.size < end.bytes) return false
  return equalBytes(await readTail(handle, end.bytes), end.tail)
}
