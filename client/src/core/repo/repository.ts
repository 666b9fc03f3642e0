/**
 * All logs this device holds, over a Store (rules RP1 to RP10): what it writes is signed, durable and
 * only then told; what it receives is verified and stored whatever it means. Heads are kept in
 * memory. It does not judge: roles, grants and branches are the folds' business.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, logId, type SessionId, splitLogId } from '@baton/shared/ids'
import { type Head, type SignedHead, startHead } from '@baton/shared/log/chain'
import type { Delta, VerifiedDelta } from '@baton/shared/log/delta'
import type { Descriptor } from '@baton/shared/log/genesis'
import type { Primitives } from '@baton/shared/primitives'
import type { Clock, Deflate, Keyring, Random } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { type Blobs, createBlobs } from './blobs.ts'
import type { Build } from './building.ts'
import { createDropping, openDropped } from './dropped.ts'
import { agreedSeq, type Forks, openForks } from './forks.ts'
import { createHeads, type SessionEnd } from './heads.ts'
import { nameKey, under } from './keys.ts'
import { openLacking } from './lacking.ts'
import { listen } from './listening.ts'
import { createPacking, type PackedRun } from './packing.ts'
import { type Claim, createReading, type StoredRun } from './reading.ts'
import { createReceiving, type Received } from './receiving.ts'
import { hasRoom } from './room.ts'
import {
  type DeltaFacts,
  decodeHead,
  deltaRows,
  entriesOf,
  factsOf,
  type ReadEntry,
  type StoredHead,
} from './rows.ts'
import { createStamps } from './stamps.ts'
import { createWriters, type OtherAuthor } from './writers.ts'

export type { Appender, Build } from './building.ts'

export interface RepositoryPorts {
  readonly store: Store
  readonly primitives: Primitives
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly deflate: Deflate
}

type OnEntries = (log: LogId, entries: readonly ReadEntry[], hashes: Bytes) => void

export interface Repository {
  readonly device: DeviceId
  readonly blobs: Blobs
  sessions(): readonly SessionId[]
  heads(session: SessionId): readonly StoredHead[]
  head(log: LogId): StoredHead | undefined
  readonly forks: Forks
  /** Where the logs of a session end for all who hold them: a log that forked ends before that. */
  ends(session: SessionId): readonly SessionEnd[]
  /** How far the entries of a log are held that all agree on. */
  agreed(log: LogId): number
  /** The frontier digest of a session, 32 bytes. */
  frontier(session: SessionId): Bytes
  /** The log that a name of the wire means, and the shortest name of a log. */
  resolve(name: Bytes): LogId | undefined
  name(log: LogId): Bytes
  /** How far a log is on disk, blobs included, and agreed on: what may be acknowledged. */
  durable(log: LogId): number
  /** Blobs that the stored entries of a log name and that are not held. */
  lacking(log: LogId): readonly Bytes[]
  /**
   * Runs `build` and stores what it appended, with the rows it returned, in one batch. Resolves when
   * that is durable. Calls that come while a flush is in flight share the next one; one that throws
   * fails the calls for its session that came with it.
   */
  write(session: SessionId, build: Build, descriptor?: Descriptor): Promise<void>
  /** The same by a key that is no device's, in a log of its own. */
  writeAs(author: OtherAuthor, session: SessionId, build: Build): Promise<void>
  /** Resolves when all that this device writes of the session goes into a new log. */
  renew(session: SessionId): Promise<void>
  /** Writes as `write` does, into one new log apart; rejects for good once a part of it failed. */
  apart(session: SessionId): (build: Build) => Promise<void>
  /**
   * Holds a log up to a head that its device signed without the entries up to there: those that are
   * held go. Durable when it resolves.
   */
  drop(head: SignedHead): Promise<void>
  /** Behind which place entries of a log are held: 0, or where it was dropped. */
  dropped(log: LogId): Head | undefined
  /** Verifies and stores; durable only after `flush`. `packed`: the form the delta came in. */
  receive(delta: Delta, packed?: PackedRun): Promise<Received>
  /** A delta in the form in which it is kept and sent. */
  pack(delta: Delta): Promise<PackedRun>
  /** The delta of a packed run. Throws `invalid` or `too-large`. */
  open(packed: PackedRun): Promise<Delta>
  /** Signed runs of a log, from behind `after`, as they are kept. Throws `store-corrupt` at a hole. */
  runs(log: LogId, after: number): AsyncIterable<StoredRun>
  /** The same, opened. */
  read(log: LogId, after: number): AsyncIterable<Delta>
  /** Every claim that is stored, a log's in order. */
  claims(): AsyncIterable<Claim>
  flush(): Promise<void>
  /** Tries whether the store takes more. */
  hasRoom(): Promise<boolean>
  /** Runs before `onGrew`, for each claim in order. */
  onClaim(handler: (claim: Claim) => void): void
  /**
   * Entries just stored, each log's in order and read already, with the chain hash of each (32 bytes
   * one after the other); runs before `onGrew`.
   */
  onEntries(handler: OnEntries): void
  /** `own`: written by this process. */
  onGrew(handler: (session: SessionId, log: LogId, own: boolean) => void): () => void
  /** A log was found to fork, or to fork earlier than was known; the proof is on disk. */
  onFork(handler: (log: LogId) => void): () => void
  /** A log is held up to another place, without entries. */
  onDropped(handler: (log: LogId) => void): () => void
  /** A blob is complete now; `logs` lacked it. */
  onBlob(handler: (hash: Bytes, logs: readonly LogId[]) => void): () => void
}

/** A run that was just written, and what was found in it. */
export interface Grown {
  readonly delta: VerifiedDelta
  readonly facts: DeltaFacts
}

export async function openRepository(ports: RepositoryPorts): Promise<Repository> {
  const { store, primitives } = ports
  const claimed = new Set<(claim: Claim) => void>()
  const stored = new Set<OnEntries>()
  const told = new Set<(session: SessionId, log: LogId, own: boolean) => void>()
  const forked = new Set<(log: LogId) => void>()
  const whole = new Set<(hash: Bytes, logs: readonly LogId[]) => void>()
  const gone = new Set<(log: LogId) => void>()
  const packing = createPacking(ports.deflate)
  const dropped = await openDropped(store)
  const reading = createReading(store, packing, dropped)
  const stamps = createStamps(await store.get(nameKey('clock')), ports.clock)
  const lacking = await openLacking(store)
  const heads = createHeads(primitives.sha256)
  for await (const [key, row] of store.list(under('h'))) {
    const head = decodeHead(logId(key.slice(1)), row)
    heads.keep(head)
    heads.flushed(head.log, head.seq)
  }

  const forks = await openForks({
    store,
    primitives,
    read: reading.read,
    from: (log) => dropped.of(log) ?? startHead(primitives.sha256, log),
    async found({ log }) {
      // Nothing more goes into a log that nobody reads to its end.
      writers.met(log)
      await endFork(log)
      for (const handler of [...forked]) handler(log)
    },
  })
  async function endFork(log: LogId): Promise<void> {
    const hash = await forks.hashAt(log)
    const proof = forks.of(log)
    if (proof) heads.fork(log, proof.after.seq, hash)
  }
  for (const { log } of forks.all()) await endFork(log)

  const blobs = createBlobs({
    store,
    createHasher: primitives.createHasher,
    completing: lacking.rowsWithout,
    completed,
  })

  for (const hash of lacking.all()) if (await blobs.complete(hash)) completed(hash)

  /** `written`: rows that went with the blob; entries that named it meanwhile brought theirs later. */
  function completed(hash: Bytes, written: readonly Write[] = []): void {
    const rows = lacking.rowsWithout(hash)
    const logs = lacking.remove(hash)
    // Not awaited: a row that stays behind is found to be wrong at the next opening.
    if (rows.length > written.length) store.write(rows).catch(() => undefined)
    for (const handler of [...whole]) handler(hash, logs)
  }

  /** Entries are read when they are told: kept until the disk wrote, small ones take a hundredfold. */
  function grew(log: LogId, grown: readonly Grown[], own: boolean): void {
    for (const { facts } of grown) {
      for (const { entry } of facts.claims) {
        for (const handler of claimed) handler({ log, entry })
      }
    }
    for (const { delta } of grown) {
      const entries = stored.size > 0 ? [...entriesOf(delta)] : []
      for (const handler of stored) handler(log, entries, delta.hashes)
    }
    const { session } = splitLogId(log)
    for (const handler of [...told]) handler(session, log, own)
  }

  async function commit(deltas: readonly VerifiedDelta[], extra: readonly Write[]): Promise<void> {
    const rows: Write[] = [...extra]
    const ends = new Map<LogId, StoredHead>()
    const grown = new Map<LogId, Grown[]>()
    const packed = await Promise.all(deltas.map(packing.pack))
    for (const [i, delta] of deltas.entries()) {
      const before = ends.get(delta.log) ?? receiving.latest(delta.log)
      if ((before?.seq ?? 0) !== delta.after) {
        throw new BatonError('store-corrupt', 'failed to write: the log is longer than was known')
      }
      const facts = factsOf(delta)
      const made = deltaRows(delta, facts, packed[i] as PackedRun, before?.bytes ?? 0)
      ends.set(delta.log, made.head)
      grown.set(delta.log, [...(grown.get(delta.log) ?? []), { delta, facts }])
      rows.push(...made.rows)
    }
    const mark = stamps.mark()
    if (mark) rows.push({ put: nameKey('clock'), value: mark })
    if (rows.length === 0) return
    const release = receiving.hold(ends.values())
    try {
      await store.write(rows)
      await store.flush()
      for (const head of ends.values()) {
        if ((heads.head(head.log)?.seq ?? 0) < head.seq) heads.keep(head)
        heads.flushed(head.log, head.seq)
      }
    } finally {
      release()
    }
    if (mark) stamps.marked(mark)
    for (const log of ends.keys()) grew(log, grown.get(log) ?? [], true)
  }

  const writers = createWriters({ ...ports, stamps, heads: heads.of, commit })

  const receiving = createReceiving({
    ...ports,
    packing,
    heads,
    blobs,
    lacking,
    stamps,
    agreed: (log) => agreedSeq(forks, log),
    reached: endFork,
    met: writers.met,
    grew: (log, grown) => grew(log, [grown], false),
    completed,
  })

  const drop = createDropping({
    ...{ store, dropped, heads, lacking, alone: receiving.alone },
    done(log) {
      for (const handler of [...gone]) handler(log)
      for (const handler of [...told]) handler(splitLogId(log).session, log, false)
    },
  })

  return {
    device: writers.device,
    blobs,
    sessions: heads.sessions,
    heads: heads.of,
    head: heads.head,
    forks,
    ends: heads.ends,
    agreed: (log) => Math.min(heads.head(log)?.seq ?? 0, agreedSeq(forks, log)),
    frontier: heads.frontier,
    resolve: heads.resolve,
    name: heads.name,
    durable: (log) => Math.min(heads.flushedTo(log), lacking.floor(log), agreedSeq(forks, log)),
    lacking: lacking.of,
    write: writers.write,
    writeAs: writers.writeAs,
    renew: writers.renew,
    apart: writers.apart,
    drop,
    dropped: dropped.of,
    receive: receiving.receive,
    pack: packing.pack,
    open: packing.open,
    runs: reading.runs,
    read: reading.read,
    claims: reading.claims,
    async flush() {
      const dirty = heads.unflushed()
      await store.flush()
      for (const { log, seq } of dirty) heads.flushed(log, seq)
    },
    hasRoom: () => hasRoom(store),
    onClaim: listen(claimed),
    onEntries: listen(stored),
    onGrew: listen(told),
    onFork: listen(forked),
    onDropped: listen(gone),
    onBlob: listen(whole),
  }
}
