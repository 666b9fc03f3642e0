/**
 * An archive (AR1, AR2): a session as a row of items in one stream of bytes. The manifest of its signed
 * heads comes first, then each blob in chunks, then the signed runs, then an end. It is a snapshot that
 * lies somewhere: nothing in it is believed because of who brought it.
 *
 *     item = type(u8) || length(u32) || body
 */
import * as z from 'zod/mini'
import { type Bytes, concat } from '../bytes.ts'
import { bytesField, countField } from '../encoding/field.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { blobChunkBytes, maxArchiveItemBytes, maxContentBytes } from '../limits.ts'
import type { BlobRef } from './blob.ts'
import { decodeManifest, encodeManifest, type Manifest } from './snapshot.ts'

export type ArchiveItem =
  | { readonly at: 'manifest'; readonly manifest: Manifest }
  /** Its chunks follow, 64 KiB each but the last; a blob of 0 bytes has one empty chunk. */
  | { readonly at: 'blob'; readonly blob: BlobRef }
  | { readonly at: 'chunk'; readonly chunk: Bytes }
  /** Deflated where `rawBytes` is not 0, else an encoded delta. */
  | { readonly at: 'run'; readonly rawBytes: number; readonly bytes: Bytes }
  | { readonly at: 'end' }

const types = { manifest: 1, blob: 2, chunk: 3, run: 4, end: 5 } as const
const headBytes = 5
const blobSchema = z.tuple([bytesField(32), countField.check(z.maximum(maxContentBytes))])

/** Throws `too-large` for what no reader would take. */
export function encodeItem(item: ArchiveItem): Bytes {
  const body = bodyOf(item)
  if (body.length > maxArchiveItemBytes) {
    throw new BatonError('too-large', 'failed to export: a part of the session is too large')
  }
  return concat(Uint8Array.of(types[item.at]), u32(body.length), body)
}

function bodyOf(item: ArchiveItem): Bytes {
  switch (item.at) {
    case 'manifest':
      return encodeManifest(item.manifest)
    case 'blob':
      return encode([item.blob.hash, item.blob.bytes])
    case 'chunk':
      return item.chunk
    case 'run':
      return concat(u32(item.rawBytes), item.bytes)
    case 'end':
      return new Uint8Array(0)
  }
}

/**
 * The items of a stream of any pieces. Holds one item at a time. Throws `invalid` or `too-large` for
 * what is none, for a stream that ends without an end and for one that goes on behind it.
 */
export async function* readItems(pieces: AsyncIterable<Bytes>): AsyncGenerator<ArchiveItem> {
  let held: Bytes = new Uint8Array(0)
  let ended = false
  for await (const piece of pieces) {
    held = held.length === 0 ? piece : concat(held, piece)
    let at = 0
    for (;;) {
      const length = held.length - at < headBytes ? undefined : readU32(held, at + 1)
      if (length === undefined) break
      if (length > maxArchiveItemBytes) throw wrong('it has a part that is too large')
      const end = at + headBytes + length
      if (held.length < end) break
      if (ended) throw wrong('something stands behind its end')
      const item = decodeItem(held[at] as number, held.subarray(at + headBytes, end))
      ended = item.at === 'end'
      yield item
      at = end
    }
    held = held.slice(at)
  }
  if (!ended || held.length > 0) throw wrong('it has no end')
}

function decodeItem(type: number, body: Bytes): ArchiveItem {
  if (type === types.manifest) return { at: 'manifest', manifest: decodeManifest(body) }
  if (type === types.blob) {
    const [hash, bytes] = decodeAs(blobSchema, body)
    return { at: 'blob', blob: { hash: hash.slice(), bytes } }
  }
  if (type === types.chunk && body.length <= blobChunkBytes) return { at: 'chunk', chunk: body }
  if (type === types.run && body.length > 4) {
    return { at: 'run', rawBytes: readU32(body, 0), bytes: body.subarray(4) }
  }
  if (type === types.end && body.length === 0) return { at: 'end' }
  throw wrong('it has a part that is not known')
}

function u32(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value)
  return out
}

const readU32 = (bytes: Bytes, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)

const wrong = (why: string) => new BatonError('invalid', `failed to read an archive: ${why}`)
