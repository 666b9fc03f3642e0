/**
 * The receiving half of an exchange (rules XC5 to XC8): verifies and stores what comes, and tells the
 * sync machine what is durable. A message's promise stays pending until its entries are written, so
 * a slow disk holds the peer back. Nothing is acknowledged before it is flushed with its blobs; what
 * cannot be stored now is passed over and asked for later.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { maxBatchBytes, maxGaps, maxRefusedLogs, maxSharedSessions } from '@baton/shared/limits'
import { type Delta, decodeDelta, lastSeq } from '@baton/shared/log/delta'
import { decodeManifest, verifyManifest } from '@baton/shared/log/snapshot'
import type { Primitives } from '@baton/shared/primitives'
import type { SyncForm, SyncMessage } from '@baton/shared/protocol/sync-messages'
import type { Clock, Deflate } from '../ports/platform.ts'
import type { PackedRun } from '../repo/packing.ts'
import type { Repository } from '../repo/repository.ts'
import { splitBatch } from './batching.ts'
import { createDiskTrouble } from './disk-trouble.ts'
import { createForking, type Forking } from './forking.ts'
import { createBlobTaking } from './incoming-blobs.ts'
import { createTurns } from './turns.ts'
import { createUnfolding } from './unfolding.ts'

export interface IncomingPorts {
  readonly repository: Repository
  readonly primitives: Primitives
  readonly deflate: Deflate
  readonly clock: Clock
  /** Entries of unknown authors are not stored. */
  knows(device: DeviceId, session: SessionId): boolean
  /** May this peer bring entries that `author` wrote in the session? */
  accepts(session: SessionId, author: DeviceId): boolean
  /** The log that a name means between this peer and this device. */
  resolve(name: Bytes): LogId | undefined
  /** The entries of a run that leaves out a text; undefined when that is not known. */
  withText(form: SyncForm<'aheadDelta'>): readonly Bytes[] | undefined
  given(log: LogId, seq: number): void
  durable(logs: readonly { log: LogId; given: number; durable: number }[]): void
  gap(log: LogId, have: number): void
  missing(hash: Bytes, have: number): void
  /** What was passed over of these sessions can be taken now. */
  retry(sessions: readonly SessionId[]): void
  /** The disk takes nothing, or again takes something (undefined). */
  trouble(code: 'store-full' | 'store-readonly' | undefined): void
  /** What came of a log is not what is held of it: is it another history by its author? */
  suspect(log: LogId): void
  /** A log's entries do not verify; it is left alone on this link. */
  refused(log: LogId): void
  failed(error: unknown): void
}

export type Carrying = Extract<
  SyncMessage,
  { kind: 'delta' | 'shortDelta' | 'aheadDelta' | 'batch' | 'runs' | 'blob' | 'snapshot' }
>

export interface Incoming extends Forking {
  /** Resolves when the message's contents are written. */
  take(message: Carrying): Promise<void>
  /** After everything taken so far on the bulk lane. */
  after(run: () => void): Promise<void>
  /** Tells what is on disk of a session, whoever gave it. */
  confirm(session: SessionId): void
  /** Who is known or who may hold what changed: what was passed over for that is asked for again. */
  reconsider(): void
  close(): void
  /** Bytes taken, and what snapshots announced. */
  readonly received: { raw: number; announced: number }
}

export function createIncoming(ports: IncomingPorts): Incoming {
  const { repository, deflate } = ports
  const received = { raw: 0, announced: 0 }
  /** Logs to be acknowledged, up to where the peer itself gave them. */
  const dirty = new Map<LogId, number>()
  const given = new Map<LogId, number>()
  /** Where a log stood when its gap was told. */
  const gaps = new Map<LogId, number>()
  const refused = new Set<LogId>()
  /** Sessions of which something was passed over because of who wrote or brought it. */
  const turnedAway = new Set<SessionId>()
  const forking = createForking({ ...ports, refuse })
  const disk = createDiskTrouble({ ...ports, retry: again })
  const count = (bytes: number) => {
    received.raw += bytes
  }
  const blobs = createBlobTaking({ ...ports, disk, taken: count })
  const bulk = createTurns()
  const inTurn = createUnfolding(bulk)
  const live = createTurns()
  let flushing = false

  const offBlob = repository.onBlob((_hash, logs) => {
    mark(...logs.filter((log) => given.has(log)))
  })

  async function take(message: Carrying): Promise<void> {
    switch (message.kind) {
      case 'delta':
        return live(async () => ({ done: store(decodeDelta(message.form[1])) }))
      case 'shortDelta':
        return takeShort(message.form)
      case 'aheadDelta':
        return takeWithoutText(message.form)
      case 'batch':
        return inTurn(() => unfold(message.form), storeBatch)
      case 'runs':
        return takeRuns(message.form)
      case 'blob':
        return inTurn(
          () => blobs.unfold(message.form),
          (chunk) => blobs.store(message.form, chunk),
          true,
        )
      case 'snapshot':
        return bulk(async () => ({ done: takeManifest(message.form) }))
    }
  }

  function takeShort([, name, after, bodies, signature]: SyncForm<'shortDelta'>): Promise<void> {
    return live(async (before) => {
      // It may mean a log that a run before it begins.
      if (!ports.resolve(name)) await before
      const log = ports.resolve(name)
      // Not held here after all: the machine's next comparison finds out what is missing.
      return { done: log ? store({ log, after, bodies, signature }) : Promise.resolve() }
    })
  }

  /** Put together as it comes: the text that it leaves out goes as soon as it is stored. */
  function takeWithoutText(form: SyncForm<'aheadDelta'>): Promise<void> {
    const [, , name, after, , , , signature] = form
    const bodies = ports.withText(form)
    return live(async (before) => {
      const log = ports.resolve(name)
      if (!log) return { done: Promise.resolve() }
      const delta = bodies && { log, after, bodies, signature }
      return { done: delta ? store(delta, undefined, true) : before.then(() => askWhole(log)) }
    })
  }

  const askWhole = (log: LogId) => ask(log, repository.head(log)?.seq ?? 0)

  async function unfold([, rawBytes, packed]: SyncForm<'batch'>): Promise<Bytes> {
    if (rawBytes === 0) return packed
    if (rawBytes > maxBatchBytes) throw tooLarge()
    const raw = await deflate.inflate(packed, rawBytes)
    if (raw.length !== rawBytes) throw tooLarge()
    return raw
  }

  /** All of a message's runs are read before any is stored: one that is none ends the link. */
  function takeRuns([, runs]: SyncForm<'runs'>): Promise<void> {
    const packed = runs.map(([rawBytes, bytes]) => ({ rawBytes, bytes }))
    return inTurn(
      () => Promise.all(packed.map(repository.open)),
      async (deltas) => {
        await Promise.all(deltas.map((delta, i) => store(delta, packed[i])))
      },
    )
  }

  async function storeBatch(raw: Bytes): Promise<void> {
    const deltas = [...splitBatch(raw)].map(decodeDelta)
    await Promise.all(deltas.map((delta) => store(delta)))
  }

  /** Its heads are signed by the logs' authors, or it is no snapshot; sizes are for progress only. */
  async function takeManifest([, bytes]: SyncForm<'snapshot'>): Promise<void> {
    const manifest = decodeManifest(bytes)
    if (!(await verifyManifest(ports.primitives, manifest))) {
      throw new BatonError('bad-signature', 'failed to take a snapshot: its heads do not verify')
    }
    for (const log of manifest.logs) received.announced += log.bytes
  }

  /** `guessed`: what is wrong with it is wrong with what was put in here, not with its author. */
  async function store(delta: Delta, packed?: PackedRun, guessed = false): Promise<void> {
    const { log } = delta
    const { session, device } = splitLogId(log)
    if (!ports.knows(device, session) || !ports.accepts(session, device)) {
      // One beyond that is found missing by the next comparison.
      if (turnedAway.size < maxSharedSessions) turnedAway.add(session)
      return
    }
    if (refused.has(log)) return
    ports.given(log, lastSeq(delta))
    const result = await disk.storing(session, () => repository.receive(delta, packed))
    if (guessed && (result?.at === 'other' || result?.at === 'refused')) return askWhole(log)
    if (forking.isCompared(log) && (await forking.look(delta))) return
    switch (result?.at) {
      case undefined:
        return
      case 'other':
        forking.suspect(log)
        return
      case 'gap':
        if (!disk.passedOver(session)) ask(log, result.have)
        return
      case 'refused':
        if (repository.head(log)) forking.suspect(log)
        else refuse(log)
        return
      case 'stored':
        for (const body of delta.bodies) count(body.length)
    }
    gaps.delete(log)
    // What a log lacked before this link is asked for once: there may be many.
    const fresh = result?.at === 'stored' ? (result.lacks ?? []) : []
    const lacks = given.has(log) ? fresh : repository.lacking(log)
    given.set(log, Math.max(given.get(log) ?? 0, lastSeq(delta)))
    for (const hash of lacks) await blobs.want(hash)
    mark(log)
  }

  function refuse(log: LogId): void {
    refused.add(log)
    ports.refused(log)
    if (refused.size <= maxRefusedLogs) return
    throw new BatonError('bad-signature', 'failed to take entries: too many do not verify')
  }

  /** Asked for once for each place at which the log stands. */
  function ask(log: LogId, have: number): void {
    if (gaps.get(log) === have) return
    if (gaps.size >= maxGaps) throw tooManyGaps()
    gaps.set(log, have)
    ports.gap(log, have)
  }

  function mark(...logs: readonly LogId[]): void {
    for (const log of logs) dirty.set(log, given.get(log) ?? 0)
    if (flushing || dirty.size === 0) return
    flushing = true
    flushAll().catch(ports.failed)
  }

  /** One flush at a time; what is written meanwhile is told by the next. */
  async function flushAll(): Promise<void> {
    let logs: (readonly [LogId, number])[] = []
    try {
      while (dirty.size > 0) {
        logs = [...dirty]
        dirty.clear()
        await repository.flush()
        ports.durable(
          logs.map(([log, upTo]) => ({ log, given: upTo, durable: repository.durable(log) })),
        )
      }
    } catch (error) {
      // Something else that was under way did not fit; these are flushed when there is room.
      if (!disk.refused(error)) throw error
      for (const [log, upTo] of logs) if (!dirty.has(log)) dirty.set(log, upTo)
    } finally {
      flushing = false
    }
  }

  /** The disk takes something again. */
  function again(sessions: readonly SessionId[]): void {
    blobs.forget()
    for (const log of given.keys()) {
      for (const hash of repository.lacking(log)) blobs.want(hash).catch(ports.failed)
    }
    mark(...dirty.keys())
    ports.retry(sessions)
  }

  return {
    take,
    ...forking,
    received,
    after: (run) =>
      bulk(async (before) => {
        await before
        run()
        return { done: Promise.resolve() }
      }),
    confirm(session) {
      mark(...repository.heads(session).map(({ log }) => log))
    },
    reconsider() {
      const sessions = [...turnedAway]
      turnedAway.clear()
      if (sessions.length > 0) ports.retry(sessions)
    },
    close() {
      offBlob()
      disk.close()
    },
  }
}

const tooLarge = () =>
  new BatonError('too-large', 'failed to take a batch: it unfolds to another size than it says')

const tooManyGaps = () =>
  new BatonError('link-limit', 'failed to take entries: too many logs without their beginning')
