/**
 * Takes in what others wrote (rules RP1, RP6, RP10): verifies a run against what is held of its log
 * and gives it to the store, while earlier runs may still be being written. What verifies is kept
 * whatever it means.
 */
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import type { LogId } from '@baton/shared/ids'
import { type Delta, lastSeq, type VerifiedDelta, verifyDelta } from '@baton/shared/log/delta'
import type { Primitives } from '@baton/shared/primitives'
import type { Store } from '../ports/store.ts'
import type { Blobs } from './blobs.ts'
import type { Heads } from './heads.ts'
import type { Lacking } from './lacking.ts'
import type { PackedRun, Packing } from './packing.ts'
import { type DeltaFacts, deltaRows, factsOf, type StoredHead } from './rows.ts'
import type { Stamps } from './stamps.ts'

export type Received =
  | { readonly at: 'known' | 'refused' }
  /** `lacks`: blobs that it names and that were not held, when there are any. */
  | { readonly at: 'stored'; readonly lacks?: readonly Bytes[] }
  /** Held up to there, and signed there with another signature: the author may have forked. */
  | { readonly at: 'other' }
  | { readonly at: 'gap'; readonly have: number }

export interface ReceivingPorts {
  readonly store: Store
  readonly primitives: Primitives
  readonly packing: Packing
  readonly heads: Heads
  readonly blobs: Blobs
  readonly lacking: Lacking
  readonly stamps: Stamps
  /** How far all agree on a log: nothing more of it is taken. */
  agreed(log: LogId): number
  /** It is held up to there now. */
  reached(log: LogId): Promise<void>
  /** A peer holds this of a log. */
  met(log: LogId): void
  grew(log: LogId, grown: { readonly delta: VerifiedDelta; readonly facts: DeltaFacts }): void
  completed(hash: Bytes): void
}

export function createReceiving(ports: ReceivingPorts) {
  const { store, packing, heads, blobs, lacking, stamps } = ports
  const lanes = new Map<LogId, Promise<unknown>>()
  /** Runs of a log given to the store one behind the other and not written: the next follows `tip`. */
  const lines = new Map<LogId, { tip: StoredHead }>()
  /** The last run of a log that is being written. */
  const writing = new Map<LogId, Promise<unknown>>()
  const latest = (log: LogId) => lines.get(log)?.tip ?? heads.head(log)

  /** Verifies a run and gives it to the store; the next one need not wait until it is written. */
  async function take(delta: Delta, packed?: PackedRun): Promise<{ done: Promise<Received> }> {
    const held = latest(delta.log)
    if (held && held.seq >= ports.agreed(delta.log)) return settled({ at: 'known' })
    const verdict = await verifyDelta(ports.primitives, held, delta)
    if (verdict.at === 'gap') return settled({ at: 'gap', have: held?.seq ?? 0 })
    if (verdict.at === 'known' && held && isOther(held, delta)) return settled({ at: 'other' })
    if (verdict.at !== 'verified') return settled({ at: verdict.at })
    const fresh = verdict.delta
    const facts = factsOf(fresh)
    const missing: Bytes[] = []
    for (const hash of facts.blobs) if (!(await blobs.complete(hash))) missing.push(hash)
    // A run that was cut to what is new has to be packed anew.
    const run = packed && fresh.after === delta.after ? packed : await packing.pack(fresh)
    // What it follows was refused by the disk meanwhile.
    if (latest(delta.log) !== held) return take(delta, packed)
    const made = deltaRows(fresh, facts, run, held?.bytes ?? 0)
    const line = lines.get(delta.log) ?? { tip: made.head }
    line.tip = made.head
    lines.set(delta.log, line)
    const done = finish(fresh, facts, made, missing, line)
    const tail = done.catch(() => undefined)
    writing.set(delta.log, tail)
    void tail.then(() => writing.get(delta.log) === tail && writing.delete(delta.log))
    return { done }
  }

  async function finish(
    delta: VerifiedDelta,
    facts: DeltaFacts,
    { head, rows }: ReturnType<typeof deltaRows>,
    missing: readonly Bytes[],
    line: { tip: StoredHead },
  ): Promise<Received> {
    const { log } = delta
    const lacks = lacking.add(log, delta.after, missing)
    try {
      await store.write([...rows, ...lacks.rows])
    } catch (error) {
      // The disk refuses what stands behind it too, and may tell when a new line has begun.
      if (lines.get(log) === line) lines.delete(log)
      throw error
    }
    if (lines.get(log)?.tip === head) lines.delete(log)
    lacks.apply()
    heads.keep(head)
    if (head.seq >= ports.agreed(log)) await ports.reached(log)
    stamps.seen(facts.stamp)
    // More of this device's own log than it has itself: it was restored. Its writer starts anew.
    ports.met(log)
    ports.grew(log, { delta, facts })
    // One that came while this was written is not lacking after all.
    for (const hash of missing) if (await blobs.complete(hash)) ports.completed(hash)
    return missing.length > 0 ? { at: 'stored', lacks: missing } : { at: 'stored' }
  }

  function inLane<T>(log: LogId, run: () => Promise<T>): Promise<T> {
    const before = lanes.get(log) ?? Promise.resolve()
    const taken = before.then(run)
    const lane = taken.catch(() => undefined)
    lanes.set(log, lane)
    void lane.then(() => lanes.get(log) === lane && lanes.delete(log))
    return taken
  }

  return {
    latest,
    /**
     * This device's own runs stand in line, too: a copy of it may have written the same places. Returns
     * what ends that, with or without them on disk.
     */
    hold(heads: Iterable<StoredHead>): () => void {
      const own = [...heads].map((tip) => {
        const line = lines.get(tip.log) ?? { tip }
        line.tip = tip
        lines.set(tip.log, line)
        return { tip, line }
      })
      return () => {
        for (const { tip, line } of own) {
          if (line.tip === tip && lines.get(tip.log) === line) lines.delete(tip.log)
        }
      }
    },
    receive: (delta: Delta, packed?: PackedRun): Promise<Received> =>
      inLane(delta.log, () => take(delta, packed)).then(({ done }) => done),
    /** Runs once nothing of a log is being written; what comes meanwhile waits. */
    alone: <T>(log: LogId, run: () => Promise<T>): Promise<T> =>
      inLane(log, async () => {
        await writing.get(log)
        return run()
      }),
  }
}

/** An author signs a place once, and always with the same bytes. */
const isOther = (held: StoredHead, delta: Delta): boolean =>
  lastSeq(delta) === held.seq && !equalBytes(delta.signature, held.signature)

const settled = (received: Received) => ({ done: Promise.resolve(received) })
