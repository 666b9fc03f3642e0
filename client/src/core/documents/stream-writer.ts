/**
 * A message while this process writes it (rules SW7 to SW9): text is gathered to 8 KiB or 1 s and
 * written down in order, one batch at a time. A piece stays as it was cut until it is on disk, so that
 * what a disk refused is tried again under the same offset and is one in the fold.
 *
 * Text reaches other devices ahead of its pieces too (core/ahead), from the moment it is taken.
 */
import { utf8Encode } from '@baton/shared/bytes'
import { BatonError, type ErrorCode, isBatonError } from '@baton/shared/errors'
import {
  maxContentBytes,
  streamPieceBytes,
  streamPieceMs,
  streamWindowBytes,
} from '@baton/shared/limits'
import type { StreamPiece } from '@baton/shared/model/stream-entries'
import { createTextPieces, utf8Bytes } from '@baton/shared/model/stream-text'
import type { Hasher } from '@baton/shared/primitives'
import type { OwnWriting } from '../ahead/own.ts'
import type { StreamWriter } from '../documents-api.ts'
import { createLanes } from '../lanes.ts'
import type { Clock } from '../ports/platform.ts'

export interface LiveWriter extends StreamWriter {
  /** Tries nothing more by itself. */
  drop(): void
}

export interface WriterPorts {
  readonly id: string
  /** Under which its author holds the session. */
  readonly epoch: number
  readonly clock: Clock
  /** What was said before. */
  readonly before: { readonly bytes: number; readonly hasher: Hasher }
  readonly ahead: OwnWriting
  append(pieces: readonly StreamPiece[]): Promise<void>
  /** All of it is on disk. */
  over(): void
}

export function createStreamWriter(ports: WriterPorts): LiveWriter {
  const { id, epoch, clock, before, ahead, append, over } = ports
  const { hasher } = before
  const text = createTextPieces(streamPieceBytes, ahead.said)
  /** Cut, and not on disk yet. */
  const queue: StreamPiece[] = []
  const inTurn = createLanes<'writer'>()
  let offset = before.bytes
  let queued = 0
  let ended: 'end' | 'broken-off' | undefined
  let flight: Promise<void> | undefined
  let timer: (() => void) | undefined
  let dropped = false
  /** The last batch: until it is on disk nothing more is taken. */
  let failed = false

  function cut(at: StreamPiece['at'], piece: string): void {
    const bytes = utf8Encode(piece)
    hasher.update(bytes)
    const hash = at === 'end' ? hasher.digest() : undefined
    queue.push({ at, epoch, id, offset, text: piece, hash })
    offset += bytes.length
    queued += bytes.length
    ahead.signing(offset)
  }

  function cutRest(): void {
    const rest = text.rest()
    if (rest !== '') cut('piece', rest)
  }

  /** Writes all that is cut; one batch at a time. Rejects with what the disk or the session says. */
  function drain(): Promise<void> {
    flight ??= run()
      .catch((error: unknown) => {
        failed = true
        // That may pass by itself; of the rest whoever calls next is told.
        if (isBatonError(error) && error.code === 'store-full') arm()
        if (isForGood(error)) ahead.over()
        throw error
      })
      .finally(() => {
        flight = undefined
      })
    return flight
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = [...queue]
      await append(batch)
      failed = false
      queue.splice(0, batch.length)
      for (const piece of batch) queued -= utf8Bytes(piece.text)
      ahead.signed(offset - queued)
    }
    if (ended === undefined) return
    ahead.over()
    over()
  }

  /** A batch that is just done knows nothing of what was cut since. */
  async function drainAll(): Promise<void> {
    do await drain()
    while (queue.length > 0)
  }

  const tryDrain = () => void drain().catch(() => undefined)

  function arm(): void {
    if (dropped) return
    timer ??= clock.after(streamPieceMs, () => {
      timer = undefined
      cutRest()
      tryDrain()
    })
  }

  function disarm(): void {
    timer?.()
    timer = undefined
  }

  function take(more: string): void {
    const full = text.add(more)
    for (const piece of full) cut('piece', piece)
    if (full.length > 0) tryDrain()
    if (text.bytes > 0) arm()
  }

  const finish = (at: 'end' | 'broken-off') =>
    inTurn('writer', async () => {
      // Who breaks off what is over says nothing new.
      if (ended === 'end' && at === 'broken-off') at = ended
      if (ended !== undefined && ended !== at) throw isOver()
      if (ended === undefined) {
        ended = at
        cut(at, text.rest(true))
      }
      disarm()
      await drainAll().catch((error: unknown) => {
        // Who may not write there any more need not say that it breaks off.
        if (at === 'broken-off' && isForGood(error)) over()
        throw error
      })
    })

  return {
    id,
    write: (more) =>
      inTurn('writer', async () => {
        if (ended !== undefined) throw isOver()
        const most = maxContentBytes - offset - text.bytes - text.halfBytes
        if (more.length > most || utf8Bytes(more) > most) {
          throw new BatonError('too-large', 'failed to write: the text is larger than 64 MiB')
        }
        // Refused before it is taken: whoever writes on while the disk is full is told.
        while (failed || queued + text.bytes >= streamWindowBytes) await drain()
        take(more)
      }),
    flush: () =>
      inTurn('writer', async () => {
        cutRest()
        disarm()
        await drainAll()
      }),
    end: () => finish('end'),
    abort: () => finish('broken-off'),
    drop() {
      dropped = true
      disarm()
      ahead.over()
    },
  }
}

const isOver = () => new BatonError('invalid', 'failed to write: this message is over')

/** Not the disk's word but the session's: what was said is not going to be signed here. */
const isForGood = (error: unknown): boolean => isBatonError(error) && refusals.has(error.code)
const refusals: ReadonlySet<ErrorCode> = new Set(['not-holder', 'not-permitted', 'revoked'])
