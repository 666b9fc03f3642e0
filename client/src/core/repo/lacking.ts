/**
 * Which stored runs of entries name blobs that are not held yet (rule RP6): a row for each, written
 * and removed in the batches that make it true, so that nothing is acknowledged without its blobs,
 * over restarts and whoever sent them.
 */
import { type Bytes, concat, toHex } from '@baton/shared/bytes'
import { type LogId, logId } from '@baton/shared/ids'
import type { Store, Write } from '../ports/store.ts'
import { lackingKey, under } from './keys.ts'

export interface Lacking {
  /** All blobs named up to this seq of the log are held. */
  floor(log: LogId): number
  /** Hashes that are missing in a log, each once. */
  of(log: LogId): readonly Bytes[]
  /** Hashes that are missing anywhere. */
  all(): readonly Bytes[]
  /** For a run behind seq `after` that names `hashes`: the row, and what to do once it is written. */
  add(log: LogId, after: number, hashes: readonly Bytes[]): { rows: Write[]; apply(): void }
  /** Nothing up to `seq` of a log is needed any more: the rows, and what to do once they are written. */
  forget(log: LogId, seq: number): { rows: Write[]; apply(): void }
  /** For a blob that is complete: the rows, and the logs that lacked it once they are written. */
  rowsWithout(hash: Bytes): Write[]
  remove(hash: Bytes): readonly LogId[]
}

export async function openLacking(store: Store): Promise<Lacking> {
  /** By log, by the seq before the run: what it lacks, by hex. */
  const runs = new Map<LogId, Map<number, ReadonlyMap<string, Bytes>>>()

  /** By blob, by log: which of these runs. A peer may name more blobs than can be looked through. */
  const places = new Map<string, Map<LogId, Set<number>>>()

  function index(name: string, log: LogId, after: number, lacks: boolean): void {
    const byLog = places.get(name) ?? new Map<LogId, Set<number>>()
    const afters = byLog.get(log) ?? new Set<number>()
    if (lacks) afters.add(after)
    else afters.delete(after)
    if (afters.size > 0) byLog.set(log, afters)
    else byLog.delete(log)
    if (byLog.size > 0) places.set(name, byLog)
    else places.delete(name)
  }

  function set(log: LogId, after: number, hashes: ReadonlyMap<string, Bytes>): void {
    const ofLog = runs.get(log) ?? new Map<number, ReadonlyMap<string, Bytes>>()
    for (const name of ofLog.get(after)?.keys() ?? []) index(name, log, after, false)
    for (const name of hashes.keys()) index(name, log, after, true)
    if (hashes.size > 0) ofLog.set(after, hashes)
    else ofLog.delete(after)
    if (ofLog.size > 0) runs.set(log, ofLog)
    else runs.delete(log)
  }

  const byName = (hashes: readonly Bytes[]) => new Map(hashes.map((hash) => [toHex(hash), hash]))

  for await (const [key, row] of store.list(under('w'))) {
    const after = Number(new DataView(key.buffer, key.byteOffset).getBigUint64(57))
    const hashes = Array.from({ length: row.length / 32 }, (_, i) => row.slice(i * 32, i * 32 + 32))
    set(logId(key.slice(1, 57)), after, byName(hashes))
  }

  /** Runs that lack `hash`, with what else they lack. */
  function* without(hash: Bytes): Generator<[LogId, number, ReadonlyMap<string, Bytes>]> {
    const name = toHex(hash)
    for (const [log, afters] of places.get(name) ?? []) {
      for (const after of afters) {
        const rest = new Map(runs.get(log)?.get(after))
        rest.delete(name)
        yield [log, after, rest]
      }
    }
  }

  const rowOf = (log: LogId, after: number, hashes: ReadonlyMap<string, Bytes>): Write =>
    hashes.size > 0
      ? { put: lackingKey(log, after), value: concat(...hashes.values()) }
      : { delete: lackingKey(log, after) }

  function distinct(logs: Iterable<ReadonlyMap<number, ReadonlyMap<string, Bytes>> | undefined>) {
    const found = new Map<string, Bytes>()
    for (const ofLog of logs) {
      for (const hashes of ofLog?.values() ?? []) {
        for (const [name, hash] of hashes) found.set(name, hash)
      }
    }
    return [...found.values()]
  }

  return {
    floor(log) {
      let least = Number.POSITIVE_INFINITY
      for (const after of runs.get(log)?.keys() ?? []) least = Math.min(least, after)
      return least
    },
    of: (log) => distinct([runs.get(log)]),
    all: () => distinct(runs.values()),
    add(log, after, hashes) {
      const named = byName(hashes)
      if (named.size === 0) return { rows: [], apply: () => undefined }
      return { rows: [rowOf(log, after, named)], apply: () => set(log, after, named) }
    },
    forget(log, seq) {
      const behind = [...(runs.get(log)?.keys() ?? [])].filter((after) => after < seq)
      return {
        rows: behind.map((after) => rowOf(log, after, new Map())),
        apply: () => {
          for (const after of behind) set(log, after, new Map())
        },
      }
    },
    rowsWithout: (hash) => [...without(hash)].map((run) => rowOf(...run)),
    remove(hash) {
      const touched = [...without(hash)]
      for (const run of touched) set(...run)
      return [...new Set(touched.map(([log]) => log))]
    },
  }
}
