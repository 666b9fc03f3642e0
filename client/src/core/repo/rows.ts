/** The values behind the keys of repo/keys.ts: heads, deltas with the blobs they name (RP1). */
import { type Bytes, concat, toHex } from '@baton/shared/bytes'
import { compareStamp, type Stamp, zeroStamp } from '@baton/shared/clock/hlc'
import { bytesField, countField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { LogId } from '@baton/shared/ids'
import type { SignedHead } from '@baton/shared/log/chain'
import { type Delta, decodeDelta, encodeDelta } from '@baton/shared/log/delta'
import { decodeEntry, type Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { type Content, parseFile, parseRecord } from '@baton/shared/model/agent-entries'
import * as z from 'zod/mini'

export interface StoredHead extends SignedHead {
  /** Bodies of the whole log, for progress. */
  readonly bytes: number
}

const headSchema = z.tuple([countField, bytesField(32), bytesField(64), countField])

export const encodeHead = (head: StoredHead): Bytes =>
  encode([head.seq, head.hash, head.signature, head.bytes])

/** Throws `store-corrupt`. */
export function decodeHead(log: LogId, row: Bytes): StoredHead {
  const [seq, hash, signature, bytes] = fromStore('a head', () => decodeAs(headSchema, row))
  return { log, seq, hash: hash.slice(), signature: signature.slice(), bytes }
}

function fromStore<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new BatonError('store-corrupt', `failed to read ${what} of the store`, { cause })
  }
}

export interface StoredDelta {
  readonly delta: Delta
  /** Hashes of the blobs that its entries name, each once. */
  readonly blobs: readonly Bytes[]
}

/**
 * u16 count || hashes || delta: what the delta needs is known without reading its entries. A delta
 * has at most 116 KiB, so it names fewer than 65,536.
 */
export function encodeStored({ delta, blobs }: StoredDelta): Bytes {
  const count = new Uint8Array([blobs.length >> 8, blobs.length & 255])
  return concat(count, ...blobs, encodeDelta(delta))
}

export function decodeStored(row: Bytes): StoredDelta {
  const count = ((row[0] ?? 0) << 8) | (row[1] ?? 0)
  const end = 2 + count * 32
  const blobs = Array.from({ length: count }, (_, i) => row.subarray(2 + i * 32, 34 + i * 32))
  return { delta: fromStore('entries', () => decodeDelta(row.subarray(end))), blobs }
}

/** The entries of a delta, those that cannot be read left out with their seq told. */
export function* entriesOf(delta: Delta): Generator<{ seq: number; entry: Entry | undefined }> {
  let seq = delta.after
  for (const body of delta.bodies) {
    seq += 1
    yield { seq, entry: readable(body, seq) }
  }
}

export interface DeltaFacts {
  /** Blobs that its entries name, each once. */
  readonly blobs: readonly Bytes[]
  /** Entries that decide who may hold the session: beginnings of logs, and grants. */
  readonly claims: readonly { readonly entry: Entry; readonly body: Bytes }[]
  readonly stamp: Stamp
}

/** What the repository itself has to know of a delta's entries. */
export function factsOf(delta: Delta): DeltaFacts {
  const blobs = new Map<string, Bytes>()
  const claims: { entry: Entry; body: Bytes }[] = []
  let stamp = zeroStamp
  for (const { seq, entry } of entriesOf(delta)) {
    if (entry === undefined) continue
    if (compareStamp(entry.stamp, stamp) > 0) stamp = entry.stamp
    if (entry.kind === kinds.genesis || entry.kind === kinds.grant) {
      claims.push({ entry, body: delta.bodies[seq - delta.after - 1] as Bytes })
    }
    const content = contentOf(entry)
    if (content && 'blob' in content) blobs.set(toHex(content.blob), content.blob)
  }
  return { blobs: [...blobs.values()], claims, stamp }
}

function contentOf({ kind, payload }: Entry): Content | undefined {
  if (kind === kinds.record) return parseRecord(payload)?.content
  return kind === kinds.file ? parseFile(payload)?.content : undefined
}

function readable(body: Bytes, seq: number): Entry | undefined {
  try {
    return decodeEntry(body, seq)
  } catch {
    // Stored and forwarded all the same; the fold passes over what it cannot read.
    return undefined
  }
}
