/**
 * The sending half of an exchange (rules XC1 to XC4): streams what the sync machine wants pushed.
 * Small news goes at once on the live lane; anything large, old or with blobs goes deflated on the
 * bulk lane, blobs before the entries that name them. A log never changes to the faster lane before
 * the peer acknowledged what went by the slower one, so its entries arrive in order.
 */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { LogId, SessionId } from '@baton/shared/ids'
import { batchBytes, maxDeltaBytes, segmentBytes } from '@baton/shared/limits'
import { type Delta, deltaSize, encodeDelta, lastSeq } from '@baton/shared/log/delta'
import { encodeManifest } from '@baton/shared/log/snapshot'
import { logRef } from '@baton/shared/protocol/sync'
import { encodeSync, type SyncForm, syncTypes } from '@baton/shared/protocol/sync-messages'
import type { Channel } from './ports/channel.ts'
import type { Deflate } from './ports/platform.ts'
import type { Repository } from './repo/repository.ts'

export interface OutgoingPorts {
  readonly channel: Channel
  readonly repository: Repository
  readonly deflate: Deflate
  acked(log: LogId): number
  failed(error: unknown): void
}

export interface PushJob {
  readonly session: SessionId
  readonly logs: readonly { readonly log: LogId; readonly after: number }[]
  readonly first: boolean
}

export interface Outgoing {
  say(form: SyncForm<keyof typeof syncTypes>): void
  push(job: PushJob): void
  blob(hash: Bytes, offset: number): void
  /** PUSHED, behind everything asked for so far. */
  pushed(): void
  /** Raw and wire bytes of entries and blobs sent so far. */
  readonly sent: { raw: number; wire: number }
}

/** News up to this size goes uncompressed on the live lane. */
const liveBytes = 16 * 1024
/** After a batch that did not shrink this many go as they are. */
const plainRun = 16

export function createOutgoing(ports: OutgoingPorts): Outgoing {
  const { channel, repository, deflate } = ports
  const sent = { raw: 0, wire: 0 }
  /** Last seq of each log that went, or will go, by the bulk lane. */
  const slow = new Map<LogId, number>()
  let bulk: Promise<void> = Promise.resolve()
  let live: Promise<void> = Promise.resolve()
  let plain = 0

  const onBulk = (run: () => Promise<void>) => {
    bulk = bulk.then(run).catch(ports.failed)
  }
  const onLive = (run: () => Promise<void>) => {
    live = live.then(run).catch(ports.failed)
  }

  function push(job: PushJob): void {
    const held = job.logs.some(({ log }) => (slow.get(log) ?? 0) > ports.acked(log))
    if (job.first || held) {
      pushBulk(job)
      return
    }
    onLive(async () => {
      const small = await collectSmall(job)
      if (small) for (const delta of small) await sendLive(delta)
      else pushBulk(job)
    })
  }

  function pushBulk(job: PushJob): void {
    for (const { log } of job.logs) slow.set(log, repository.head(log)?.seq ?? 0)
    onBulk(() => stream(job))
  }

  /** All runs of a job when they are few and name no blobs. */
  async function collectSmall(job: PushJob): Promise<Delta[] | undefined> {
    const found: Delta[] = []
    let size = 0
    for (const { log, after } of job.logs) {
      for await (const { delta, blobs } of repository.read(log, after)) {
        size += deltaSize(delta)
        if (blobs.length > 0 || size > liveBytes) return undefined
        found.push(delta)
      }
    }
    return found
  }

  async function sendLive(delta: Delta): Promise<void> {
    const known = ports.acked(delta.log) > 0
    const message = known
      ? encodeSync([
          syncTypes.shortDelta,
          logRef(delta.log),
          delta.after,
          [...delta.bodies],
          delta.signature,
        ])
      : encodeSync([syncTypes.delta, encodeDelta(delta)])
    count(deltaSize(delta), message.length)
    await channel.send('live', message)
  }

  async function stream(job: PushJob): Promise<void> {
    if (job.first) await announce(job.session)
    const seen = new Set<string>()
    let parts: Bytes[] = []
    let size = 0
    let sending: Promise<void> = Promise.resolve()
    // While one batch is on its way the next is read and deflated.
    const flush = async () => {
      if (parts.length === 0) return
      const packed = pack(parts, size)
      packed.catch(() => undefined)
      await sending
      sending = packed.then((message) => channel.send('bulk', message))
      sending.catch(() => undefined)
      parts = []
      size = 0
    }
    for (const { log, after } of job.logs) {
      for await (const { delta, blobs } of repository.read(log, after)) {
        for (const hash of blobs) {
          if (seen.has(toHex(hash))) continue
          seen.add(toHex(hash))
          await sending
          await sendBlob(hash, 0)
        }
        const part = encodeDelta(delta)
        if (size + part.length + 4 > batchBytes) await flush()
        parts.push(part)
        size += part.length + 4
        slow.set(log, Math.max(slow.get(log) ?? 0, lastSeq(delta)))
      }
    }
    await flush()
    await sending
  }

  async function announce(session: SessionId): Promise<void> {
    const logs = repository.heads(session).map((head) => ({
      head,
      bytes: head.bytes,
      entries: head.seq,
      segments: Math.ceil(head.bytes / segmentBytes),
    }))
    const manifest = encodeManifest({ session, logs, blobs: { count: 0, bytes: 0 } })
    await channel.send('bulk', encodeSync([syncTypes.snapshot, manifest]))
  }

  /** u32 length || delta, repeated; deflated unless the last ones did not shrink. */
  async function pack(parts: readonly Bytes[], size: number): Promise<Bytes> {
    const raw = new Uint8Array(size)
    const view = new DataView(raw.buffer)
    let at = 0
    for (const part of parts) {
      view.setUint32(at, part.length)
      raw.set(part, at + 4)
      at += part.length + 4
    }
    const small = await shrink(raw)
    const message = encodeSync(
      small ? [syncTypes.batch, raw.length, small] : [syncTypes.batch, 0, raw],
    )
    count(raw.length, message.length)
    return message
  }

  async function shrink(raw: Bytes): Promise<Bytes | undefined> {
    if (plain > 0) {
      plain -= 1
      return undefined
    }
    const small = await deflate.deflate(raw)
    if (small.length < raw.length * 0.95) return small
    plain = plainRun
    return undefined
  }

  async function sendBlob(hash: Bytes, offset: number): Promise<void> {
    const facts = await repository.blobs.facts(hash)
    // A blob this device is itself still waiting for: the peer asks again when it matters.
    if (!facts || facts.have < facts.bytes) return
    for await (const { offset: at, chunk } of repository.blobs.read(hash, offset)) {
      const small = await shrink(chunk)
      const message = encodeSync([
        syncTypes.blob,
        hash,
        facts.bytes,
        at,
        small !== undefined,
        small ?? chunk,
      ])
      count(chunk.length, message.length)
      await channel.send('bulk', message)
    }
  }

  function count(raw: number, wire: number): void {
    sent.raw += raw
    sent.wire += wire
  }

  return {
    sent,
    say: (form) => onLive(() => channel.send('live', encodeSync(form))),
    push,
    blob: (hash, offset) => onBulk(() => sendBlob(hash, offset)),
    pushed: () => onBulk(() => channel.send('bulk', encodeSync([syncTypes.pushed]))),
  }
}

/** The deltas of an unfolded batch. Throws `invalid` when lengths do not add up. */
export function* splitBatch(raw: Bytes): Generator<Bytes> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
  let at = 0
  while (at + 4 <= raw.length) {
    const length = view.getUint32(at)
    if (length > maxDeltaBytes || at + 4 + length > raw.length) break
    yield raw.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  if (at !== raw.length) {
    throw new BatonError('invalid', 'failed to take a batch: its lengths do not add up')
  }
}
