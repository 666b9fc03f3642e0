/**
 * Raw lines of an open file, some at a time, as views of fresh read buffers: nothing is copied, and
 * a line that crosses a buffer's end is read again rather than joined. Memory is one buffer, or one
 * longer line and a buffer (SO2).
 */
import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxContentBytes } from '@baton/shared/limits'
import { readAt } from './open-file.ts'

export interface LineBatch {
  readonly lines: readonly Bytes[]
  /** The same bytes in one piece, newlines included. */
  readonly raw: Bytes
  /** Offset behind the last line's newline. */
  readonly end: number
}

const bufferBytes = 512 * 1024

/** Complete lines of [from, to), without their newlines. What follows the last newline is left. */
export async function* readLines(
  handle: FileHandle,
  from: number,
  to: number,
  maxBytes: number = maxContentBytes,
): AsyncGenerator<LineBatch> {
  const readAhead = (at: number) => readAt(handle, at, Math.min(bufferBytes, to - at))
  let at = from
  let ahead = at < to ? readAhead(at) : undefined
  while (ahead !== undefined) {
    const buffer = await ahead
    const { lines, end } = split(buffer)
    if (end > 0) {
      at += end
      ahead = at < to ? readAhead(at) : undefined
      // Met again at the next round, if there is one.
      ahead?.catch(() => undefined)
      yield { lines, raw: plain(buffer.subarray(0, end)), end: at }
      continue
    }
    // The file ends before `to` (it shrank), or what is left is torn.
    if (buffer.length === 0 || at + buffer.length >= to) return
    const length = await lineLength(handle, at, to, maxBytes)
    if (length === undefined) return
    const raw = plain(await readAt(handle, at, length + 1))
    if (raw[length] !== 10) return
    at += raw.length
    yield { lines: [raw.subarray(0, length)], raw, end: at }
    ahead = at < to ? readAhead(at) : undefined
  }
}

function split(buffer: Buffer): { lines: Bytes[]; end: number } {
  const bytes = plain(buffer)
  const lines: Bytes[] = []
  let start = 0
  // Buffer's search is five times as fast as that of a plain array.
  for (let at = buffer.indexOf(10); at !== -1; at = buffer.indexOf(10, start)) {
    lines.push(bytes.subarray(start, at))
    start = at + 1
  }
  return { lines, end: start }
}

/** Length of the line at `from`, or undefined when it has no newline before `to`. */
async function lineLength(
  handle: FileHandle,
  from: number,
  to: number,
  maxBytes: number,
): Promise<number | undefined> {
  for (let at = from; at < to; at += bufferBytes) {
    const buffer = await readAt(handle, at, Math.min(bufferBytes, to - at))
    const newline = buffer.indexOf(10)
    const length = at - from + (newline === -1 ? buffer.length : newline)
    if (length > maxBytes) {
      throw new BatonError('too-large', `failed to read a session: a line above ${maxBytes} bytes`)
    }
    if (newline !== -1) return length
  }
  return undefined
}

const plain = (buffer: Buffer): Bytes =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
