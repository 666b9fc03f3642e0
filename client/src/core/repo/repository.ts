/**
 * All logs this device holds, over a Store (rules RP1 to RP6): what it writes is signed, durable and
 * only then told; what it receives is verified and stored whatever it means. Heads are kept in
 * memory. It does not judge: roles, grants and branches are the folds' business.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, logId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { Delta, VerifiedDelta } from '@baton/shared/log/delta'
import { deltaSize, lastSeq, sliceDelta, verifyDelta } from '@baton/shared/log/delta'
import type { Dep } from '@baton/shared/log/entry'
import type { Descriptor } from '@baton/shared/log/genesis'
import type { Written } from '@baton/shared/log/writer'
import type { Primitives } from '@baton/shared/primitives'
import type { Clock, Keyring, Random } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { type Blobs, createBlobs } from './blobs.ts'
import { deltaKey, deltasAfter, headKey, nameKey, under } from './keys.ts'
import {
  blobsOf,
  decodeHead,
  decodeStored,
  encodeHead,
  encodeStored,
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
  | { readonly at: 'stored'; readonly seq: number; readonly blobs: readonly Bytes[] }
  | { readonly at: 'known' | 'refused' }
  | { readonly at: 'gap'; readonly have: number }

export interface Repository {
  readonly device: DeviceId
  readonly blobs: Blobs
  sessions(): readonly SessionId[]
  heads(session: SessionId): readonly StoredHead[]
  head(log: LogId): StoredHead | undefined
  /**
   * Runs `build` and stores what it appended, with the rows it returned, in one batch. Resolves when
   * that is durable. Calls that come while a flush is in flight share the next one.
   */
  write(session: SessionId, build: Build, descriptor?: Descriptor): Promise<void>
  /** Verifies and stores; durable only after `flush`. */
  receive(delta: Delta): Promise<Received>
  /** Signed runs of a log, from behind `after`. */
  read(log: LogId, after: number): AsyncIterable<StoredDelta>
  flush(): Promise<void>
  /** `own`: written by this process. */
  onGrew(handler: (session: SessionId, log: LogId, own: boolean) => void): () => void
}

export async function openRepository(ports: RepositoryPorts): Promise<Repository> {
  const { store, primitives } = ports
  const bySession = new Map<SessionId, Map<LogId, StoredHead>>()
  const handlers = new Set<(session: SessionId, log: LogId, own: boolean) => void>()
  const lanes = new Map<LogId, Promise<unknown>>()
  const stamps = createStamps(await store.get(nameKey('clock')), ports.clock)

  for await (const [key, row] of store.list(under('h'))) {
    keep(decodeHead(logId(key.slice(1)), row))
  }

  function keep(head: StoredHead): void {
    const { session } = splitLogId(head.log)
    const logs = bySession.get(session) ?? new Map<LogId, StoredHead>()
    logs.set(head.log, head)
    bySession.set(session, logs)
  }

  const headOf = (log: LogId) => bySession.get(splitLogId(log).session)?.get(log)

  /** The rows that make a verified delta part of its log, which has `before` bytes of bodies. */
  function rowsFor(delta: VerifiedDelta, blobs: readonly Bytes[], before: number) {
    const head: StoredHead = { ...delta.head, bytes: before + deltaSize(delta) }
    return {
      head,
      rows: [
        { put: deltaKey(delta.log, lastSeq(delta)), value: encodeStored({ delta, blobs }) },
        { put: headKey(delta.log), value: encodeHead(head) },
      ],
    }
  }

  function grew(log: LogId, own: boolean): void {
    const { session } = splitLogId(log)
    for (const handler of handlers) handler(session, log, own)
  }

  const writers = createWriters({
    ...ports,
    stamps,
    heads: (session) => [...(bySession.get(session)?.values() ?? [])],
    async commit(deltas, extra) {
      const rows: Write[] = [...extra]
      const heads = new Map<LogId, StoredHead>()
      for (const delta of deltas) {
        const before = (heads.get(delta.log) ?? headOf(delta.log))?.bytes ?? 0
        const made = rowsFor(delta, blobsOf(delta), before)
        heads.set(delta.log, made.head)
        rows.push(...made.rows)
      }
      const mark = stamps.mark()
      if (mark) rows.push({ put: nameKey('clock'), value: mark })
      await store.write(rows)
      await store.flush()
      for (const head of heads.values()) keep(head)
      for (const log of heads.keys()) grew(log, true)
    },
  })

  async function receiveOne(delta: Delta): Promise<Received> {
    const held = headOf(delta.log)
    const verdict = await verifyDelta(primitives, held, delta)
    if (verdict.at === 'gap') return { at: 'gap', have: held?.seq ?? 0 }
    if (verdict.at !== 'verified') return { at: verdict.at }
    const blobs = blobsOf(verdict.delta)
    const { head, rows } = rowsFor(verdict.delta, blobs, held?.bytes ?? 0)
    await store.write(rows)
    keep(head)
    // More of this device's own log than it has itself: it was restored. Its writer starts anew.
    writers.met(delta.log)
    grew(delta.log, false)
    return { at: 'stored', seq: head.seq, blobs }
  }

  async function* read(log: LogId, after: number): AsyncIterable<StoredDelta> {
    let at = after
    for await (const [, row] of store.list(deltasAfter(log, after))) {
      const { delta, blobs } = decodeStored(row)
      if (delta.after > at) {
        throw new BatonError('store-corrupt', `failed to read a log: entries after ${at} are gone`)
      }
      yield { delta: sliceDelta(delta, at), blobs }
      at = lastSeq(delta)
    }
  }

  return {
    device: writers.device,
    blobs: createBlobs(store, primitives.sha256),
    sessions: () => [...bySession.keys()],
    heads: (session) => [...(bySession.get(session)?.values() ?? [])],
    head: headOf,
    write: writers.write,
    receive(delta) {
      const before = lanes.get(delta.log) ?? Promise.resolve()
      const run = before.then(() => receiveOne(delta))
      const settled = run.catch(() => undefined)
      lanes.set(delta.log, settled)
      void settled.then(() => lanes.get(delta.log) === settled && lanes.delete(delta.log))
      return run
    },
    read,
    flush: () => store.flush(),
    onGrew(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
  }
}
