/**
 * All logs this device holds, over a Store (rules RP1 to RP8): what it writes is signed, durable and
 * only then told; what it receives is verified and stored whatever it means. Heads are kept in
 * memory. It does not judge: roles, grants and branches are the folds' business.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { Value } from '@baton/shared/encoding/msgpack'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, logId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { Delta, VerifiedDelta } from '@baton/shared/log/delta'
import { deltaSize, lastSeq, sliceDelta, verifyDelta } from '@baton/shared/log/delta'
import { type Dep, decodeEntry, type Entry } from '@baton/shared/log/entry'
import { frontierDigest } from '@baton/shared/log/frontier'
import type { Descriptor } from '@baton/shared/log/genesis'
import type { Written } from '@baton/shared/log/writer'
import type { Primitives } from '@baton/shared/primitives'
import type { Clock, Keyring, Random } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { type Blobs, createBlobs } from './blobs.ts'
import { createHeads } from './heads.ts'
import { claimKey, deltaKey, deltasAfter, headKey, nameKey, under } from './keys.ts'
import { openLacking } from './lacking.ts'
import {
  type DeltaFacts,
  decodeHead,
  decodeStored,
  encodeHead,
  encodeStored,
  factsOf,
  type StoredDelta,
  type StoredHead,
} from './rows.ts'
import { createStamps } from './stamps.ts'
import { createWriters } from './writers.ts'

export interface RepositoryPorts {
  readonly store: Store
  readonly primitives: Primitives
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
}

/** The log being written, for the time of one `build`. */
export interface Appender {
  /** This process's log of the session, or undefined before its first entry. */
  readonly log: LogId | undefined
  /** Adds one entry; the position it gets is final once `write` resolves. */
  append(kind: number, payload: Value, deps?: readonly Dep[]): Written
}

/** Appends entries and returns rows that go into the same batch. */
export type Build = (to: Appender) => readonly Write[]

export type Received =
  | { readonly at: 'stored' | 'known' | 'refused' }
  | { readonly at: 'gap'; readonly have: number }

/** A beginning of a log, or a grant: what decides who may hold a session. */
export interface Claim {
  readonly log: LogId
  readonly entry: Entry
}

export interface Repository {
  readonly device: DeviceId
  readonly blobs: Blobs
  sessions(): readonly SessionId[]
  heads(session: SessionId): readonly StoredHead[]
  head(log: LogId): StoredHead | undefined
  /** The frontier digest of a session, 32 bytes. */
  frontier(session: SessionId): Bytes
  /** The log that a name of the wire means, and the shortest name of a log. */
  resolve(name: Bytes): LogId | undefined
  name(log: LogId): Bytes
  /** How far a log is on disk, blobs included: what may be acknowledged. */
  durable(log: LogId): number
  /** Blobs that the stored entries of a log name and that are not held. */
  lacking(log: LogId): readonly Bytes[]
  /**
   * Runs `build` and stores what it appended, with the rows it returned, in one batch. Resolves when
   * that is durable. Calls that come while a flush is in flight share the next one; one that throws
   * fails the calls for its session that came with it.
   */
  write(session: SessionId, build: Build, descriptor?: Descriptor): Promise<void>
  /** Verifies and stores; durable only after `flush`. */
  receive(delta: Delta): Promise<Received>
  /** Signed runs of a log, from behind `after`. Throws `store-corrupt` at a hole. */
  read(log: LogId, after: number): AsyncIterable<StoredDelta>
  /** Every claim that is stored, a log's in order. */
  claims(): AsyncIterable<Claim>
  flush(): Promise<void>
  /** Tries whether the store takes more. */
  hasRoom(): Promise<boolean>
  /** Runs before `onGrew`, for each claim in order. */
  onClaim(handler: (claim: Claim) => void): void
  /** `own`: written by this process. */
  onGrew(handler: (session: SessionId, log: LogId, own: boolean) => void): () => void
  /** A blob is complete now; `logs` lacked it. */
  onBlob(handler: (hash: Bytes, logs: readonly LogId[]) => void): () => void
}

const probeBytes = 256 * 1024

export async function openRepository(ports: RepositoryPorts): Promise<Repository> {
  const { store, primitives } = ports
  const claimed = new Set<(claim: Claim) => void>()
  const grown = new Set<(session: SessionId, log: LogId, own: boolean) => void>()
  const whole = new Set<(hash: Bytes, logs: readonly LogId[]) => void>()
  const lanes = new Map<LogId, Promise<unknown>>()
  /** Verified and given to the store, not written yet: what the next run of a log has to follow. */
  const tips = new Map<LogId, StoredHead>()
  const latest = (log: LogId) => tips.get(log) ?? heads.head(log)
  const stamps = createStamps(await store.get(nameKey('clock')), ports.clock)
  const lacking = await openLacking(store)
  const heads = createHeads((rows) => frontierDigest(primitives.sha256, rows))
  for await (const [key, row] of store.list(under('h'))) {
    const head = decodeHead(logId(key.slice(1)), row)
    heads.keep(head)
    heads.flushed(head.log, head.seq)
  }

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

  /** The rows that make a verified delta part of its log, which has `before` bytes of bodies. */
  function rowsFor(delta: VerifiedDelta, facts: DeltaFacts, before: number) {
    const head: StoredHead = { ...delta.head, bytes: before + deltaSize(delta) }
    const value = encodeStored({ delta, blobs: facts.blobs })
    const rows: Write[] = [
      { put: deltaKey(delta.log, lastSeq(delta)), value },
      { put: headKey(delta.log), value: encodeHead(head) },
    ]
    for (const { entry, body } of facts.claims) {
      rows.push({ put: claimKey(delta.log, entry.seq), value: body })
    }
    return { head, rows }
  }

  function grew(log: LogId, facts: readonly DeltaFacts[], own: boolean): void {
    const claims = facts.flatMap((each) => each.claims.map(({ entry }) => ({ log, entry })))
    for (const claim of claims) for (const handler of claimed) handler(claim)
    const { session } = splitLogId(log)
    for (const handler of [...grown]) handler(session, log, own)
  }

  async function commit(deltas: readonly VerifiedDelta[], extra: readonly Write[]): Promise<void> {
    const rows: Write[] = [...extra]
    const ends = new Map<LogId, StoredHead>()
    const facts = new Map<LogId, DeltaFacts[]>()
    for (const delta of deltas) {
      const before = ends.get(delta.log) ?? latest(delta.log)
      if ((before?.seq ?? 0) !== delta.after) {
        throw new BatonError('store-corrupt', 'failed to write: the log is longer than was known')
      }
      const told = factsOf(delta)
      const made = rowsFor(delta, told, before?.bytes ?? 0)
      ends.set(delta.log, made.head)
      facts.set(delta.log, [...(facts.get(delta.log) ?? []), told])
      rows.push(...made.rows)
    }
    const mark = stamps.mark()
    if (mark) rows.push({ put: nameKey('clock'), value: mark })
    if (rows.length === 0) return
    await store.write(rows)
    await store.flush()
    if (mark) stamps.marked(mark)
    for (const head of ends.values()) {
      heads.keep(head)
      heads.flushed(head.log, head.seq)
    }
    for (const log of ends.keys()) grew(log, facts.get(log) ?? [], true)
  }

  const writers = createWriters({ ...ports, stamps, heads: heads.of, commit })

  /** Verifies a run and gives it to the store; the next one need not wait until it is written. */
  async function take(delta: Delta): Promise<{ readonly done: Promise<Received> }> {
    const held = latest(delta.log)
    const verdict = await verifyDelta(primitives, held, delta)
    if (verdict.at === 'gap') return settled({ at: 'gap', have: held?.seq ?? 0 })
    if (verdict.at !== 'verified') return settled({ at: verdict.at })
    const facts = factsOf(verdict.delta)
    const missing: Bytes[] = []
    for (const hash of facts.blobs) if (!(await blobs.complete(hash))) missing.push(hash)
    // What it follows was refused by the disk meanwhile.
    if (latest(delta.log) !== held) return take(delta)
    const made = rowsFor(verdict.delta, facts, held?.bytes ?? 0)
    tips.set(delta.log, made.head)
    return { done: finish(verdict.delta, facts, made, missing) }
  }

  async function finish(
    delta: VerifiedDelta,
    facts: DeltaFacts,
    { head, rows }: ReturnType<typeof rowsFor>,
    missing: readonly Bytes[],
  ): Promise<Received> {
    const { log } = delta
    const lacks = lacking.add(log, delta.after, missing)
    try {
      await store.write([...rows, ...lacks.rows])
    } catch (error) {
      tips.delete(log)
      throw error
    }
    if (tips.get(log) === head) tips.delete(log)
    lacks.apply()
    heads.keep(head)
    stamps.seen(facts.stamp)
    // More of this device's own log than it has itself: it was restored. Its writer starts anew.
    writers.met(log)
    grew(log, [facts], false)
    // One that came while this was written is not lacking after all.
    for (const hash of missing) if (await blobs.complete(hash)) completed(hash)
    return { at: 'stored' }
  }

  async function* read(log: LogId, after: number): AsyncIterable<StoredDelta> {
    let at = after
    for await (const [, row] of store.list(deltasAfter(log, after))) {
      const { delta, blobs: named } = decodeStored(row)
      if (delta.after > at) {
        throw new BatonError('store-corrupt', `failed to read a log: entries after ${at} are gone`)
      }
      yield { delta: sliceDelta(delta, at), blobs: named }
      at = lastSeq(delta)
    }
  }

  async function* claims(): AsyncIterable<Claim> {
    for await (const [key, body] of store.list(under('g'))) {
      const seq = Number(new DataView(key.buffer, key.byteOffset).getBigUint64(57))
      yield { log: logId(key.slice(1, 57)), entry: decodeEntry(body, seq) }
    }
  }

  const listen =
    <T>(handlers: Set<T>) =>
    (handler: T) => {
      handlers.add(handler)
      return () => {
        handlers.delete(handler)
      }
    }

  return {
    device: writers.device,
    blobs,
    sessions: heads.sessions,
    heads: heads.of,
    head: heads.head,
    frontier: heads.frontier,
    resolve: heads.resolve,
    name: heads.name,
    durable: (log) => Math.min(heads.flushedTo(log), lacking.floor(log)),
    lacking: lacking.of,
    write: writers.write,
    receive(delta) {
      const before = lanes.get(delta.log) ?? Promise.resolve()
      const taken = before.then(() => take(delta))
      const lane = taken.catch(() => undefined)
      lanes.set(delta.log, lane)
      void lane.then(() => lanes.get(delta.log) === lane && lanes.delete(delta.log))
      return taken.then(({ done }) => done)
    },
    read,
    claims,
    async flush() {
      const dirty = heads.unflushed()
      await store.flush()
      for (const { log, seq } of dirty) heads.flushed(log, seq)
    },
    async hasRoom() {
      const put = nameKey('probe')
      try {
        await store.write([{ put, value: new Uint8Array(probeBytes) }])
        await store.write([{ delete: put }])
        return true
      } catch (error) {
        if (isBatonError(error)) return false
        throw error
      }
    },
    onClaim: listen(claimed),
    onGrew: listen(grown),
    onBlob: listen(whole),
  }
}

const settled = (received: Received) => ({ done: Promise.resolve(received) })
