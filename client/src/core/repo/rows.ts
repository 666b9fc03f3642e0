/** The values behind the keys of repo/keys.ts: heads, and deltas with the blobs they name. */
import { type Bytes, concat } from '@baton/shared/bytes'
import { bytesField, countField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { LogId } from '@baton/shared/ids'
import type { SignedHead } from '@baton/shared/log/chain'
import { type Delta, decodeDelta, encodeDelta } from '@baton/shared/log/delta'
import { decodeEntry, type Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { parseFile, parseRecord } from '@baton/shared/model/agent-entries'
import * as z from 'zod/mini'

export interface StoredHead extends SignedHead {
  /** Bodies of the whole log, for progress. */
  readonly bytes: number
}

const headSchema = z.tuple([countField, bytesField(32), bytesField(64), countField])

export const encodeHead = (head: StoredHead): Bytes =>
  encode([head.seq, head.hash, head.signature, head.bytes])

export function decodeHead(log: LogId, row: Bytes): StoredHead {
  const [seq, hash, signature, bytes] = decodeAs(headSchema, row)
  return { log, seq, hash: hash.slice(), signature: signature.slice(), bytes }
}

export interface StoredDelta {
  readonly delta: Delta
  /** Hashes of the blobs that its entries name, each once. */
  readonly blobs: readonly Bytes[]
}

/** u16 count || hashes || delta: what the delta needs is known without reading its entries. */
export function encodeStored({ delta, blobs }: StoredDelta): Bytes {
  const count = new Uint8Array([blobs.length >> 8, blobs.length & 255])
  return concat(count, ...blobs, encodeDelta(delta))
}

export function decodeStored(row: Bytes): StoredDelta {
  const count = ((row[0] ?? 0) << 8) | (row[1] ?? 0)
  const end = 2 + count * 32
  if (row.length <= end) throw new BatonError('store-corrupt', 'failed to read a delta row')
  const blobs = Array.from({ length: count }, (_, i) => row.subarray(2 + i * 32, 34 + i * 32))
  return { delta: decodeDelta(row.subarray(end)), blobs }
}

/** The entries of a delta, those that cannot be read left out with their seq told. */
export function* entriesOf(delta: Delta): Generator<{ seq: number; entry: Entry | undefined }> {
  let seq = delta.after
  for (const body of delta.bodies) {
    seq += 1
    yield { seq, entry: readable(body, seq) }
  }
}

/** Blobs that a delta's entries name. */
export function blobsOf(delta: Delta): Bytes[] {
  const found = new Map<string, Bytes>()
  for (const { entry } of entriesOf(delta)) {
    const content =
      entry?.kind === kinds.record
        ? parseRecord(entry.payload)?.content
        : entry?.kind === kinds.file
          ? parseFile(entry.payload)?.content
          : undefined
    if (content && 'blob' in content) found.set(content.blob.join(), content.blob)
  }
  return [...found.values()]
}

function readable(body: Bytes, seq: number): Entry | undefined {
  try {
    return decodeEntry(body, seq)
  } catch {
    // Stored and forwarded all the same; the fold passes over what it cannot read.
    return undefined
  }
}
