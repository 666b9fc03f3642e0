/**
 * Values at rest (rules WB1 and WB2): AES-256-GCM under a key that the browser keeps and does not
 * export, the name of the row bound in. It guards a copy of the profile's files, as far as the browser
 * guards the key there, and nobody who can run this page.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { owned } from './owned.ts'

export interface Sealing {
  /** nonce(12) || ciphertext || tag(16). */
  seal(name: Bytes, value: Bytes): Promise<Uint8Array<ArrayBuffer>>
  /** Rejects with `store-corrupt`. */
  open(name: Bytes, sealed: Bytes): Promise<Bytes>
}

const nonceBytes = 12

export const newSealingKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])

/** Nonces are random: 2^32 values under one key are safe (NIST SP 800-38D 8.3). */
export function createSealing(key: CryptoKey): Sealing {
  const how = (name: Bytes, iv: Uint8Array<ArrayBuffer>) => ({
    name: 'AES-GCM',
    iv,
    additionalData: owned(name),
  })
  return {
    async seal(name, value) {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
      const sealed = await crypto.subtle.encrypt(how(name, nonce), key, owned(value))
      const out = new Uint8Array(nonceBytes + sealed.byteLength)
      out.set(nonce)
      out.set(new Uint8Array(sealed), nonceBytes)
      return out
    },
    async open(name, sealed) {
      const nonce = owned(sealed.slice(0, nonceBytes))
      const rest = owned(sealed.subarray(nonceBytes))
      try {
        return new Uint8Array(await crypto.subtle.decrypt(how(name, nonce), key, rest))
      } catch (cause) {
        throw new BatonError(
          'store-corrupt',
          'failed to read the store: a row is not what was written',
          {
            cause,
          },
        )
      }
    },
  }
}
