/**
 * Folded documents in the store (rules DX1 to DX5): written back once enough was folded and at the
 * end, read when one is opened. Nothing depends on it: what is missing or damaged is folded anew.
 */
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import type { Cuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import {
  chunksOf,
  type DocumentTail,
  decodeDocument,
  decodeTail,
  encodeDocument,
} from '@baton/shared/conflict/document-cache'
import type { SessionId } from '@baton/shared/ids'
import type { Sha256 } from '@baton/shared/primitives'
import type { Store, Write } from '../ports/store.ts'
import { documentKey } from '../repo/keys.ts'
import type { Repository } from '../repo/repository.ts'

export interface DocumentCache {
  load(session: SessionId, cuts: Cuts): Promise<DocumentState | undefined>
  /**
   * The last messages of the history as it stands, without the rest of the document; undefined when
   * the cache is behind what is held.
   */
  tail(session: SessionId, cuts: Cuts): Promise<DocumentTail | undefined>
  /** Entries that a fold took since it was last kept. */
  took(state: DocumentState, entries: number): void
  /** A fold is made anew: what it takes again is not new. */
  anew(from: DocumentState, to: DocumentState): void
  /** Keeps a fold that took enough since; `all`: that took anything. */
  settle(state: DocumentState, all?: boolean): Promise<void>
}

/** Fewer are folded quicker than it is worth to write them down. */
const leastEntries = 1000
const headPart = 0
const tailPart = 1
const firstChunk = 2

export function createDocumentCache(
  store: Store,
  repository: Repository,
  sha256: Sha256,
): DocumentCache {
  /** Entries taken in all, and since the fold was kept. */
  const counts = new WeakMap<DocumentState, { total: number; fresh: number }>()
  /** Checksums of the chunks on disk, by session. */
  const kept = new Map<SessionId, readonly string[]>()

  async function chunksAt(session: SessionId, count: number): Promise<Bytes[] | undefined> {
    const chunks: Bytes[] = []
    for (let i = 0; i < count; i++) {
      const chunk = await store.get(documentKey(session, firstChunk + i))
      if (!chunk) return undefined
      chunks.push(chunk)
    }
    return chunks
  }

  return {
    async load(session, cuts) {
      const head = await store.get(documentKey(session, headPart))
      const count = head && chunksOf(sha256, head)
      const chunks = count === undefined ? undefined : await chunksAt(session, count)
      if (!head || !chunks) return undefined
      const state = decodeDocument(sha256, session, { head, chunks }, cuts)
      // Entries that this device does not hold (its store was brought back from a backup) are none.
      if (!state || !isHeld(state)) return undefined
      counts.set(state, { total: entriesOf(state), fresh: 0 })
      kept.set(session, chunks.map(sumOf))
      return state
    },
    async tail(session, cuts) {
      const row = await store.get(documentKey(session, tailPart))
      const tail = row && decodeTail(sha256, session, row, cuts)
      const heads = repository.heads(session)
      if (!tail || heads.length !== tail.logs.size) return undefined
      for (const { log, seq, hash } of heads) {
        const known = tail.logs.get(log)
        if (known?.seq !== seq || !equalBytes(known.hash, hash)) return undefined
      }
      return tail
    },
    took(state, entries) {
      const { total, fresh } = counts.get(state) ?? { total: 0, fresh: 0 }
      counts.set(state, { total: total + entries, fresh: fresh + entries })
    },
    anew(from, to) {
      const { total, fresh } = counts.get(from) ?? { total: 0, fresh: 0 }
      counts.set(to, { total: 0, fresh: fresh - total })
    },
    async settle(state, all = false) {
      const { total, fresh } = counts.get(state) ?? { total: 0, fresh: 0 }
      // A share of what is there, so that all writing together stays linear.
      const due = all
        ? fresh > 0 && total >= leastEntries
        : fresh >= Math.max(leastEntries, total / 4)
      // What is beside its history is rare: it is read again.
      const { messages, streams } = state.beside
      if (!due || state.stale || state.again || messages.size + streams.size > 0) return
      counts.set(state, { total, fresh: 0 })
      const { session } = state
      const { head, chunks, tail } = encodeDocument(sha256, state)
      const known = kept.get(session) ?? []
      const rows: Write[] = [
        { put: documentKey(session, headPart), value: head },
        { put: documentKey(session, tailPart), value: tail },
      ]
      const sums = chunks.map(sumOf)
      for (const [i, chunk] of chunks.entries()) {
        if (known[i] !== sums[i])
          rows.push({ put: documentKey(session, firstChunk + i), value: chunk })
      }
      for (let i = chunks.length; i < known.length; i++) {
        rows.push({ delete: documentKey(session, firstChunk + i) })
      }
      kept.set(session, sums)
      // A disk that is full refuses it: the fold is made again at the next start.
      await store.write(rows).catch(() => kept.delete(session))
    },
  }

  function isHeld(state: DocumentState): boolean {
    for (const [log, { seq }] of state.logs) {
      if (seq > (repository.head(log)?.seq ?? 0)) return false
    }
    return true
  }
}

function entriesOf({ logs }: DocumentState): number {
  let entries = 0
  for (const { seq } of logs.values()) entries += seq
  return entries
}

/** The checksum at the beginning of a part, as text. */
const sumOf = (part: Bytes): string => part.subarray(0, 8).join()
