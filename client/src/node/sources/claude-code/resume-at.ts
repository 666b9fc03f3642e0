/**
 * Where reading of a file of records goes on (SO3, SO12): at its cursor, if what stands before it is
 * what was taken. An append is believed when the last bytes before the cursor are the same, so that
 * a file that is being written is not read over and over; any other change, another file in its
 * place, and a thorough read have every line before the cursor checked.
 */
import type { BigIntStats } from 'node:fs'
import { equalBytes, toHex } from '@baton/shared/bytes'
import type { Sha256 } from '@baton/shared/primitives'
import type { Clock } from '../../../core/ports/platform.ts'
import type { Cursor } from '../../../core/ports/source.ts'
import { advance, type Position, readTail, startPosition } from './chain.ts'
import { readLines } from './lines.ts'
import { identityOf, type OpenFile, stampOf, stampSize, versionOf } from './open-file.ts'

/** Files that were checked to the first byte, as long as nobody touched them since. */
export interface Checked {
  has(path: string, cursor: Cursor, stats: BigIntStats): boolean
  add(path: string, cursor: Cursor, stats: BigIntStats): void
}

const maxRemembered = 1_000
/** A file changed later than this before it was looked at may change again with the same times. */
const settledMs = 2_000

export function createChecked(clock: Clock): Checked {
  const seen = new Map<string, string>()
  const fact = (cursor: Cursor, stats: BigIntStats) =>
    `${versionOf(stats)} ${cursor.bytes} ${toHex(cursor.digest)}`
  return {
    has: (path, cursor, stats) => seen.get(path) === fact(cursor, stats),
    add(path, cursor, stats) {
      if (clock.now() - Number(stats.ctimeMs) < settledMs) return
      if (seen.size >= maxRemembered) seen.delete(seen.keys().next().value as string)
      seen.set(path, fact(cursor, stats))
    },
  }
}

export interface ResumeHow {
  readonly thorough: boolean
  readonly checked: Checked
}

/** Undefined when the file is not the one the cursor stands in. */
export async function resumeAt(
  sha256: Sha256,
  { handle, stats }: OpenFile,
  path: string,
  cursor: Cursor | undefined,
  { thorough, checked }: ResumeHow,
): Promise<Position | undefined> {
  if (cursor === undefined || cursor.bytes === 0) return startPosition()
  if (stats.size < cursor.bytes) return undefined
  const { records, bytes, record, digest } = cursor
  const tail = await readTail(handle, bytes)
  const here = { records, bytes, record, digest, tail: new Uint8Array(tail) }
  const same = cursor.path === path && cursor.identity === identityOf(stats)
  const untouched = same && cursor.stamp === stampOf(stats)
  if (untouched && !thorough) return here
  if (!equalBytes(sha256(tail), cursor.tail)) return undefined
  const appended = same && Number(stats.size) > stampSize(cursor.stamp)
  if ((appended && !thorough) || checked.has(path, cursor, stats)) return here
  const found = await digestUpTo(sha256, handle, bytes)
  if (found === undefined || !equalBytes(found, digest)) return undefined
  checked.add(path, cursor, stats)
  return here
}

/** The chain over the file's own lines up to `bytes`, if a line ends there. */
async function digestUpTo(
  sha256: Sha256,
  handle: OpenFile['handle'],
  bytes: number,
): Promise<Uint8Array | undefined> {
  let at = startPosition()
  for await (const batch of readLines(handle, 0, bytes)) at = advance(sha256, at, batch).position
  return at.bytes === bytes ? at.digest : undefined
}
