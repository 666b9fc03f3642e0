/**
 * The sending half of an exchange (rules XC1 to XC4, XC11, XC13): streams what the sync machine wants pushed.
 * Small news goes at once on the live lane; anything large, old or with blobs goes deflated on the
 * bulk lane, blobs before the entries that name them. A log never changes to the faster lane before
 * the peer acknowledged what went by the slower one, so its entries arrive in order; nothing goes
 * twice unless the peer says that it lacks it.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { LogId } from '@baton/shared/ids'
import { maxBatchBytes, segmentBytes, segmentEntries } from '@baton/shared/limits'
import { type Delta, deltaSize, encodeDelta, lastSeq } from '@baton/shared/log/delta'
import { encodeFork } from '@baton/shared/log/fork'
import { segments } from '@baton/shared/log/segment'
import { encodeManifest } from '@baton/shared/log/snapshot'
import type { SyncPush } from '@baton/shared/protocol/sync-effects'
import { encodeSync, type SyncForm, syncTypes } from '@baton/shared/protocol/sync-messages'
import type { Channel } from '../ports/channel.ts'
import type { Deflate } from '../ports/platform.ts'
import { rawSize } from '../repo/packing.ts'
import type { Repository } from '../repo/repository.ts'
import { createBatching } from './batching.ts'
import { createBlobSending } from './blob-sending.ts'
import { joined } from './joining.ts'
import { createOwed } from './owed.ts'
import { createParcels } from './parcels.ts'

export interface OutgoingPorts {
  readonly channel: Channel
  readonly repository: Repository
  readonly deflate: Deflate
  acked(log: LogId): number
  name(log: LogId): Bytes
  /** The same run for a peer that has the text it is about. */
  withoutText(delta: Delta): SyncForm<'aheadDelta'> | undefined
  failed(error: unknown): void
}

export interface Outgoing {
  say(form: SyncForm<keyof typeof syncTypes>): void
  /** HELLO, then the pushes, all on one lane, and behind batches PUSHED. */
  greet(digest: Bytes, pushes: readonly SyncPush[]): void
  push(push: SyncPush): void
  /** The proof that a log forked. */
  fork(log: LogId): void
  /** The peer wants a blob from `offset` on; `offset` at its end means: enough. */
  blob(hash: Bytes, offset: number): void
  /** A blob became complete here. */
  blobDone(hash: Bytes): void
  /** PUSHED, behind everything asked for so far. */
  pushed(): void
  /** Raw and wire bytes of entries and blobs sent so far. */
  readonly sent: { raw: number; wire: number }
}

/** News up to this size goes uncompressed on the live lane. */
const liveBytes = 16 * 1024
/** A log that a push names, in memory. */
const rowBytes = 128

export function createOutgoing(ports: OutgoingPorts): Outgoing {
  const { channel, repository } = ports
  const sent = { raw: 0, wire: 0 }
  /** Last seq of each log that went, or will go, by the bulk lane. */
  const slow = new Map<LogId, number>()
  /** Last seq of each log that went on this link at all. */
  const gone = new Map<LogId, number>()
  const count = (raw: number, message: Bytes) => {
    sent.raw += raw
    sent.wire += message.length
  }
  const batching = createBatching(ports.deflate, count)
  const blobs = createBlobSending({ ...ports, shrink: batching.shrink, count })
  const owed = createOwed(ports.failed)
  let bulk: Promise<void> = Promise.resolve()
  let live: Promise<void> = Promise.resolve()

  const onBulk = (run: () => Promise<void>) => {
    bulk = bulk.then(run).catch(ports.failed)
  }
  const onLive = (run: () => Promise<void>) => {
    live = live.then(run).catch(ports.failed)
  }
  const say = (form: SyncForm<keyof typeof syncTypes>) => {
    // As bytes, since its rows take several times as much in memory.
    const message = encodeSync(form)
    owed.due(message.length, onLive, () => channel.send('live', message))
  }
  const pushed = () =>
    owed.due(0, onBulk, () => channel.send('bulk', encodeSync([syncTypes.pushed])))

  /** Runs of a push from behind what already went, unless the peer says itself that it lacks it. */
  async function* runs({ logs, again }: SyncPush) {
    for (const { log, after } of logs) {
      const from = again ? after : Math.max(after, gone.get(log) ?? 0)
      if (from >= repository.agreed(log)) continue
      for await (const run of repository.runs(log, from)) {
        // What is behind a fork is asked for by nobody; it may have been found meanwhile.
        const fork = repository.forks.of(log)
        if (fork && run.after >= fork.after.seq) break
        yield run
      }
    }
  }

  function went(log: LogId, last: number): void {
    gone.set(log, Math.max(gone.get(log) ?? 0, last))
  }

  const isSlow = ({ first, logs }: SyncPush) =>
    first || logs.some(({ log }) => (slow.get(log) ?? 0) > ports.acked(log))

  /** All runs of pushes when they are few and name no blobs. */
  async function collectSmall(pushes: readonly SyncPush[]): Promise<Delta[] | undefined> {
    const found: Delta[] = []
    let size = 0
    for (const push of pushes) {
      if (isSlow(push)) return undefined
      for await (const { packed, blobs: named } of runs(push)) {
        size += rawSize(packed)
        if (named.length > 0 || size > liveBytes) return undefined
        found.push(await repository.open(packed))
      }
    }
    return [...segments(found, segmentBytes, segmentEntries)]
  }

  function pushBulk(push: SyncPush): void {
    for (const { log } of push.logs) slow.set(log, repository.head(log)?.seq ?? 0)
    // What this device gives by itself is its own to bound.
    if (push.again) owed.due(push.logs.length * rowBytes, onBulk, () => stream(push))
    else onBulk(() => stream(push))
  }

  /** `whole`: the peer asks for it, as it may have done because it has no text. */
  async function sendLive(delta: Delta, whole: boolean): Promise<void> {
    const { log, after, bodies, signature } = delta
    // A peer that gets a log from its beginning may have had it, and lost it: it knows no short name.
    const known = after > 0 && (ports.acked(log) > 0 || (gone.get(log) ?? 0) > 0)
    const shorter = known && !whole ? ports.withoutText(delta) : undefined
    const message = shorter
      ? encodeSync(shorter)
      : known && bodies.length <= segmentEntries
        ? encodeSync([syncTypes.shortDelta, ports.name(log), after, [...bodies], signature])
        : encodeSync([syncTypes.delta, encodeDelta(delta)])
    went(log, lastSeq(delta))
    count(deltaSize(delta), message)
    await channel.send('live', message)
  }

  async function stream(push: SyncPush): Promise<void> {
    if (push.first) await announce(push)
    const parcels = createParcels({
      batching,
      count,
      send: (message) => channel.send('bulk', message),
    })
    for await (const { log, last, packed, blobs: named } of joined(repository, runs(push))) {
      for (const hash of named) {
        if (!blobs.isNews(hash)) continue
        await parcels.flush()
        await blobs.send(hash, 0)
      }
      await parcels.add(packed)
      went(log, last)
      slow.set(log, Math.max(slow.get(log) ?? 0, last))
    }
    await parcels.flush()
  }

  async function announce({ session }: SyncPush): Promise<void> {
    const logs = repository.heads(session).map((head) => ({
      head,
      bytes: head.bytes,
      entries: head.seq,
      segments: Math.ceil(head.bytes / segmentBytes),
    }))
    const manifest = encodeManifest({ session, logs, blobs: { count: 0, bytes: 0 } })
    // One of more logs than a message holds goes without: every run proves itself.
    if (manifest.length > maxBatchBytes) return
    await channel.send('bulk', encodeSync([syncTypes.snapshot, manifest]))
  }

  return {
    sent,
    say,
    greet(digest, pushes) {
      onLive(async () => {
        const small = await collectSmall(pushes)
        const hello = encodeSync([syncTypes.hello, digest, small ? small.length : null])
        await channel.send('live', hello)
        for (const delta of small ?? []) await sendLive(delta, false)
        if (small) return
        for (const push of pushes) pushBulk(push)
        pushed()
      })
    },
    push(push) {
      if (isSlow(push)) pushBulk(push)
      else {
        const run = async () => {
          const small = await collectSmall([push])
          if (!small) pushBulk(push)
          for (const delta of small ?? []) await sendLive(delta, push.again)
        }
        if (push.again) owed.due(push.logs.length * rowBytes, onLive, run)
        else onLive(run)
      }
    },
    fork(log) {
      const proof = repository.forks.of(log)
      if (proof) say([syncTypes.fork, encodeFork(proof)])
    },
    blob(hash, offset) {
      if (blobs.want(hash, offset)) onBulk(() => blobs.sendWanted(hash))
    },
    blobDone(hash) {
      const offset = blobs.wanted(hash)
      if (offset !== undefined) onBulk(() => blobs.send(hash, offset))
    },
    pushed,
  }
}
