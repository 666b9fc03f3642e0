/**
 * Rolls over the lines of one file and knows the cursor that stands behind them. The ids of the log
 * and of the file itself are kept apart where they differ (see Cursor). The tail is of the bytes that
 * were taken, not of what the file holds by then: that is how a rewrite during a read is seen.
 */
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type Bytes, concat, equalBytes } from '@baton/shared/bytes'
import { noRecord, recordId } from '@baton/shared/log/record'
import type { Sha256 } from '@baton/shared/primitives'
import type { Cursor } from '../../../core/ports/source.ts'
import { identityOf, readAt, stampOf } from './open-file.ts'

const tailBytes = 4096

export interface Position {
  readonly records: number
  readonly bytes: number
  readonly record: Bytes
  readonly digest: Bytes
  /** The last min(4 KiB, bytes) bytes before here. */
  readonly tail: Bytes
}

export const startPosition = (): Position => {
  const zero = noRecord()
  return { records: 0, bytes: 0, record: zero, digest: zero, tail: new Uint8Array(0) }
}

/** Moves over `lines`, which `raw` holds with their newlines; `ids` are the log's. */
export function advance(
  sha256: Sha256,
  from: Position,
  { lines, raw }: { readonly lines: readonly Bytes[]; readonly raw: Bytes },
): { position: Position; ids: Bytes[] } {
  let { record, digest } = from
  const same = equalBytes(record, digest)
  const ids: Bytes[] = []
  for (const line of lines) {
    record = recordId(sha256, record, line)
    if (!same) digest = recordId(sha256, digest, line)
    ids.push(record)
  }
  return {
    ids,
    position: {
      records: from.records + lines.length,
      bytes: from.bytes + raw.length,
      record,
      digest: same ? record : digest,
      tail: rollTail(from.tail, raw),
    },
  }
}

export function rollTail(tail: Bytes, raw: Bytes): Bytes {
  if (raw.length >= tailBytes) return raw.slice(-tailBytes)
  return concat(tail, raw).slice(-tailBytes)
}

/** What the file holds now where a position's tail should be. */
export function readTail(handle: FileHandle, bytes: number): Promise<Buffer> {
  const length = Math.min(tailBytes, bytes)
  return readAt(handle, bytes - length, length)
}

export function cursorAt(
  sha256: Sha256,
  path: string,
  stats: BigIntStats,
  { tail, ...position }: Position,
): Cursor {
  return {
    path,
    ...position,
    identity: identityOf(stats),
    stamp: stampOf(stats),
    tail: sha256(tail),
  }
}
