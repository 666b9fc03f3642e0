/**
 * The receiving half of an exchange (rules XC5 to XC9): verifies and stores what comes, and tells
 * the sync machine what is durable. A message's promise stays pending until its entries are written,
 * so a slow disk holds the peer back. Nothing is acknowledged before it is flushed with its blobs.
 */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { blobChunkBytes, maxBatchBytes } from '@baton/shared/limits'
import { type Delta, decodeDelta } from '@baton/shared/log/delta'
import type { SyncForm, SyncMessage } from '@baton/shared/protocol/sync-messages'
import { splitBatch } from './exchange-out.ts'
import type { Deflate } from './ports/platform.ts'
import type { Repository } from './repo/repository.ts'

export interface IncomingPorts {
  readonly repository: Repository
  readonly deflate: Deflate
  /** Entries of unknown authors are not stored. */
  knows(device: DeviceId): boolean
  /** May this peer bring entries of the session here? */
  accepts(session: SessionId): boolean
  /** The log that a short reference means between this peer and this device. */
  resolve(ref: Bytes): LogId | undefined
  durable(session: SessionId, logs: readonly { log: LogId; received: number }[]): void
  gap(session: SessionId, log: LogId, have: number): void
  missing(session: SessionId, hash: Bytes, have: number): void
  failed(error: unknown): void
}

type Carrying = Extract<SyncMessage, { kind: 'delta' | 'shortDelta' | 'batch' | 'blob' }>

export interface Incoming {
  /** Resolves when the message's contents are written. */
  take(message: Carrying): Promise<void>
  /** After everything taken so far on the bulk lane. */
  after(run: () => void): Promise<void>
  readonly received: { raw: number }
}

interface Waiting {
  readonly session: SessionId
  readonly log: LogId
  /** The log may be acknowledged up to here. */
  readonly below: number
}

export function createIncoming(ports: IncomingPorts): Incoming {
  const { repository, deflate } = ports
  const received = { raw: 0 }
  const dirty = new Map<LogId, SessionId>()
  const waiting = new Map<string, Waiting[]>()
  let bulk: Promise<unknown> = Promise.resolve()
  let flushing = false

  /** In order, while inflating of later messages already runs. */
  function inTurn(ready: Promise<() => Promise<void>>): Promise<void> {
    ready.catch(() => undefined)
    const run = bulk.then(async () => (await ready)())
    bulk = run.catch(() => undefined)
    return run
  }

  function take(message: Carrying): Promise<void> {
    switch (message.kind) {
      case 'delta': {
        const delta = decodeDelta(message.form[1])
        return store(delta)
      }
      case 'shortDelta':
        return takeShort(message.form)
      case 'batch':
        return inTurn(unfold(message.form).then((raw) => () => storeBatch(raw)))
      case 'blob':
        return inTurn(
          unfoldChunk(message.form).then((chunk) => () => storeChunk(message.form, chunk)),
        )
    }
  }

  async function takeShort([, ref, after, bodies, signature]: SyncForm<'shortDelta'>) {
    const log = ports.resolve(ref)
    // Not held here after all: the machine's next check finds out what is missing.
    if (log) await store({ log, after, bodies, signature })
  }

  async function unfold([, rawBytes, packed]: SyncForm<'batch'>): Promise<Bytes> {
    if (rawBytes === 0) return packed
    if (rawBytes > maxBatchBytes) throw tooLarge()
    const raw = await deflate.inflate(packed, rawBytes)
    if (raw.length !== rawBytes) throw tooLarge()
    return raw
  }

  const unfoldChunk = ([, , , , deflated, chunk]: SyncForm<'blob'>): Promise<Bytes> =>
    deflated ? deflate.inflate(chunk, blobChunkBytes) : Promise.resolve(chunk)

  async function storeBatch(raw: Bytes): Promise<void> {
    for (const bytes of splitBatch(raw)) await store(decodeDelta(bytes))
  }

  async function store(delta: Delta): Promise<void> {
    const { session, device } = splitLogId(delta.log)
    if (!ports.knows(device) || !ports.accepts(session)) return
    const result = await repository.receive(delta)
    if (result.at === 'gap') return ports.gap(session, delta.log, result.have)
    if (result.at === 'refused') {
      throw new BatonError('bad-signature', 'failed to take entries: they do not verify')
    }
    if (result.at === 'stored') {
      for (const body of delta.bodies) received.raw += body.length
      for (const hash of repository.lacking(delta.log)) await need(hash, session, delta)
    }
    mark(session, delta.log)
  }

  /** Blobs come before the entries that name them; one that did not is asked for. */
  async function need(hash: Bytes, session: SessionId, delta: Delta): Promise<void> {
    const facts = await repository.blobs.facts(hash)
    if (facts && facts.have === facts.bytes) return
    const list = waiting.get(toHex(hash)) ?? []
    list.push({ session, log: delta.log, below: delta.after })
    waiting.set(toHex(hash), list)
    ports.missing(session, hash, facts?.have ?? 0)
  }

  async function storeChunk([, hash, total, offset]: SyncForm<'blob'>, chunk: Bytes) {
    const result = await repository.blobs.receive(hash, total, offset, chunk)
    if (result !== 'skipped') received.raw += chunk.length
    if (result !== 'done') return
    const waited = waiting.get(toHex(hash)) ?? []
    waiting.delete(toHex(hash))
    for (const { session, log } of waited) mark(session, log)
  }

  function mark(session: SessionId, log: LogId): void {
    dirty.set(log, session)
    if (flushing) return
    flushing = true
    flushAll().catch(ports.failed)
  }

  /** One flush at a time; what is written meanwhile is told by the next. */
  async function flushAll(): Promise<void> {
    try {
      while (dirty.size > 0) {
        const bySession = new Map<SessionId, { log: LogId; received: number }[]>()
        for (const [log, session] of dirty) {
          const rows = bySession.get(session) ?? []
          rows.push({ log, received: acknowledgeable(log) })
          bySession.set(session, rows)
        }
        dirty.clear()
        await repository.flush()
        for (const [session, rows] of bySession) ports.durable(session, rows)
      }
    } finally {
      flushing = false
    }
  }

  function acknowledgeable(log: LogId): number {
    let seq = repository.head(log)?.seq ?? 0
    for (const list of waiting.values()) {
      for (const wait of list) if (wait.log === log) seq = Math.min(seq, wait.below)
    }
    return seq
  }

  return {
    take,
    received,
    after(run) {
      const turn = bulk.then(run)
      bulk = turn.catch(() => undefined)
      return turn
    },
  }
}

const tooLarge = (): BatonError =>
  new BatonError('too-large', 'failed to take a batch: it unfolds to another size than it says')
