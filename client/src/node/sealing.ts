/**
 * Values of the store at rest (rules ST19 to ST21): AES-256-GCM under a key of the keyring, the name of
 * the row bound in, so that a value neither reads nor moves. It guards a disk or a copy of it, not the
 * account that holds the keyring too. Names of rows stay readable: ids, hashes and numbers.
 */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Keyring, Random } from '../core/ports/platform.ts'

export interface Sealing {
  seal(name: Bytes, value: Bytes): Bytes
  /** Throws `store-corrupt`. */
  open(name: Bytes, sealed: Bytes): Bytes
}

export const sealingKeyBytes = 32
const keyName = 'store'
const nonceBytes = 12
const tagBytes = 16
/** Asking the system for each nonce by itself takes longer than sealing a small row. */
const noncesAtOnce = 256
/** What sealing makes of so many bytes. */
export const sealedBytes = (bytes: number): number => nonceBytes + bytes + tagBytes
const options = { authTagLength: tagBytes } as const

/**
 * nonce(12) || ciphertext || tag(16). Nonces are random: 2^32 values under one key are safe (NIST SP
 * 800-38D 8.3), which is a terabyte of sessions many times over.
 */
export function createSealing(key: Bytes): Sealing {
  const nonces = new Uint8Array(noncesAtOnce * nonceBytes)
  let spent = nonces.length

  function nextNonce(): Bytes {
    if (spent === nonces.length) {
      randomFillSync(nonces)
      spent = 0
    }
    spent += nonceBytes
    return nonces.subarray(spent - nonceBytes, spent)
  }

  return {
    seal(name, value) {
      const out = new Uint8Array(
        Buffer.allocUnsafeSlow(nonceBytes + value.length + tagBytes).buffer,
      )
      const nonce = nextNonce()
      out.set(nonce)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, options).setAAD(name)
      out.set(cipher.update(value), nonceBytes)
      cipher.final()
      out.set(cipher.getAuthTag(), nonceBytes + value.length)
      return out
    },
    open(name, sealed) {
      const end = sealed.length - tagBytes
      if (end < nonceBytes) throw damaged()
      const nonce = sealed.subarray(0, nonceBytes)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, options).setAAD(name)
      decipher.setAuthTag(sealed.subarray(end))
      const value = decipher.update(sealed.subarray(nonceBytes, end))
      try {
        decipher.final()
      } catch (cause) {
        throw damaged(cause)
      }
      return new Uint8Array(value.buffer, value.byteOffset, value.length)
    },
  }
}

/**
 * The sealing of this device's store. Its key is made with the store and never for one that `exists`
 * already: what that holds could not be read ever again. Rejects with `keyring-unreadable`.
 */
export async function openSealing(
  keyring: Pick<Keyring, 'getSecret' | 'putSecret'>,
  random: Random,
  exists: boolean,
): Promise<Sealing> {
  const known = await keyring.getSecret(keyName)
  if (known?.length === sealingKeyBytes) return createSealing(known)
  if (known !== undefined) throw keyless('its key has the wrong length')
  if (exists) throw keyless('its key is not among the keys')
  const key = random.bytes(sealingKeyBytes)
  await keyring.putSecret(keyName, key)
  return createSealing(key)
}

const keyless = (why: string) =>
  new BatonError('keyring-unreadable', `failed to open the store: ${why}`, {
    hint: 'keys and store belong together: bring back the keys, or move the store away',
  })

const damaged = (cause?: unknown) =>
  new BatonError('store-corrupt', 'failed to read the store: a row is not what was written', {
    cause,
  })
