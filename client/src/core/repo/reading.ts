/** Reads logs back from the store (rules RP1, RP10): as packed runs for the wire, opened for folds. */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type LogId, logId } from '@baton/shared/ids'
import { readEntry } from '@baton/shared/log/again'
import { type Delta, sliceDelta } from '@baton/shared/log/delta'
import type { Entry } from '@baton/shared/log/entry'
import type { Store } from '../ports/store.ts'
import type { Dropped } from './dropped.ts'
import { deltasAfter, under } from './keys.ts'
import type { PackedRun, Packing } from './packing.ts'
import { decodeStored, fromStore, seqOfKey } from './rows.ts'

/** A run of entries as it is kept. */
export interface StoredRun {
  readonly log: LogId
  /** Seq before the first entry and of the last one. */
  readonly after: number
  readonly last: number
  /** Hashes of the blobs that its entries name, each once. */
  readonly blobs: readonly Bytes[]
  readonly packed: PackedRun
}

/** A beginning of a log, or a grant: what decides who may hold a session; or a drop. */
export interface Claim {
  readonly log: LogId
  readonly entry: Entry
}

export function createReading(store: Store, packing: Packing, dropped: Pick<Dropped, 'of'>) {
  const open = (packed: PackedRun) => fromStore('entries', () => packing.open(packed))

  /** From behind `after`, or where entries are held, to the end. Throws `store-corrupt` at a hole. */
  async function* runs(log: LogId, after: number): AsyncGenerator<StoredRun> {
    let at = Math.max(after, dropped.of(log)?.seq ?? 0)
    for await (const [key, row] of store.list(deltasAfter(log, at))) {
      const last = seqOfKey(key)
      const stored = decodeStored(row)
      if (stored.after > at) {
        // They may have been dropped since this began.
        const gone = dropped.of(log)?.seq ?? 0
        if (gone > at) return yield* runs(log, gone)
        throw new BatonError('store-corrupt', `failed to read a log: entries after ${at} are gone`)
      }
      if (stored.after === at) yield { log, last, ...stored }
      else {
        // Asked for from inside of it: its signature holds for the rest alone, too.
        const packed = packing.plain(sliceDelta(await open(stored.packed), at))
        yield { log, after: at, last, blobs: stored.blobs, packed }
      }
      at = last
    }
  }

  async function* read(log: LogId, after: number): AsyncGenerator<Delta> {
    for await (const { packed } of runs(log, after)) yield await open(packed)
  }

  async function* claims(): AsyncGenerator<Claim> {
    for await (const [key, body] of store.list(under('g'))) {
      const seq = seqOfKey(key)
      yield { log: logId(key.slice(1, 57)), entry: readEntry(body, seq) }
    }
  }

  return { runs, read, claims, open }
}
