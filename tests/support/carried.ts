/** A carried session out of plain lines and files, as the repository would stream it. */
import type {
  CarriedFile,
  CarriedSession,
  FoundSession,
  PlacedCursor,
  PlaceOptions,
} from '@baton/client/core/ports/source'
import { nativeSha256 } from '@baton/client/node/platform'
import { type Bytes, utf8Encode } from '@baton/shared/bytes'
import { createRecordChain } from '@baton/shared/log/record'
import type { Taker } from './taken.ts'

const batchLines = 100

export function recordsFile(file: string, lines: readonly (Bytes | string)[]): CarriedFile {
  const all = lines.map((line) => (typeof line === 'string' ? utf8Encode(line) : line))
  const chain = createRecordChain(nativeSha256)
  for (const line of all) chain.next(line)
  return {
    file,
    kind: 'records',
    records: all.length,
    bytes: all.reduce((sum, line) => sum + line.length + 1, 0),
    digest: chain.id(),
    async *read(after = 0) {
      for (let at = after; at < all.length; at += batchLines) yield all.slice(at, at + batchLines)
    },
  }
}

export function wholeFile(file: string, content: Bytes | string): CarriedFile {
  const bytes = typeof content === 'string' ? utf8Encode(content) : content
  return {
    file,
    kind: 'whole',
    records: 0,
    bytes: bytes.length,
    digest: nativeSha256(bytes),
    async *read() {
      for (let at = 0; at < bytes.length; at += 65_536) yield [bytes.subarray(at, at + 65_536)]
    },
  }
}

export const mainOf = (lines: readonly (Bytes | string)[]) => recordsFile('transcript.jsonl', lines)

/** All that a taker holds of a found session. */
export function carriedSession(taker: Taker, session: FoundSession): CarriedSession {
  const files = taker
    .files()
    .map((file) =>
      taker.cursors.has(file)
        ? recordsFile(file, taker.lines(file))
        : wholeFile(file, taker.bytes(file)),
    )
  const { agent, agentSession, project, repository } = session
  return { agent, agentSession, project, repository, files }
}

export const placing = (more: Partial<PlaceOptions> = {}): PlaceOptions => ({
  maps: [],
  cursors: new Map<string, PlacedCursor>(),
  ...more,
})
