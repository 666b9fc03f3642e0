/**
 * Clock, Random, Deflate and what crypto a browser has natively (rules PF1 to PF5, SG). SHA-256 is the
 * pure one: a browser's own can only be waited for, and most of what is hashed is small.
 */
import type { Bytes } from '@baton/shared/bytes'
import { createVerifier, type VerifyBackend } from '@baton/shared/keyexchange/signature'
import { maxVerifyKeysCached } from '@baton/shared/limits'
import { createPureHasher, type Primitives } from '@baton/shared/primitives'
import type { Deflate, Random } from '../core/ports/platform.ts'
import { inflateRaw } from './inflate.ts'
import { owned } from './owned.ts'
import { sha256 } from './sha256.ts'
import { slice } from './slices.ts'

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
    await slice()
    return inflateRaw(bytes, maxBytes)
  },
})

async function through({ readable, writable }: CompressionStream, bytes: Bytes): Promise<Bytes> {
  const writer = writable.getWriter()
  writer.write(owned(bytes)).catch(() => {})
  writer.close().catch(() => {})
  const out = new Uint8Array(await new Response(readable).arrayBuffer())
  await slice()
  return out
}

export async function createPrimitives(): Promise<Primitives> {
  const { verify } = await createVerifier([subtleBackend()])
  return { sha256, createHasher: createPureHasher, verify }
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
      const good = await crypto.subtle.verify('Ed25519', key, owned(signature), owned(message))
      await slice()
      return good
    },
  }
}
