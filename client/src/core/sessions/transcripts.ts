/**
 * Folded transcripts (rules BR1, BR8, BR11; the fold itself stands in shared/conflict, how it keeps up
 * in repo/folds.ts), cached in the store: a cache that cannot be read is made anew. And the lines and
 * files behind them, as they were taken.
 */
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import { type Branch, branches } from '@baton/shared/conflict/branches'
import {
  type FileHistory,
  historyTo,
  mainHistory,
  type WholeHistory,
} from '@baton/shared/conflict/history'
import {
  foldEntry,
  foldUnreadable,
  type Held,
  isLeased,
  nextPoint,
  samePoint,
  skipTranscript,
  type TranscriptState,
} from '@baton/shared/conflict/transcript'
import { decodeTranscript, encodeTranscript } from '@baton/shared/conflict/transcript-cache'
import { createTranscript } from '@baton/shared/conflict/transcript-state'
import { BatonError } from '@baton/shared/errors'
import type { LogId, SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import {
  type At,
  type Content,
  fileStart,
  type Position,
  parseFile,
  parseRecord,
} from '@baton/shared/model/agent-entries'
import type { Primitives } from '@baton/shared/primitives'
import type { Store } from '../ports/store.ts'
import type { CutKeeper } from '../repo/cuts.ts'
import { createFolds } from '../repo/folds.ts'
import { foldKey } from '../repo/keys.ts'
import type { Repository } from '../repo/repository.ts'
import { entriesOf } from '../repo/rows.ts'

export interface Transcripts {
  /** The fold of everything held now. The state is the keeper's: read, never changed. */
  state(session: SessionId): Promise<TranscriptState>
  main(session: SessionId): Promise<ReadonlyMap<string, FileHistory>>
  branches(session: SessionId): Promise<readonly Branch[]>
  /**
   * Lines of a line file, some at a time, from record `after` on. Throws `store-corrupt` before the
   * last of them when the store gives other records than were taken.
   */
  lines(history: FileHistory, after?: number): AsyncIterable<readonly Bytes[]>
  /** The position behind each record, in order. */
  points(history: FileHistory): AsyncIterable<Position>
  /** The history of a line file that ends at `end`, when all of it is held. */
  to(session: SessionId, file: string, end: Position): Promise<FileHistory | undefined>
  /** Chunks of a whole file. Throws `store-corrupt` at its end when they are not the ones taken. */
  chunks(history: FileHistory): AsyncIterable<readonly Bytes[]>
  /** Reads all of them back. Throws `store-corrupt`. */
  verify(histories: Iterable<FileHistory>): Promise<void>
  /** What an entry says that writes the same whole file again. */
  content(history: WholeHistory): Promise<Content>
}

/** Lines are handed on in bunches that grow to about this size: who reads wants the first ones soon. */
const bunchBytes = 256 * 1024
const firstBunchBytes = 16 * 1024
/** A fold is written back once it took this many entries. */
const cacheAfter = 2000
const maxCacheBytes = 8 * 1024 * 1024

export function createTranscripts(
  repository: Repository,
  cuts: CutKeeper,
  store: Store,
  { sha256, createHasher }: Pick<Primitives, 'sha256' | 'createHasher'>,
  /** Who holds a session of which a lease is held. */
  heldBy?: (session: SessionId) => Promise<Held>,
): Transcripts {
  /** Entries that a fold took since it was written back. */
  const uncached = new WeakMap<TranscriptState, number>()

  const folds = createFolds<TranscriptState>(repository, cuts, {
    async load(session, under) {
      const row = await store.get(foldKey(session))
      const cached = row && decodeTranscript(sha256, session, row, under)
      return cached ?? createTranscript(session, under)
    },
    begin: createTranscript,
    seq: ({ logs }, log) => logs.get(log)?.seq ?? 0,
    skip: skipTranscript,
    take(folded, log, entries) {
      let taken = uncached.get(folded) ?? 0
      for (const { seq, entry } of entries) {
        if (entry) foldEntry(folded, sha256, log, entry)
        else foldUnreadable(folded, log, seq)
        taken += 1
      }
      uncached.set(folded, taken)
      return true
    },
    async settled(session, folded) {
      if ((uncached.get(folded) ?? 0) < cacheAfter) return
      // Where what is said again stood is not cached: such sessions are few.
      if (folded.again.size > 0) return
      uncached.set(folded, 0)
      const value = encodeTranscript(sha256, folded)
      if (value.length > maxCacheBytes) return
      // A disk that is full refuses it: the fold is made again at the next start.
      await store.write([{ put: foldKey(session), value }]).catch(() => undefined)
    },
  })

  async function state(session: SessionId): Promise<TranscriptState> {
    const folded = await folds.state(session)
    if (heldBy && isLeased(folded)) {
      const { leases, holding } = await heldBy(session)
      folded.held = { leases, holding }
    }
    return folded
  }

  /** The records of a line file with their places, without their lines. */
  async function* records(history: FileHistory): AsyncIterable<{ content: Content; at: At }> {
    if (history.kind !== 'records') return
    for (const { log, from, to } of history.spans) {
      for await (const delta of repository.read(log, from - 1)) {
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
    if (history.kind !== 'records') return
    let skip = after
    /** Full, and held back until more is known to follow it. */
    let full: Bytes[] | undefined
    let bunch: Bytes[] = []
    let size = 0
    let most = firstBunchBytes
    let point = fileStart
    for await (const { content, at } of records(history)) {
      point = nextPoint(sha256, point, content, at)
      if (skip > 0) {
        skip -= 1
        continue
      }
      const line = 'inline' in content ? content.inline : await blob(at.log, content.blob)
      bunch.push(line)
      size += line.length
      if (size < most) continue
      most = Math.min(bunchBytes, most * 2)
      if (full) yield full
      full = bunch
      bunch = []
      size = 0
    }
    // The fold read them as they came and were verified; the disk may have other bytes by now.
    if (!samePoint(point, history.end)) throw damaged()
    if (full) yield full
    if (bunch.length > 0) yield bunch
  }

  /** One that is there in part is still to come; whatever else it is, it is not what was stored. */
  async function blob(log: LogId, hash: Bytes): Promise<Bytes> {
    if (repository.lacking(log).some((each) => equalBytes(each, hash))) {
      throw new BatonError('not-found', 'failed to read a session: not all of it is here yet')
    }
    const bytes = await repository.blobs.whole(hash).catch((cause: unknown) => {
      throw damaged(cause)
    })
    if (!equalBytes(sha256(bytes), hash)) throw damaged()
    return bytes
  }

  async function* points(history: FileHistory): AsyncIterable<Position> {
    let point = fileStart
    for await (const { content, at } of records(history)) {
      point = nextPoint(sha256, point, content, at)
      yield point
    }
  }

  async function content(history: WholeHistory): Promise<Content> {
    const { inline, sha256: sha, bytes, at } = history
    if (!inline) return { blob: sha, bytes }
    for await (const delta of repository.read(at.log, at.seq - 1)) {
      const [first] = entriesOf(delta)
      const whole = first?.entry?.kind === kinds.file ? parseFile(first.entry.payload) : undefined
      const held = whole?.content
      if (!held || !('inline' in held) || !equalBytes(sha256(held.inline), sha)) break
      return held
    }
    throw damaged()
  }

  async function* chunks(history: FileHistory): AsyncIterable<readonly Bytes[]> {
    if (history.kind !== 'whole') return
    const held = await content(history)
    const hasher = createHasher()
    if ('inline' in held) {
      hasher.update(held.inline)
      if (held.inline.length > 0) yield [held.inline]
    } else {
      for await (const { chunk } of repository.blobs.read(held.blob)) {
        hasher.update(chunk)
        yield [chunk]
      }
    }
    if (!equalBytes(hasher.digest(), history.sha256)) throw damaged()
  }

  async function verify(histories: Iterable<FileHistory>): Promise<void> {
    for (const history of histories) {
      const parts = history.kind === 'records' ? lines(history) : chunks(history)
      for await (const part of parts) void part
    }
  }

  const main = async (session: SessionId) => mainHistory(await state(session))
  return {
    state,
    main,
    branches: async (session) => branches(await state(session)),
    lines,
    points,
    to: async (session, file, end) => historyTo(await state(session), file, end),
    chunks,
    content,
    verify,
  }
}

const damaged = (cause?: unknown): BatonError =>
  new BatonError('store-corrupt', 'failed to read a session: the disk gives back other records', {
    cause,
    hint: 'the store of this device is damaged: with it moved away what other devices hold comes again',
  })
