/**
 * Folds of sessions, kept up with the repository (rules BR10, CU5). One is made when first asked for; it
 * takes in what is stored as it comes, and reads back only what it missed. What a fold says is the
 * business of whoever gives it (transcripts, documents).
 */
import type { Bytes } from '@baton/shared/bytes'
import type { Cuts } from '@baton/shared/conflict/cuts'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { Head } from '@baton/shared/log/chain'
import { createLanes } from '../lanes.ts'
import type { CutKeeper } from './cuts.ts'
import type { Repository } from './repository.ts'
import { entriesOf, type ReadEntry, type StoredHead } from './rows.ts'

export interface FoldOf<S> {
  /** From a cache, or of nothing, under these cuts. */
  load(session: SessionId, cuts: Cuts): Promise<S>
  /** Of a session of which nothing was held: folded from its first entry on without being asked for. */
  begin?(session: SessionId, cuts: Cuts): S
  /** Last entry of a log that was taken. */
  seq(state: S, log: LogId): number
  /**
   * Takes entries that follow what was taken of a log, passing over those it has; `hashes`: their chain hashes, 32 bytes each,
   * where they are known. False when the rest of them has to wait for other logs.
   */
  take(state: S, log: LogId, entries: Iterable<ReadEntry>, hashes?: Bytes): boolean
  /** A log is held up to there without its entries. */
  skip(state: S, log: LogId, head: Head): void
  /** Throws `store-corrupt` when what was read back up to a head is not what was taken. */
  check?(state: S, head: StoredHead): void
  /** What to begin anew with, when what was taken no longer holds. */
  anew?(state: S): S | undefined
  /** After a fold caught up. */
  settled?(session: SessionId, state: S): Promise<void>
}

export interface Folds<S> {
  /** The fold of everything held now. The state is the keeper's: read, never changed. */
  state(session: SessionId): Promise<S>
  /** Those in memory, as far as they were folded. */
  kept(): Iterable<S>
  isKept(session: SessionId): boolean
}

const maxKept = 64

export function createFolds<S extends object>(
  repository: Repository,
  cuts: CutKeeper,
  fold: FoldOf<S>,
): Folds<S> {
  const kept = new Map<SessionId, S>()
  const inTurn = createLanes<SessionId>()

  function keep(session: SessionId, state: S): S {
    kept.delete(session)
    kept.set(session, state)
    const oldest = kept.keys().next().value
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest)
    return state
  }

  /** What was just stored need not be read again, unless the fold lacks something before it. */
  repository.onEntries((log, entries, hashes) => {
    const { session } = splitLogId(log)
    const after = (entries[0]?.seq ?? 0) - 1
    const state = kept.get(session) ?? (after === 0 ? begun(session, log) : undefined)
    if (state && fold.seq(state, log) === after) fold.take(state, log, entries, hashes)
  })

  // Under other cuts other entries count: rare enough to fold what is asked for again.
  cuts.onChange(() => kept.clear())

  function begun(session: SessionId, log: LogId): S | undefined {
    if (!fold.begin || repository.heads(session).some((head) => head.log !== log)) return undefined
    return keep(session, fold.begin(session, cuts.now()))
  }

  async function catchUp(session: SessionId): Promise<S> {
    let under = cuts.now()
    let state = kept.get(session) ?? (await fold.load(session, under))
    for (let again = true; again; ) {
      // They changed while this one was made.
      if (under !== cuts.now()) {
        under = cuts.now()
        state = await fold.load(session, under)
        continue
      }
      keep(session, state)
      again = await read(session, state)
      const anew = fold.anew?.(state)
      if (anew) state = anew
      again ||= anew !== undefined || under !== cuts.now()
    }
    await fold.settled?.(session, state)
    return state
  }

  /** True when something was taken for which an entry of another log may have waited. */
  async function read(session: SessionId, state: S): Promise<boolean> {
    let taken = false
    let waits = false
    for (const head of repository.heads(session)) {
      const { log, seq } = head
      const gone = repository.dropped(log)
      if (gone && gone.seq > fold.seq(state, log)) {
        fold.skip(state, log, gone)
        taken = true
      }
      const from = fold.seq(state, log)
      if (from >= seq) continue
      for await (const delta of repository.read(log, from)) {
        if (fold.take(state, log, entriesOf(delta))) continue
        waits = true
        break
      }
      taken ||= fold.seq(state, log) > from
      if (fold.seq(state, log) === seq) fold.check?.(state, head)
    }
    return taken && waits
  }

  return {
    kept: () => [...kept.values()],
    isKept: (session) => kept.has(session),
    /** One fold of a session at a time; whoever asks meanwhile gets the one after it. */
    state: (session) =>
      inTurn(session, () =>
        catchUp(session).catch((error: unknown) => {
          // One that could not be made may have taken what is not so.
          kept.delete(session)
          throw error
        }),
      ),
  }
}
