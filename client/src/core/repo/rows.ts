/** The values behind the keys of repo/keys.ts: heads, deltas with the blobs they name (RP1). */
import { type Bytes, concat, toHex } from '@baton/shared/bytes'
import { compareStamp, type Stamp, zeroStamp } from '@baton/shared/clock/hlc'
import { bytesField, countField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { LogId } from '@baton/shared/ids'
import { readEntry } from '@baton/shared/log/again'
import type { SignedHead } from '@baton/shared/log/chain'
import { type Delta, deltaSize, lastSeq, type VerifiedDelta } from '@baton/shared/log/delta'
import type { Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { parseFile, parseRecord } from '@baton/shared/model/agent-entries'
import { parseDocumentEntry } from '@baton/shared/model/document-entries'
import * as z from 'zod/mini'
import type { Write } from '../ports/store.ts'
import { claimKey, deltaKey, headKey } from './keys.ts'
import type { PackedRun } from './packing.ts'

export interface StoredHead extends SignedHead {
  /** Bodies of the whole log, for progress. */
  readonly bytes: number
}

const headSchema = z.tuple([countField, bytesField(32), bytesField(64), countField])

export const encodeHead = (head: StoredHead): Bytes =>
  encode([head.seq, head.hash, head.signature, head.bytes])

/** Throws `store-corrupt`. */
export function decodeHead(log: LogId, row: Bytes): StoredHead {
  try {
    const [seq, hash, signature, bytes] = decodeAs(headSchema, row)
    return { log, seq, hash: hash.slice(), signature: signature.slice(), bytes }
  } catch (cause) {
    throw corrupt('a head', cause)
  }
}

/** What was read of the store, or `store-corrupt`. */
export async function fromStore<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw corrupt(what, cause)
  }
}

const corrupt = (what: string, cause?: unknown) =>
  new BatonError('store-corrupt', `failed to read ${what} of the store`, { cause })

export interface StoredRow {
  /** Seq before its first entry. */
  readonly after: number
  /** Hashes of the blobs that its entries name, each once. */
  readonly blobs: readonly Bytes[]
  readonly packed: PackedRun
}

/** u48 after || u32 rawBytes || u16 count. */
const fixedBytes = 12

/**
 * after || rawBytes || count || hashes || bytes: where a run belongs and what it needs is known
 * without opening it. A delta has at most 116 KiB, so it names fewer than 65,536 blobs.
 */
export function encodeStored({ after, blobs, packed }: StoredRow): Bytes {
  const fixed = new Uint8Array(fixedBytes)
  const view = new DataView(fixed.buffer)
  view.setUint16(0, Math.floor(after / 2 ** 32))
  view.setUint32(2, after % 2 ** 32)
  view.setUint32(6, packed.rawBytes)
  view.setUint16(10, blobs.length)
  return concat(fixed, ...blobs, packed.bytes)
}

/** Throws `store-corrupt`. */
export function decodeStored(row: Bytes): StoredRow {
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  const count = row.length < fixedBytes ? 0 : view.getUint16(10)
  const end = fixedBytes + count * 32
  if (row.length <= end) throw corrupt('entries')
  return {
    after: view.getUint16(0) * 2 ** 32 + view.getUint32(2),
    blobs: Array.from({ length: count }, (_, i) => {
      const at = fixedBytes + i * 32
      return row.subarray(at, at + 32)
    }),
    packed: { rawBytes: view.getUint32(6), bytes: row.subarray(end) },
  }
}

/** The seq at the end of a key of `deltaKey` or `claimKey`. */
export const seqOfKey = (key: Bytes): number =>
  Number(new DataView(key.buffer, key.byteOffset + key.length - 8).getBigUint64(0))

/** The rows that make a verified delta part of its log, which has `before` bytes of bodies. */
export function deltaRows(
  delta: VerifiedDelta,
  facts: DeltaFacts,
  packed: PackedRun,
  before: number,
): { readonly head: StoredHead; readonly rows: Write[] } {
  const { log, after } = delta
  const head: StoredHead = { ...delta.head, bytes: before + deltaSize(delta) }
  const rows: Write[] = [
    {
      put: deltaKey(log, lastSeq(delta)),
      value: encodeStored({ after, blobs: facts.blobs, packed }),
    },
    { put: headKey(log), value: encodeHead(head) },
  ]
  for (const { entry, body } of facts.claims) {
    rows.push({ put: claimKey(log, entry.seq), value: body })
  }
  return { head, rows }
}

/** An entry as it was read, or undefined for one that cannot be. */
export interface ReadEntry {
  readonly seq: number
  /** As it is kept. */
  readonly body: Bytes
  readonly entry: Entry | undefined
}

/** The entries of a delta, those that cannot be read left out with their seq told. */
export function* entriesOf(delta: Delta): Generator<ReadEntry> {
  let seq = delta.after
  for (const body of delta.bodies) {
    seq += 1
    yield { seq, body, entry: readable(body, seq) }
  }
}

export interface DeltaFacts {
  /** Blobs that its entries name, each once. */
  readonly blobs: readonly Bytes[]
  /** Entries that decide who may hold the session, beginnings of logs and grants; and drops. */
  readonly claims: readonly { readonly entry: Entry; readonly body: Bytes }[]
  readonly stamp: Stamp
}

/** Found again at the next start without a fold. */
const isClaim: ReadonlySet<number> = new Set([kinds.genesis, kinds.grant, kinds.drop])

/** What the repository itself has to know of a delta's entries. */
export function factsOf(delta: Delta): DeltaFacts {
  const hashes = new Map<string, Bytes>()
  const claims: { entry: Entry; body: Bytes }[] = []
  let stamp = zeroStamp
  for (const { seq, entry } of entriesOf(delta)) {
    if (entry === undefined) continue
    if (compareStamp(entry.stamp, stamp) > 0) stamp = entry.stamp
    if (isClaim.has(entry.kind)) {
      claims.push({ entry, body: delta.bodies[seq - delta.after - 1] as Bytes })
    }
    const blob = blobOf(entry)
    if (blob) hashes.set(toHex(blob), blob)
  }
  return { blobs: [...hashes.values()], claims, stamp }
}

/** What an entry names beside itself: without it the entry says nothing. */
function blobOf({ kind, payload }: Entry): Bytes | undefined {
  const content =
    kind === kinds.record
      ? parseRecord(payload)?.content
      : kind === kinds.file
        ? parseFile(payload)?.content
        : parseDocumentEntry(kind, payload)?.held
  return content && 'blob' in content ? content.blob : undefined
}

function readable(body: Bytes, seq: number): Entry | undefined {
  try {
    return readEntry(body, seq)
  } catch {
    // Stored and forwarded all the same; the fold passes over what it cannot read.
    return undefined
  }
}
