/**
 * Logs that are held up to a place without their entries (rules CX6, CX7, CX9): their device said again
 * what counts of them, and everyone has that. The row is durable before the first entry goes; what a
 * crash leaves of them goes at the next start. Hashes of the last entries stay, of as many logs as fit.
 */
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import { bytesUpTo, countField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { type LogId, logId, splitLogId } from '@baton/shared/ids'
import { maxTrailHashes } from '@baton/shared/limits'
import { readEntry } from '@baton/shared/log/again'
import type { SignedHead } from '@baton/shared/log/chain'
import { kinds } from '@baton/shared/log/kinds'
import {
  decodeTrail,
  encodeTrail,
  hashesIn,
  isTrail,
  joinTrails,
  maxTrailBytes,
  type Trail,
} from '@baton/shared/log/trail'
import * as z from 'zod/mini'
import type { Store, Write } from '../ports/store.ts'
import type { Heads } from './heads.ts'
import { claimsOf, deltasAfter, dropKey, headKey, looseKey, under } from './keys.ts'
import type { Lacking } from './lacking.ts'
import { decodeStored, encodeHead, fromStore, seqOfKey } from './rows.ts'
import { followsTrail, type HeldEntries, trailTo } from './trails.ts'

export interface Dropped {
  /** Where the entries of a log begin to be held; undefined when all are. */
  of(log: LogId): SignedHead | undefined
  /** What is known of what went: nothing but its head where others needed the room. */
  trail(log: LogId): Promise<Trail | undefined>
  /** The rows that say so, those of others whose hashes go included, and what to do once they are written. */
  add(trail: Trail): { rows: Write[]; apply(): void }
  /** Deletes what is still there of the entries. */
  sweep(log: LogId): Promise<void>
}

interface Known {
  readonly head: SignedHead
  /** Which of all drops of this device it was. */
  readonly nth: number
  readonly hashes: number
}

const rowSchema = z.tuple([countField, bytesUpTo(maxTrailBytes)])
/** Deleted in one batch. */
const batchRuns = 256

export async function openDropped(store: Store): Promise<Dropped> {
  const known = new Map<LogId, Known>()
  const read = (log: LogId, row: Bytes) =>
    fromStore('a dropped log', async () => {
      const [nth, trail] = decodeAs(rowSchema, row)
      return { nth, trail: decodeTrail(log, trail) }
    })
  for await (const [key, row] of store.list(under('x'))) {
    const log = logId(key.slice(1))
    const { nth, trail } = await read(log, row)
    known.set(log, { head: trail.head, nth, hashes: hashesIn(trail.path) })
  }

  const rowOf = (nth: number, trail: Trail): Write => ({
    put: dropKey(trail.head.log),
    value: encode([nth, encodeTrail(trail)]),
  })

  /** Of one device in one session, the oldest first, when `more` hashes come to it. */
  function crowded(log: LogId, more: number): LogId[] {
    const { session, device } = splitLogId(log)
    const of = [...known].filter(([other, { hashes }]) => {
      const at = splitLogId(other)
      return hashes > 0 && other !== log && at.session === session && at.device === device
    })
    of.sort(([, a], [, b]) => a.nth - b.nth)
    let total = of.reduce((sum, [, { hashes }]) => sum + hashes, more)
    const gone: LogId[] = []
    for (const [other, { hashes }] of of) {
      if (total <= maxTrailHashes) break
      gone.push(other)
      total -= hashes
    }
    return gone
  }

  async function sweep(log: LogId): Promise<void> {
    const upTo = known.get(log)?.head.seq ?? 0
    let rows: Write[] = []
    const flush = async () => {
      const batch = rows
      rows = []
      if (batch.length > 0) await store.write(batch)
    }
    for await (const [key, row] of store.list(deltasAfter(log, 0))) {
      // A run that goes on behind the place stays whole.
      if (seqOfKey(key) > upTo) break
      // What it named goes at the next start, when nothing is on its way (rule CX12).
      const { blobs } = await fromStore('entries', async () => decodeStored(row))
      for (const hash of blobs) rows.push({ put: looseKey(hash.slice()), value: oneByte })
      rows.push({ delete: key.slice() })
      if (rows.length >= batchRuns) await flush()
    }
    // A later drop names all that an earlier one did; what else was claimed is claimed for good.
    for await (const [key, body] of store.list(claimsOf(log))) {
      const seq = seqOfKey(key)
      if (seq > upTo || readEntry(body, seq).kind !== kinds.drop) continue
      rows.push({ delete: key.slice() })
    }
    await flush()
  }

  for (const log of known.keys()) {
    // A disk that takes nothing keeps no device from starting: it goes at a later start.
    await sweep(log).catch(() => undefined)
  }

  return {
    of: (log) => known.get(log)?.head,
    async trail(log) {
      const row = await store.get(dropKey(log))
      return row && (await read(log, row)).trail
    },
    add(trail) {
      const { log } = trail.head
      const hashes = hashesIn(trail.path)
      const nth = 1 + Math.max(0, ...[...known.values()].map((each) => each.nth))
      const less = crowded(log, hashes).map((other) => [other, known.get(other) as Known] as const)
      return {
        rows: [
          rowOf(nth, trail),
          ...less.map(([, { nth: before, head }]) => rowOf(before, headAlone(head))),
        ],
        apply() {
          known.set(log, { head: trail.head, nth, hashes })
          for (const [other, facts] of less) known.set(other, { ...facts, hashes: 0 })
        },
      }
    },
    sweep,
  }
}

const oneByte = Uint8Array.of(1)

const headAlone = (head: SignedHead): Trail => ({ from: head, path: new Uint8Array(0), head })

export interface DroppingPorts {
  readonly store: Store
  readonly dropped: Dropped
  readonly heads: Heads
  readonly lacking: Lacking
  readonly held: HeldEntries
  /** Runs once nothing of the log is being written. */
  alone<T>(log: LogId, run: () => Promise<T>): Promise<T>
  done(log: LogId): Promise<void>
}

export interface DropOptions {
  /** From another device: what is held and does not reach the head has to follow it. */
  readonly trail?: Trail | undefined
  /** What is held and does not reach the head goes even where nobody can say that it follows it. */
  readonly unseen?: boolean
}

/**
 * Holds a log up to a head without its entries; durable when it resolves. False, and nothing is done,
 * when what is held of it may be another history.
 */
export function createDropping(ports: DroppingPorts) {
  const { store, dropped, heads, lacking, held } = ports

  /** What stays of the log; undefined when it must not go. */
  async function staying(
    head: SignedHead,
    { trail, unseen = false }: DropOptions,
  ): Promise<Trail | undefined> {
    const { log, seq } = head
    const given = trail && isFor(trail, head) && isTrail(held.sha256, trail) ? trail : undefined
    const have = heads.head(log)?.seq ?? 0
    if (have >= seq) return await trailTo(held, head)
    const before = given && (await dropped.trail(log))
    const bare =
      given && before ? joinTrails(held.sha256, before, given) : (given ?? headAlone(head))
    if (have <= (dropped.of(log)?.seq ?? 0)) return bare
    const follows = given ? await followsTrail(held, given) : 'unknown'
    return follows === 'same' || (follows === 'unknown' && unseen) ? bare : undefined
  }

  return (head: SignedHead, options: DropOptions = {}): Promise<boolean> =>
    ports.alone(head.log, async () => {
      const { log, seq } = head
      if (seq <= (dropped.of(log)?.seq ?? 0)) return true
      const trail = await staying(head, options)
      if (!trail) return false
      const last = heads.head(log)
      const next = last && last.seq > seq ? last : { ...head, bytes: 0 }
      const lacks = lacking.forget(log, seq)
      const drop = dropped.add(trail)
      const row: Write = { put: headKey(log), value: encodeHead(next) }
      await store.write([...drop.rows, row, ...lacks.rows])
      await store.flush()
      drop.apply()
      lacks.apply()
      heads.keep(next)
      heads.flushed(log, next.seq)
      await dropped.sweep(log)
      await ports.done(log)
      return true
    })
}

const isFor = ({ head }: Trail, { log, seq, hash }: SignedHead): boolean =>
  head.log === log && head.seq === seq && equalBytes(head.hash, hash)
