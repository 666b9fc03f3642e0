/** What a session must look like once it was carried and placed, from the agent's own files alone. */
import { readFileSync } from 'node:fs'
import { createPlacement } from '@baton/client/node/sources/claude-code/placement'
import type { Bytes } from '@baton/shared/bytes'

const newline = new Uint8Array([10])

/** All of a line file up to its last newline: what is carried of it (SO1). */
export function carriedOf(path: string): Buffer {
  const all = readFileSync(path)
  return all.subarray(0, all.lastIndexOf(10) + 1)
}

export function linesOf(bytes: Buffer): Bytes[] {
  const lines: Bytes[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at)
    lines.push(new Uint8Array(bytes.subarray(at, end)))
    at = end + 1
  }
  return lines
}

/** The placed form of a line file: the documented function of the carried one (PL1 to PL6). */
export function placedOf(carried: Buffer, main: boolean): Buffer {
  const placement = createPlacement({ main, as: undefined })
  const placed = linesOf(carried).flatMap((line) => placement.step(line))
  return Buffer.concat([...placed, ...placement.end()].flatMap((line) => [line, newline]))
}
