/**
 * Folded transcripts, kept up with the repository (rules BR; the fold itself stands in shared/conflict).
 * A fold is made when first asked for, cached in the store, and goes on from where it stopped; a
 * cache that cannot be read is made anew.
 */
import type { Bytes } from '@baton/shared/bytes'
import {
  type Branch,
  branches,
  type FileHistory,
  historyTo,
  mainHistory,
} from '@baton/shared/conflict/history'
import {
  createTranscript,
  foldEntry,
  nextPoint,
  type TranscriptState,
} from '@baton/shared/conflict/transcript'
import { decodeTranscript, encodeTranscript } from '@baton/shared/conflict/transcript-cache'
import type { SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import {
  type At,
  type Content,
  fileStart,
  type Position,
  parseRecord,
} from '@baton/shared/model/agent-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { Store } from '../ports/store.ts'
import { foldKey } from '../repo/keys.ts'
import type { Repository } from '../repo/repository.ts'
import { entriesOf } from '../repo/rows.ts'

export interface Transcripts {
  /** The fold of everything held now. The state is the keeper's: read, never changed. */
  state(session: SessionId): Promise<TranscriptState>
  main(session: SessionId): Promise<ReadonlyMap<string, FileHistory>>
  branches(session: SessionId): Promise<readonly Branch[]>
  /** Lines of a line file, some at a time, from record `after` on. */
  lines(history: FileHistory, after?: number): AsyncIterable<readonly Bytes[]>
  /** The position behind each record, in order. */
  points(history: FileHistory): AsyncIterable<Position>
  /** The history of a line file that ends at `end`, when all of it is held. */
  to(session: SessionId, file: string, end: Position): Promise<FileHistory | undefined>
  /** Chunks of a whole file. */
  chunks(history: FileHistory): AsyncIterable<readonly Bytes[]>
}

/** Lines are handed on in bunches of about this size. */
const bunchBytes = 256 * 1024
/** A fold is written back once it took this many entries. */
const cacheAfter = 2000
const maxKept = 64

export function createTranscripts(
  repository: Repository,
  store: Store,
  sha256: Sha256,
): Transcripts {
  const kept = new Map<SessionId, TranscriptState>()
  const running = new Map<SessionId, Promise<TranscriptState>>()

  async function load(session: SessionId): Promise<TranscriptState> {
    const row = await store.get(foldKey(session))
    return (row && decodeTranscript(session, row)) ?? createTranscript(session)
  }

  async function catchUp(session: SessionId): Promise<TranscriptState> {
    const state = kept.get(session) ?? (await load(session))
    kept.delete(session)
    kept.set(session, state)
    const oldest = kept.keys().next().value
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest)
    let folded = 0
    for (const { log, seq } of repository.heads(session)) {
      const from = state.logs.get(log)?.seq ?? 0
      if (from >= seq) continue
      for await (const { delta } of repository.read(log, from)) {
        for (const { entry } of entriesOf(delta)) {
          if (entry) foldEntry(state, sha256, log, entry)
          folded += 1
        }
      }
    }
    if (folded >= cacheAfter) {
      await store.write([{ put: foldKey(session), value: encodeTranscript(state) }])
    }
    return state
  }

  /** One fold of a session at a time; whoever asks meanwhile gets the one after it. */
  function state(session: SessionId): Promise<TranscriptState> {
    const before = running.get(session) ?? Promise.resolve()
    const run = before.catch(() => undefined).then(() => catchUp(session))
    running.set(session, run)
    const forget = () => {
      if (running.get(session) === run) running.delete(session)
    }
    run.then(forget, forget)
    return run
  }

  /** The records of a line file with their places, without their lines. */
  async function* records(history: FileHistory): AsyncIterable<{ content: Content; at: At }> {
    if (history.kind !== 'records') return
    for (const { log, from, to } of history.spans) {
      for await (const { delta } of repository.read(log, from - 1)) {
        if (delta.after >= to) break
        for (const { seq, entry } of entriesOf(delta)) {
          if (seq > to) break
          const record = entry?.kind === kinds.record ? parseRecord(entry.payload) : undefined
          if (record?.file === history.file) yield { content: record.content, at: { log, seq } }
        }
      }
    }
  }

  async function* lines(history: FileHistory, after = 0): AsyncIterable<readonly Bytes[]> {
    let skip = after
    let bunch: Bytes[] = []
    let size = 0
    for await (const { content } of records(history)) {
      if (skip > 0) {
        skip -= 1
        continue
      }
      const line = 'inline' in content ? content.inline : await repository.blobs.whole(content.blob)
      bunch.push(line)
      size += line.length
      if (size < bunchBytes) continue
      yield bunch
      bunch = []
      size = 0
    }
    if (bunch.length > 0) yield bunch
  }

  async function* points(history: FileHistory): AsyncIterable<Position> {
    let point = fileStart
    for await (const { content, at } of records(history)) {
      point = nextPoint(sha256, point, content, at)
      yield point
    }
  }

  async function* chunks(history: FileHistory): AsyncIterable<readonly Bytes[]> {
    if (history.kind !== 'whole') return
    if ('inline' in history.content) {
      if (history.content.inline.length > 0) yield [history.content.inline]
      return
    }
    for await (const { chunk } of repository.blobs.read(history.content.blob)) yield [chunk]
  }

  const main = async (session: SessionId) => mainHistory(await state(session))
  return {
    state,
    main,
    branches: async (session) => branches(await state(session), await main(session)),
    lines,
    points,
    to: async (session, file, end) => historyTo(await state(session), file, end),
    chunks,
  }
}
