/**
 * Blobs in a store (rule RP5): content named by its SHA-256, in chunks of 64 KiB. A blob counts as
 * held only when every chunk is there and the hash was checked; chunks come in order, and a resumed
 * transfer goes on where the last one stopped.
 */
import { type Bytes, equalBytes, u64 } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { blobChunkBytes, maxContentBytes } from '@baton/shared/limits'
import type { Sha256 } from '@baton/shared/primitives'
import type { Store, Write } from '../ports/store.ts'
import { blobKey, chunkKey, under } from './keys.ts'

export interface BlobFacts {
  readonly bytes: number
  /** Bytes received so far; equal to `bytes` when complete and checked. */
  readonly have: number
}

export interface Blobs {
  facts(hash: Bytes): Promise<BlobFacts | undefined>
  complete(hash: Bytes): Promise<boolean>
  /** The rows of a blob that is whole in memory, for the batch that names it. */
  rows(hash: Bytes, content: Bytes): Write[]
  /** Stores content as it streams in; resolves with its hash. Nothing of it counts before. */
  add(content: AsyncIterable<Bytes>): Promise<{ hash: Bytes; bytes: number }>
  /** One chunk from a peer, at the place `facts` asked for; any other is passed over. */
  receive(
    hash: Bytes,
    total: number,
    offset: number,
    chunk: Bytes,
  ): Promise<'more' | 'done' | 'skipped'>
  read(hash: Bytes, offset?: number): AsyncIterable<{ offset: number; chunk: Bytes }>
  /** All of it; only for what is known to be small enough. */
  whole(hash: Bytes): Promise<Bytes>
}

export function createBlobs(store: Store, sha256: Sha256): Blobs {
  const encodeFacts = ({ bytes, have }: BlobFacts): Bytes => {
    const row = new Uint8Array(16)
    row.set(u64(bytes))
    row.set(u64(have), 8)
    return row
  }

  async function facts(hash: Bytes): Promise<BlobFacts | undefined> {
    const row = await store.get(blobKey(hash))
    if (row === undefined) return undefined
    const view = new DataView(row.buffer, row.byteOffset, row.length)
    return { bytes: Number(view.getBigUint64(0)), have: Number(view.getBigUint64(8)) }
  }

  async function* read(hash: Bytes, offset = 0) {
    const range = under('b', hash)
    let at = offset
    for await (const [, chunk] of store.list({ ...range, from: chunkKey(hash, offset) })) {
      yield { offset: at, chunk }
      at += chunk.length
    }
  }

  async function whole(hash: Bytes): Promise<Bytes> {
    const known = await facts(hash)
    if (!known || known.have !== known.bytes) {
      throw new BatonError('not-found', 'failed to read a blob: it is not held completely')
    }
    const out = new Uint8Array(known.bytes)
    for await (const { offset, chunk } of read(hash)) out.set(chunk, offset)
    return out
  }

  function rows(hash: Bytes, content: Bytes): Write[] {
    const writes: Write[] = []
    for (let at = 0; at < content.length; at += blobChunkBytes) {
      writes.push({ put: chunkKey(hash, at), value: content.slice(at, at + blobChunkBytes) })
    }
    const { length } = content
    writes.push({ put: blobKey(hash), value: encodeFacts({ bytes: length, have: length }) })
    return writes
  }

  async function verify(hash: Bytes, bytes: number): Promise<boolean> {
    // A whole blob is hashed once, when its last chunk came: at most maxContentBytes at a time.
    const out = new Uint8Array(bytes)
    for await (const { offset, chunk } of read(hash)) out.set(chunk, offset)
    return equalBytes(sha256(out), hash)
  }

  async function receive(hash: Bytes, total: number, offset: number, chunk: Bytes) {
    if (total > maxContentBytes || chunk.length > blobChunkBytes) {
      throw new BatonError('too-large', 'failed to take a blob: it is over the limit')
    }
    const known = (await facts(hash)) ?? { bytes: total, have: 0 }
    if (known.have === known.bytes && known.bytes > 0) return 'skipped'
    const end = offset + chunk.length
    const fits = end === total || (chunk.length === blobChunkBytes && end < total)
    if (known.bytes !== total || offset !== known.have || !fits) return 'skipped'
    await store.write([{ put: chunkKey(hash, offset), value: chunk }])
    if (end < total) {
      await store.write([{ put: blobKey(hash), value: encodeFacts({ bytes: total, have: end }) }])
      return 'more'
    }
    if (!(await verify(hash, total))) {
      await drop(hash)
      throw new BatonError('invalid', 'failed to take a blob: its bytes do not match its name')
    }
    await store.write([{ put: blobKey(hash), value: encodeFacts({ bytes: total, have: total }) }])
    return 'done'
  }

  async function drop(hash: Bytes): Promise<void> {
    const writes: Write[] = [{ delete: blobKey(hash) }]
    for await (const [key] of store.list(under('b', hash))) writes.push({ delete: key })
    await store.write(writes)
  }

  async function add(content: AsyncIterable<Bytes>) {
    const parts: Bytes[] = []
    let bytes = 0
    for await (const part of content) {
      bytes += part.length
      if (bytes > maxContentBytes) {
        throw new BatonError('too-large', 'failed to store a file: it is over the limit for blobs')
      }
      parts.push(part.slice())
    }
    const joined = new Uint8Array(bytes)
    let at = 0
    for (const part of parts) {
      joined.set(part, at)
      at += part.length
    }
    const hash = sha256(joined)
    await store.write(rows(hash, joined))
    return { hash, bytes }
  }

  return {
    facts,
    complete: async (hash) => {
      const known = await facts(hash)
      return known !== undefined && known.have === known.bytes
    },
    rows,
    add,
    receive,
    read,
    whole,
  }
}
