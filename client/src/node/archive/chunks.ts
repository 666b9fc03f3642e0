/**
 * Bytes of any length sealed in chunks of 64 KiB (rule AR5), the STREAM construction as age uses it:
 * each chunk under its number and whether it is the last, so that none can be left out, moved, repeated
 * or cut off unseen.
 *
 *     chunk = AES-256-GCM(key, nonce = number(11 bytes, big-endian) || last(1 byte), 64 KiB or the rest)
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type Bytes, concat } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { archiveChunkBytes } from '@baton/shared/limits'
import { chunked } from '@baton/shared/log/blob'

const tagBytes = 16
const options = { authTagLength: tagBytes } as const
export const sealedChunkBytes = archiveChunkBytes + tagBytes

function nonceOf(number: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setBigUint64(3, BigInt(number))
  nonce[11] = last ? 1 : 0
  return nonce
}

/** `key` seals one stream, ever. Only a stream of nothing has an empty chunk. */
export async function* sealChunks(key: Bytes, plain: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  let held: Bytes = new Uint8Array(0)
  let number = 0
  for await (const chunk of chunked(plain)) {
    if (held.length > 0) yield seal(key, nonceOf(number++, false), held)
    held = chunk
  }
  yield seal(key, nonceOf(number, true), held)
}

function seal(key: Bytes, nonce: Bytes, plain: Bytes): Bytes {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, options)
  const sealed = cipher.update(plain)
  cipher.final()
  return concat(sealed, cipher.getAuthTag())
}

/** `pieces`: of any size. Throws `invalid` at the first chunk that is not what was sealed there. */
export async function* openChunks(key: Bytes, pieces: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  let held: Bytes = new Uint8Array(0)
  let number = 0
  for await (const piece of pieces) {
    held = held.length === 0 ? piece : concat(held, piece)
    // What may be the last one waits until more comes.
    while (held.length > sealedChunkBytes) {
      const plain = open(key, nonceOf(number, false), held.subarray(0, sealedChunkBytes))
      if (!plain) throw damaged(number)
      number += 1
      yield plain
      held = held.slice(sealedChunkBytes)
    }
  }
  const plain = open(key, nonceOf(number, true), held)
  if (plain && (plain.length > 0 || number === 0)) {
    yield plain
    return
  }
  const cut = held.length === 0 || open(key, nonceOf(number, false), held) !== undefined
  throw cut ? cutShort() : damaged(number)
}

function open(key: Bytes, nonce: Bytes, sealed: Bytes): Bytes | undefined {
  const end = sealed.length - tagBytes
  if (end < 0) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, options)
  decipher.setAuthTag(sealed.subarray(end))
  const plain = decipher.update(sealed.subarray(0, end))
  try {
    decipher.final()
  } catch {
    // What lands here: another key, place or content.
    return undefined
  }
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length)
}

const hint = 'take another copy of it; nothing was stored'
const damaged = (number: number) =>
  new BatonError(
    'invalid',
    `failed to import: the file is damaged or cut short, at ${number * 64} KiB or behind`,
    { hint },
  )
const cutShort = () =>
  new BatonError('invalid', 'failed to import: the file is cut short', { hint })
