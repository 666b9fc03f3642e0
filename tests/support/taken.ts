/**
 * A taker of what a source reads, as the importer is one: it keeps the lines of every file, the
 * cursors and the versions, and can be asked for the bytes it holds.
 */
import type {
  Cursor,
  FoundSession,
  ReadState,
  Source,
  SourceItem,
} from '@baton/client/core/ports/source'
import { type Bytes, concat, toHex } from '@baton/shared/bytes'

export interface Taker {
  /** Reads everything new and returns the items, the lines and contents being taken. */
  take(how?: { readonly thorough: boolean }): Promise<SourceItem[]>
  lines(file: string): readonly Bytes[]
  /** Complete lines with newlines, or a whole file. */
  bytes(file: string): Bytes
  files(): readonly string[]
  readonly cursors: Map<string, Cursor>
}

const newline = new Uint8Array([10])

export function createTaker(source: Source, session: FoundSession): Taker {
  const lines = new Map<string, Bytes[]>()
  const ids = new Map<string, Set<string>>()
  const wholes = new Map<string, Bytes>()
  const cursors = new Map<string, Cursor>()
  const versions = new Map<string, string>()
  const state: ReadState = {
    cursors,
    versions,
    has: async (file, record) => ids.get(file)?.has(toHex(record)) === true,
  }

  async function keep(item: SourceItem): Promise<void> {
    if (item.kind === 'records') {
      lines.set(item.file, [...(lines.get(item.file) ?? []), ...item.lines])
      const known = ids.get(item.file) ?? new Set()
      for (const id of item.ids) known.add(toHex(id))
      ids.set(item.file, known)
      cursors.set(item.file, item.cursor)
    } else if (item.kind === 'file') {
      const chunks: Bytes[] = []
      for await (const chunk of item.content()) chunks.push(chunk)
      wholes.set(item.file, concat(...chunks))
      versions.set(item.file, item.version)
    } else if (item.kind === 'diverged') {
      lines.set(item.file, (lines.get(item.file) ?? []).slice(0, item.cursor?.records ?? 0))
      if (item.cursor) cursors.set(item.file, item.cursor)
      else cursors.delete(item.file)
    }
  }

  return {
    cursors,
    take: async (how = { thorough: false }) => {
      const items: SourceItem[] = []
      for await (const item of source.read(session, { ...state, ...how })) {
        items.push(item)
        await keep(item)
      }
      return items
    },
    lines: (file) => lines.get(file) ?? [],
    bytes: (file) =>
      wholes.get(file) ?? concat(...(lines.get(file) ?? []).flatMap((line) => [line, newline])),
    files: () => [...lines.keys(), ...wholes.keys()],
  }
}
