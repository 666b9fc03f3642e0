/** Writes one file of records, streamed: a transcript of 1 GB costs 1 MiB of memory. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Json } from './records.ts'

export interface LineFile {
  /** Bytes taken, and complete lines. */
  readonly bytes: () => number
  readonly lines: () => number
  /** One record and its newline. */
  record(value: Json): void
  /** Bytes exactly as given, which may be no JSON and end without a newline. */
  raw(bytes: string | Uint8Array): void
  close(): void
}

const flushAt = 1024 * 1024

export function openLineFile(path: string, flag: 'w' | 'a' = 'w'): LineFile {
  const fd = openSync(path, flag, 0o600)
  let held: Buffer[] = []
  let heldBytes = 0
  let bytes = 0
  let lines = 0
  const flush = () => {
    const all = Buffer.concat(held)
    for (let at = 0; at < all.length; ) at += writeSync(fd, all, at)
    held = []
    heldBytes = 0
  }
  const raw = (given: string | Uint8Array) => {
    const chunk = Buffer.from(given as string)
    held.push(chunk)
    heldBytes += chunk.length
    bytes += chunk.length
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++
    if (heldBytes >= flushAt) flush()
  }
  return {
    bytes: () => bytes,
    lines: () => lines,
    record: (value) => raw(`${JSON.stringify(value)}\n`),
    raw,
    close: () => {
      flush()
      closeSync(fd)
    },
  }
}
