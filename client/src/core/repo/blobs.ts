/**
 * Blobs in a store (rules RP5, RP6): content named by its SHA-256, in chunks of 64 KiB. A blob counts
 * as held only when every chunk is there and the hash was checked; chunks come in order, a resumed
 * transfer goes on where the last one stopped, and no more than a few chunks are in memory.
 */
import { type Bytes, equalBytes, toHex, u64 } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { blobChunkBytes, maxContentBytes } from '@baton/shared/limits'
import { chunked, createBlobMeter } from '@baton/shared/log/blob'
import type { CreateHasher } from '@baton/shared/primitives'
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
  /**
   * Stores content that streams twice: once to be named, once to be kept. Rejects with
   * `source-changed` when the two differ, and with `too-large`.
   */
  add(content: () => AsyncIterable<Bytes>): Promise<{ hash: Bytes; bytes: number }>
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

/** Chunks of local content written in one batch. */
const batchChunks = 16

export interface BlobsPorts {
  readonly store: Store
  readonly createHasher: CreateHasher
  /** Rows that become right with the blob, for the batch that completes it. */
  completing(hash: Bytes): readonly Write[]
  /** It is complete now, and those rows are written. */
  completed(hash: Bytes, rows: readonly Write[]): void
}

export function createBlobs(ports: BlobsPorts): Blobs {
  const { store, createHasher } = ports
  const lanes = new Map<string, Promise<unknown>>()

  /** Two peers may send one blob at a time: each step of it follows the one before. */
  function inTurn<T>(hash: Bytes, run: () => Promise<T>): Promise<T> {
    const name = toHex(hash)
    const turn = (lanes.get(name) ?? Promise.resolve()).then(run)
    const settled = turn.catch(() => undefined)
    lanes.set(name, settled)
    void settled.then(() => lanes.get(name) === settled && lanes.delete(name))
    return turn
  }

  async function facts(hash: Bytes): Promise<BlobFacts | undefined> {
    const row = await store.get(blobKey(hash))
    if (row === undefined) return undefined
    const view = new DataView(row.buffer, row.byteOffset, row.length)
    return { bytes: Number(view.getBigUint64(0)), have: Number(view.getBigUint64(8)) }
  }

  async function complete(hash: Bytes): Promise<boolean> {
    const known = await facts(hash)
    return known !== undefined && known.have === known.bytes
  }

  async function* read(hash: Bytes, offset = 0) {
    const start = offset - (offset % blobChunkBytes)
    let at = start
    for await (const [, chunk] of store.list({
      ...under('b', hash),
      from: chunkKey(hash, start),
    })) {
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
    for await (const { offset, chunk } of read(hash)) {
      if (offset + chunk.length > out.length) {
        throw new BatonError('store-corrupt', 'failed to read a blob: it is longer than was stored')
      }
      out.set(chunk, offset)
    }
    return out
  }

  async function matches(hash: Bytes): Promise<boolean> {
    const hasher = createHasher()
    for await (const { chunk } of read(hash)) hasher.update(chunk)
    return equalBytes(hasher.digest(), hash)
  }

  async function finish(hash: Bytes, bytes: number, more: readonly Write[] = []): Promise<void> {
    const rows = ports.completing(hash)
    await store.write([...more, factsRow(hash, bytes, bytes), ...rows])
    ports.completed(hash, rows)
  }

  async function receive(hash: Bytes, total: number, offset: number, chunk: Bytes) {
    if (total > maxContentBytes || chunk.length > blobChunkBytes) {
      throw new BatonError('too-large', 'failed to take a blob: it is over the limit')
    }
    let known = await facts(hash)
    if (known && known.have === known.bytes) return 'skipped'
    // Someone said another size: who begins again at the start is heard.
    if (known && known.bytes !== total && offset === 0) {
      await drop(hash)
      known = undefined
    }
    const end = offset + chunk.length
    const fits = end === total || (chunk.length === blobChunkBytes && end < total)
    if ((known?.bytes ?? total) !== total || offset !== (known?.have ?? 0) || !fits) {
      return 'skipped'
    }
    const put = { put: chunkKey(hash, offset), value: chunk }
    if (end < total) {
      await store.write([put, factsRow(hash, total, end)])
      return 'more'
    }
    await store.write([put])
    if (!(await matches(hash))) {
      await drop(hash)
      throw new BatonError('invalid', 'failed to take a blob: its bytes do not match its name')
    }
    await finish(hash, total)
    return 'done'
  }

  async function drop(hash: Bytes): Promise<void> {
    const writes: Write[] = [{ delete: blobKey(hash) }]
    for await (const [key] of store.list(under('b', hash))) writes.push({ delete: key })
    await store.write(writes)
  }

  async function add(content: () => AsyncIterable<Bytes>) {
    const meter = createBlobMeter(createHasher)
    let size = 0
    for await (const part of content()) {
      size += part.length
      if (size > maxContentBytes) {
        throw new BatonError('too-large', 'failed to store a file: it is over the limit for blobs')
      }
      meter.add(part)
    }
    const { hash, bytes } = meter.ref()
    await inTurn(hash, async () => {
      if (!(await complete(hash))) await keep(hash, bytes, content())
    })
    return { hash, bytes }
  }

  async function keep(hash: Bytes, bytes: number, content: AsyncIterable<Bytes>): Promise<void> {
    const again = createBlobMeter(createHasher)
    let rows: Write[] = []
    let at = 0
    for await (const chunk of chunked(content)) {
      again.add(chunk)
      rows.push({ put: chunkKey(hash, at), value: chunk })
      at += chunk.length
      if (at > bytes) break
      if (rows.length < batchChunks) continue
      await store.write(rows)
      rows = []
    }
    if (at !== bytes || !equalBytes(again.ref().hash, hash)) {
      await drop(hash)
      throw new BatonError('source-changed', 'failed to store a file: it changed while it was read')
    }
    await finish(hash, bytes, rows)
  }

  return {
    facts,
    complete,
    rows(hash, content) {
      const writes: Write[] = []
      for (let at = 0; at < content.length; at += blobChunkBytes) {
        writes.push({ put: chunkKey(hash, at), value: content.slice(at, at + blobChunkBytes) })
      }
      return [...writes, factsRow(hash, content.length, content.length)]
    },
    add,
    receive: (hash, ...rest) => inTurn(hash, () => receive(hash, ...rest)),
    read,
    whole,
  }
}

/** u64 bytes || u64 have. */
function factsRow(hash: Bytes, bytes: number, have: number): Write {
  const value = new Uint8Array(16)
  value.set(u64(bytes))
  value.set(u64(have), 8)
  return { put: blobKey(hash), value }
}
