/**
 * Logs that are held up to a place without their entries (rules CX6, CX7): their device said again what
 * counts of them, and everyone has that. The row is durable before the first entry goes; what a crash
 * leaves of them goes at the next start.
 */
import type { Bytes } from '@baton/shared/bytes'
import { bytesField, seqField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { type LogId, logId } from '@baton/shared/ids'
import { type Head, hashBytes, type SignedHead } from '@baton/shared/log/chain'
import * as z from 'zod/mini'
import type { Store, Write } from '../ports/store.ts'
import type { Heads } from './heads.ts'
import { deltasAfter, dropKey, headKey, under } from './keys.ts'
import type { Lacking } from './lacking.ts'
import { encodeHead, fromStore, seqOfKey } from './rows.ts'

export interface Dropped {
  /** Where the entries of a log begin to be held; undefined when all are. */
  of(log: LogId): Head | undefined
  row(log: LogId, head: Head): Write
  /** The row is durable. */
  apply(log: LogId, head: Head): void
  /** Deletes what is still there of the entries. */
  sweep(log: LogId): Promise<void>
}

const rowSchema = z.tuple([seqField, bytesField(hashBytes)])
/** Deleted in one batch. */
const batchRuns = 256

export async function openDropped(store: Store): Promise<Dropped> {
  const known = new Map<LogId, Head>()
  for await (const [key, row] of store.list(under('x'))) {
    const [seq, hash] = await fromStore('a dropped log', async () => decodeAs(rowSchema, row))
    known.set(logId(key.slice(1)), { seq, hash: hash.slice() })
  }

  async function sweep(log: LogId): Promise<void> {
    const upTo = known.get(log)?.seq ?? 0
    let gone: Bytes[] = []
    const flush = async () => {
      const rows = gone.map((key): Write => ({ delete: key }))
      gone = []
      if (rows.length > 0) await store.write(rows)
    }
    for await (const [key] of store.list(deltasAfter(log, 0))) {
      // A run that goes on behind the place stays whole.
      if (seqOfKey(key) > upTo) break
      gone.push(key.slice())
      if (gone.length >= batchRuns) await flush()
    }
    await flush()
  }

  for (const log of known.keys()) {
    // A disk that takes nothing keeps no device from starting: it goes at a later start.
    await sweep(log).catch(() => undefined)
  }

  return {
    of: (log) => known.get(log),
    row: (log, { seq, hash }) => ({ put: dropKey(log), value: encode([seq, hash]) }),
    apply: (log, head) => known.set(log, head),
    sweep,
  }
}

export interface DroppingPorts {
  readonly store: Store
  readonly dropped: Dropped
  readonly heads: Heads
  readonly lacking: Lacking
  /** Runs once nothing of the log is being written. */
  alone(log: LogId, run: () => Promise<void>): Promise<void>
  done(log: LogId): void
}

/** Holds a log up to a head without its entries; durable when it resolves. */
export function createDropping(ports: DroppingPorts) {
  const { store, dropped, heads, lacking } = ports
  return (head: SignedHead): Promise<void> =>
    ports.alone(head.log, async () => {
      const { log, seq } = head
      if (seq <= (dropped.of(log)?.seq ?? 0)) return
      const held = heads.head(log)
      const next = held && held.seq > seq ? held : { ...head, bytes: 0 }
      const lacks = lacking.forget(log, seq)
      const row: Write = { put: headKey(log), value: encodeHead(next) }
      await store.write([dropped.row(log, head), row, ...lacks.rows])
      await store.flush()
      dropped.apply(log, head)
      lacks.apply()
      heads.keep(next)
      heads.flushed(log, next.seq)
      await dropped.sweep(log)
      ports.done(log)
    })
}
