/**
 * Clock, Random, Deflate and what crypto a browser has natively (rules PF1 to PF5, SG). SHA-256 is the
 * pure one: a browser's own can only be waited for, and most of what is hashed is small.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { createVerifier, type VerifyBackend } from '@baton/shared/keyexchange/signature'
import { maxVerifyKeysCached } from '@baton/shared/limits'
import { createPureHasher, type Primitives, pureSha256 } from '@baton/shared/primitives'
import type { Clock, Deflate, Random } from '../core/ports/platform.ts'
import { owned } from './owned.ts'

/** The longest delay setTimeout takes; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1

export const createClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const due = performance.now() + ms
    let timer: ReturnType<typeof setTimeout>
    const arm = () => {
      const left = due - performance.now()
      timer = setTimeout(left > maxTimerMs ? arm : run, Math.min(left, maxTimerMs))
    }
    arm()
    return () => clearTimeout(timer)
  },
})

/** What a browser gives at once. */
const maxRandomBytes = 65_536

export const createRandom = (): Random => ({
  bytes(length) {
    const out = new Uint8Array(length)
    for (let at = 0; at < length; at += maxRandomBytes) {
      crypto.getRandomValues(out.subarray(at, at + maxRandomBytes))
    }
    return out
  },
})

export const createDeflate = (): Deflate => ({
  deflate: (bytes) => through(new CompressionStream('deflate-raw'), bytes),
  async inflate(bytes, maxBytes) {
    try {
      return await through(new DecompressionStream('deflate-raw'), bytes, maxBytes)
    } catch (cause) {
      if (cause instanceof BatonError) throw cause
      throw new BatonError('invalid', 'failed to inflate: not raw deflate', { cause })
    }
  },
})

async function through(
  { readable, writable }: CompressionStream | DecompressionStream,
  bytes: Bytes,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Bytes> {
  const writer = writable.getWriter()
  const reader = readable.getReader() as ReadableStreamDefaultReader<Bytes>
  // What goes wrong with the input is told where the output is read.
  writer.write(owned(bytes)).catch(() => {})
  writer.close().catch(() => {})
  const parts: Bytes[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maxBytes) {
      await reader.cancel()
      throw new BatonError('too-large', `failed to inflate: more than ${maxBytes} bytes`)
    }
    parts.push(value)
  }
  const [only] = parts
  if (only && parts.length === 1) return only
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export async function createPrimitives(): Promise<Primitives> {
  const { verify } = await createVerifier([subtleBackend()])
  return { sha256: pureSha256, createHasher: createPureHasher, verify }
}

/** `crypto.subtle`; key objects are kept, the oldest of 256 makes room. */
export function subtleBackend(): VerifyBackend {
  const keys = new Map<string, Promise<CryptoKey>>()
  const keyOf = (publicKey: Bytes): Promise<CryptoKey> => {
    const name = String(publicKey)
    const known = keys.get(name)
    if (known) return known
    const [oldest] = keys.keys()
    if (keys.size >= maxVerifyKeysCached && oldest !== undefined) keys.delete(oldest)
    const key = crypto.subtle.importKey('raw', owned(publicKey), 'Ed25519', false, ['verify'])
    keys.set(name, key)
    return key
  }
  return {
    name: 'subtle',
    async verify(publicKey, message, signature) {
      const key = await keyOf(publicKey)
      return crypto.subtle.verify('Ed25519', key, owned(signature), owned(message))
    },
  }
}
