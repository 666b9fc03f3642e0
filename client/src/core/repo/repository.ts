/**
 * All logs this device holds, over a Store (rules RP1 to RP10): what it writes is signed, durable and
 * only then told; what it receives is verified and stored whatever it means. Heads are kept in
 * memory. It does not judge: roles, grants and branches are the folds' business.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type LogId, logId, type SessionId, splitLogId } from '@baton/shared/ids'
import { startHead } from '@baton/shared/log/chain'
import type { VerifiedDelta } from '@baton/shared/log/delta'
import type { Primitives } from '@baton/shared/primitives'
import type { Clock, Deflate, Keyring, Random } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { createBlobs } from './blobs.ts'
import { createDropping, openDropped } from './dropped.ts'
import { agreedSeq, openForks } from './forks.ts'
import { createHeads } from './heads.ts'
import { nameKey, under } from './keys.ts'
import { openLacking } from './lacking.ts'
import { listen } from './listening.ts'
import { deleteLoose } from './loose.ts'
import { createPacking, type PackedRun } from './packing.ts'
import { type Claim, createReading } from './reading.ts'
import { createReceiving } from './receiving.ts'
import type { OnEntries, Repository } from './repository-api.ts'
import { hasRoom } from './room.ts'
import {
  type DeltaFacts,
  decodeHead,
  deltaRows,
  entriesOf,
  factsOf,
  type StoredHead,
} from './rows.ts'
import { createStamps } from './stamps.ts'
import { followsTrail, trailOf } from './trails.ts'
import { createWriters } from './writers.ts'

export type { Appender, Build } from './building.ts'
export type { Repository } from './repository-api.ts'

export interface RepositoryPorts {
  readonly store: Store
  readonly primitives: Primitives
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly deflate: Deflate
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
  // Nothing is on its way yet. A disk that takes nothing keeps no device from starting.
  await deleteLoose(store).catch(() => undefined)
  const reading = createReading(store, packing, dropped)
  const stamps = createStamps(await store.get(nameKey('clock')), ports.clock)
  const lacking = await openLacking(store)
  const heads = createHeads(primitives.sha256)
  for await (const [key, row] of store.list(under('h'))) {
    const head = decodeHead(logId(key.slice(1)), row)
    heads.keep(head)
    heads.flushed(head.log, head.seq)
  }

  const held = {
    sha256: primitives.sha256,
    read: reading.read,
    from: (log: LogId) => dropped.of(log) ?? startHead(primitives.sha256, log),
    gone: dropped.trail,
  }
  const forks = await openForks({
    store,
    primitives,
    ...held,
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
    ...{ store, dropped, heads, lacking, held, alone: receiving.alone },
    async done(log) {
      writers.met(log)
      if (forks.of(log)) await endFork(log)
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
    end: writers.met,
    apart: writers.apart,
    aside: writers.aside,
    drop,
    dropped: dropped.of,
    trail: (head) => trailOf(held, head),
    follows: (trail) => followsTrail(held, trail),
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
