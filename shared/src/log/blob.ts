/**
 * Blobs (SN6, SN7): content too large for an entry, named by its SHA-256 and carried in chunks of
 * 64 KiB. Streamed both ways: no more than a chunk is ever held here.
 */
import * as z from 'zod/mini'
import { type Bytes, equalBytes } from '../bytes.ts'
import { bytesField, countField } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { blobChunkBytes } from '../limits.ts'
import type { CreateHasher } from '../primitives.ts'

export interface BlobRef {
  /** SHA-256 of the whole content, 32 bytes. */
  readonly hash: Bytes
  readonly bytes: number
}

/** In payloads: [hash, bytes]. */
export const blobField = z.tuple([bytesField(32), countField])
export const blobValue = (blob: BlobRef): Value => [blob.hash, blob.bytes]

export const chunkCount = (bytes: number): number => Math.ceil(bytes / blobChunkBytes)

/** Cuts a stream of any pieces into chunks of exactly 64 KiB, the last one shorter. */
export async function* chunked(pieces: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  let chunk = new Uint8Array(blobChunkBytes)
  let filled = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + blobChunkBytes - filled)
      chunk.set(part, filled)
      filled += part.length
      at += part.length
      if (filled === blobChunkBytes) {
        yield chunk
        chunk = new Uint8Array(blobChunkBytes)
        filled = 0
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}

/** Names content while it passes by. */
export function createBlobMeter(createHasher: CreateHasher): {
  add(part: Bytes): void
  ref(): BlobRef
} {
  const hasher = createHasher()
  let bytes = 0
  return {
    add: (part) => {
      hasher.update(part)
      bytes += part.length
    },
    ref: () => ({ hash: hasher.digest(), bytes }),
  }
}

export type ChunkVerdict =
  | { readonly at: 'more'; readonly offset: number }
  /** All bytes came and their hash is the blob's. */
  | { readonly at: 'done' }
  /** The chunk is not the next one, or not of its size. Nothing was taken. */
  | { readonly at: 'refused' }
  /** All bytes came and are not the blob: what was kept of them must go. */
  | { readonly at: 'wrong' }

export interface BlobReader {
  /** Where the next chunk begins. */
  offset(): number
  /** Takes the chunk at `offset`. After an interruption, chunks kept are given again from 0. */
  take(offset: number, chunk: Bytes): ChunkVerdict
}

/** A blob of 0 bytes is proven by one empty chunk. */
export function createBlobReader(createHasher: CreateHasher, blob: BlobRef): BlobReader {
  const hasher = createHasher()
  let next = 0
  let ended = false
  return {
    offset: () => next,
    take: (offset, chunk) => {
      const size = Math.min(blobChunkBytes, blob.bytes - next)
      if (ended || offset !== next || chunk.length !== size) return { at: 'refused' }
      hasher.update(chunk)
      next += size
      if (next < blob.bytes) return { at: 'more', offset: next }
      ended = true
      return { at: equalBytes(hasher.digest(), blob.hash) ? 'done' : 'wrong' }
    },
  }
}
