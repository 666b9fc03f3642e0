/**
 * Record ids (LG9): a transcript is a chain of raw lines, and a record's id covers every line
 * before it. id = SHA-256("rec\0" || previous id || SHA-256(line)).
 */
import type { Bytes } from '../bytes.ts'
import { label } from '../labels.ts'
import type { Sha256 } from '../primitives.ts'

export const recordIdBytes = 32

const recordLabel = label('record')

/** The id before the first record: 32 zero bytes. A fresh copy, since bytes can be changed. */
export const noRecord = (): Bytes => new Uint8Array(recordIdBytes)

/** `line` is the raw line without its newline. */
export function recordId(sha256: Sha256, previous: Bytes, line: Bytes): Bytes {
  return recordIdOf(sha256, previous, sha256(line))
}

export interface RecordChain {
  /** Takes the next line and returns its id. */
  next(line: Bytes): Bytes
  /** Id of the last line taken. */
  id(): Bytes
  /** Lines taken, those before the start not counted. */
  count(): number
}

/** Rolls over lines, from the first or from behind a record already known. */
export function createRecordChain(sha256: Sha256, after: Bytes = noRecord()): RecordChain {
  let id = after
  let count = 0
  return {
    next: (line) => {
      id = recordId(sha256, id, line)
      count += 1
      return id
    },
    id: () => id,
    count: () => count,
  }
}

/** The same from the line's own SHA-256: what names a long line's blob. */
export const recordIdOf = (sha256: Sha256, previous: Bytes, lineHash: Bytes): Bytes =>
  sha256(recordLabel, previous, lineHash)
