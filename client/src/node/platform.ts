/**
 * Clock, Random, Deflate and SHA-256 from Node (rules PF1 to PF5). Nothing here keeps a process
 * alive or holds state of its own.
 */
import { createHash, hash, randomFillSync } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { createVerifier } from '@baton/shared/keyexchange/signature'
import type { CreateHasher, Primitives, Sha256 } from '@baton/shared/primitives'
import type { Clock, Deflate, Random } from '../core/ports/platform.ts'
import { allocated } from './collecting.ts'
import { nodeVerifyBackends } from './verify.ts'

/** The longest delay setTimeout takes; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1

export function createClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, run) {
      const due = performance.now() + ms
      let timer: NodeJS.Timeout
      const arm = () => {
        const left = due - performance.now()
        timer = setTimeout(left > maxTimerMs ? arm : run, Math.min(left, maxTimerMs)).unref()
      }
      arm()
      return () => clearTimeout(timer)
    },
  }
}

export const createRandom = (): Random => ({
  bytes: (length) => randomFillSync(new Uint8Array(length)),
})

/** Below this a call on the spot is quicker than asking the thread pool. */
const smallBytes = 4 * 1024
/**
 * Up to here, all of a run of entries, inflating on the spot takes half the processor time of handing
 * it to the thread pool: 0.2 ms for 64 KiB, against a stream, two wake-ups and a colder cache.
 */
const spotBytes = 128 * 1024

const deflateLater = promisify<Bytes, object, Buffer>(deflateRaw)
const inflateLater = promisify<Bytes, object, { buffer: Buffer; engine: Engine }>(
  inflateRaw as never,
)
interface Engine {
  /** Input taken, against the name. */
  readonly bytesWritten: number
}

/**
 * Level 3: on transcripts in pieces of 64 KiB (12 MB, Node 20, one core) level 1 gave 4.7x at 180
 * MiB/s, level 3 5.0x at 180, level 6 5.5x at 90.
 */
export const createDeflate = (level = 3): Deflate => ({
  async deflate(bytes) {
    const chunkSize = Math.max(256, bytes.length >> 2)
    if (bytes.length > smallBytes) {
      // The encoded run goes with what it became.
      allocated(bytes.length * 2)
      return plain(await deflateLater(bytes, { level, chunkSize }))
    }
    // A small window is set up quicker, and nothing reaches further back.
    return plain(deflateRawSync(bytes, { level, chunkSize, windowBits: 12, memLevel: 5 }))
  },
  async inflate(bytes, maxBytes) {
    const options = {
      maxOutputLength: Math.max(1, maxBytes),
      chunkSize: Math.max(64, Math.min(maxBytes, bytes.length * 8)),
      info: true,
    }
    try {
      const { buffer, engine } =
        maxBytes > spotBytes
          ? await inflateLater(bytes, options)
          : (inflateRawSync(bytes, options) as never as { buffer: Buffer; engine: Engine })
      if (engine.bytesWritten !== bytes.length) throw new Error('bytes after the end')
      if (buffer.length > maxBytes) throw tooLarge(maxBytes)
      allocated(buffer.length)
      return plain(buffer)
    } catch (cause) {
      if (cause instanceof BatonError) throw cause
      if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
      throw new BatonError('invalid', 'failed to inflate: not raw deflate', { cause })
    }
  },
})

const tooLarge = (maxBytes: number): BatonError =>
  new BatonError('too-large', `failed to inflate: more than ${maxBytes} bytes`)

/**
 * Joining parts costs less than a hash object: 0.5 us against 2.2 for 68 bytes, 1.8 against 2.4 for
 * 1,400. Parts of a run of entries fit, most of them with room to spare.
 */
const joinedBytes = 64 * 1024
const scratch = new Uint8Array(joinedBytes)
const hashOnce: typeof hash | undefined = hash
const digestBytes = 32

/** SHA-256 by OpenSSL; the verdict of `pureSha256`. */
export const nativeSha256: Sha256 = (...parts) => {
  let length = 0
  for (const part of parts) length += part.length
  // crypto.hash came with Node 20.12.
  if (hashOnce === undefined || (parts.length > 1 && length > joinedBytes)) {
    const state = createHash('sha256')
    for (const part of parts) state.update(part)
    return plain(state.digest())
  }
  if (parts.length === 1) return digestOf(hashOnce('sha256', parts[0] as Bytes, 'binary'))
  let at = 0
  for (const part of parts) {
    scratch.set(part, at)
    at += part.length
  }
  return digestOf(hashOnce('sha256', scratch.subarray(0, at), 'binary'))
}

/**
 * By way of a text: a Buffer takes twice as long, and its 32 bytes stand outside of the heap, where a
 * million of them leave holes.
 */
function digestOf(text: string): Bytes {
  const digest = new Uint8Array(digestBytes)
  for (let i = 0; i < digestBytes; i++) digest[i] = text.charCodeAt(i)
  return digest
}

const nativeHasher: CreateHasher = () => {
  const state = createHash('sha256')
  return { update: (part) => void state.update(part), digest: () => plain(state.digest()) }
}

/** The native functions that gave the right verdicts on this machine's first try. */
export async function createPrimitives(): Promise<Primitives> {
  const { verify } = await createVerifier(nodeVerifyBackends())
  return { sha256: nativeSha256, createHasher: nativeHasher, verify }
}

/** A Buffer's `slice` shares memory where an array's copies; nothing past this file sees one. */
const plain = (buffer: Buffer): Bytes =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
