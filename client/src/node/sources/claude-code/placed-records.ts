/**
 * One placed file of records: what has to be done is found out first, and done later, so that nothing
 * is touched unless all of a session can be placed (PL10, PL11).
 */
import type { FileHandle } from 'node:fs/promises'
import { stat } from 'node:fs/promises'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Sha256 } from '@baton/shared/primitives'
import type { CarriedFile, PlacedCursor } from '../../../core/ports/source.ts'
import { align, carriedLines } from './align.ts'
import { diskError, refuseLink, writeWhole } from './atomic.ts'
import { advance, cursorAt, type Position, readTail, startPosition } from './chain.ts'
import { openRegular, versionOf } from './open-file.ts'
import { encodeState, type PlacedState, parseState } from './placed-state.ts'
import { createPlacement, type Placement, type PlacementOptions } from './placement.ts'

export interface PlacedPlan {
  readonly file: CarriedFile
  readonly path: string
  /** Identity and stamp of the file to extend; undefined for a new one. */
  readonly extends: string | undefined
  readonly from: Position
  readonly carried: number
  readonly pending: readonly Bytes[]
  readonly placement: Placement
}

/** Throws `place-exists` or `source-changed` when a file with other records is there. */
export async function planRecords(
  sha256: Sha256,
  path: string,
  file: CarriedFile,
  cursor: PlacedCursor | undefined,
  options: PlacementOptions,
): Promise<PlacedPlan> {
  await refuseLink(path)
  const open = await openRegular(path)
  if (open === undefined) {
    if (options.main && !(await placesSomething(file, options))) throw nothing()
    const placement = createPlacement(options)
    const start = { from: startPosition(), carried: 0, pending: [] }
    return { file, path, extends: undefined, ...start, placement }
  }
  try {
    const version = versionOf(open.stats)
    const size = Number(open.stats.size)
    const untouched =
      cursor?.path === path &&
      version === `${cursor.identity}:${cursor.stamp}` &&
      cursor.bytes === size
    if (untouched && cursor.carried <= file.records) {
      const { records, bytes, record, digest, carried } = cursor
      const tail = new Uint8Array(await readTail(open.handle, size))
      const state = parseState(cursor.state) ?? { opened: true, relink: [] }
      const placement = createPlacement({ ...options, state })
      const from = { records, bytes, record, digest, tail }
      return { file, path, extends: version, from, carried, pending: [], placement }
    }
    const placement = createPlacement(options)
    const found = await align(sha256, open.handle, size, file, placement)
    if (found === undefined) throw cursor === undefined ? exists() : changed()
    const { position: from, carried, pending } = found
    return { file, path, extends: version, from, carried, pending, placement }
  } finally {
    await open.handle.close()
  }
}

/** Looks only as far as the first line that stays, which is near the beginning. */
async function placesSomething(file: CarriedFile, options: PlacementOptions): Promise<boolean> {
  const placement = createPlacement(options)
  for await (const lines of carriedLines(file, 0)) {
    if (lines.some((line) => placement.step(line).length > 0)) return true
  }
  return placement.end().length > 0
}

/** Does what was planned. The cursor it returns stands behind all of the carried file. */
export async function placeRecords(
  sha256: Sha256,
  plan: PlacedPlan,
  how: Pick<PlacedState, 'project' | 'own' | 'as'>,
): Promise<PlacedCursor> {
  const { file, path, placement } = plan
  const position =
    plan.extends === undefined
      ? await writeWhole(path, (handle) => writeLines(sha256, handle, plan))
      : await extend(sha256, plan)
  const stats = await stat(path, { bigint: true })
  const cursor = cursorAt(sha256, path, stats, { ...position, record: file.digest })
  const state = encodeState({ ...how, ...placement.state() })
  return { ...cursor, carried: file.records, state }
}

async function extend(sha256: Sha256, plan: PlacedPlan): Promise<Position> {
  if (plan.carried === plan.file.records && plan.pending.length === 0) {
    const { size } = await stat(plan.path)
    if (size === plan.from.bytes) return plan.from
  }
  const open = await openRegular(plan.path, 'write')
  if (open === undefined) throw changed()
  const { handle, stats } = open
  let written = plan.from.bytes
  try {
    if (versionOf(stats) !== plan.extends) throw changed()
    if (stats.size > plan.from.bytes) await handle.truncate(plan.from.bytes)
    const position = await writeLines(sha256, handle, plan, (bytes) => {
      written = bytes
    })
    await handle.sync()
    return position
  } catch (cause) {
    // A beginning of what could not be had whole is not what the agent is to go on from. What
    // stands behind it is somebody else's.
    const { size } = await handle.stat()
    if (written > plan.from.bytes && size === written) await handle.truncate(plan.from.bytes)
    throw diskError(cause)
  } finally {
    await handle.close()
  }
}

const gatherBytes = 1024 * 1024

async function writeLines(
  sha256: Sha256,
  handle: FileHandle,
  plan: PlacedPlan,
  wrote: (end: number) => void = () => undefined,
): Promise<Position> {
  let position = plan.from
  let lines: Bytes[] = []
  let bytes = 0
  const flush = async () => {
    const raw = joinLines(lines, bytes)
    for (let at = 0; at < raw.length; ) {
      at += (await handle.write(raw, at, raw.length - at, position.bytes + at)).bytesWritten
      wrote(position.bytes + at)
    }
    position = advance(sha256, { ...position, record: position.digest }, { lines, raw }).position
    lines = []
    bytes = 0
  }
  for await (const batch of placedLines(plan)) {
    for (const line of batch) {
      lines.push(line)
      bytes += line.length + 1
      if (bytes >= gatherBytes) await flush()
    }
  }
  if (lines.length > 0) await flush()
  return position
}

function joinLines(lines: readonly Bytes[], bytes: number): Bytes {
  const raw = new Uint8Array(bytes)
  let at = 0
  for (const line of lines) {
    raw.set(line, at)
    at += line.length
    raw[at++] = 10
  }
  return raw
}

async function* placedLines(plan: PlacedPlan): AsyncGenerator<readonly Bytes[]> {
  const { file, carried, pending, placement } = plan
  yield pending
  let taken = carried
  for await (const lines of carriedLines(file, carried)) {
    taken += lines.length
    yield lines.flatMap((line) => placement.step(line))
  }
  if (taken !== file.records) {
    throw new BatonError(
      'invalid',
      `failed to place the session: ${taken} records, not ${file.records}`,
    )
  }
  yield placement.end()
}

const exists = () =>
  new BatonError('place-exists', 'failed to place the session: one with other records is there', {
    hint: 'it is left as it is; the session can be placed beside it as a branch',
  })

const changed = () =>
  new BatonError('source-changed', 'failed to place the session: its file here has new records', {
    hint: 'they are taken up first, then it is placed again',
  })

const nothing = (): BatonError =>
  new BatonError('invalid', 'failed to place the session: it has no record to go on from', {
    hint: 'it is kept for reading: baton show',
  })
