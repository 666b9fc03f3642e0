/**
 * Crypto that has a fast native form, as a port. An edge passes its native functions; the pure
 * fallbacks stand in keyexchange/signature.ts and below, and give the same verdicts.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Bytes } from './bytes.ts'

/** SHA-256 over the concatenation of `parts`; 32 bytes. */
export type Sha256 = (...parts: Bytes[]) => Bytes

/**
 * The one signature predicate (RFC 8032, cofactorless). `false` means well-formed input that does
 * not verify, and input of the wrong size; it never throws.
 */
export type Verify = (
  publicKey: Bytes,
  message: Bytes,
  signature: Bytes,
) => boolean | Promise<boolean>

/** SHA-256 over bytes as they come. */
export interface Hasher {
  update(part: Bytes): void
  /** 32 bytes; ends the hasher. */
  digest(): Bytes
}

export type CreateHasher = () => Hasher

export interface Primitives {
  readonly sha256: Sha256
  readonly createHasher: CreateHasher
  readonly verify: Verify
}

/** SHA-256 in TypeScript, for platforms without a synchronous native one. */
export const pureSha256: Sha256 = (...parts) => {
  const hash = sha256.create()
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The same as bytes come, about 180 MB/s. */
export const createPureHasher: CreateHasher = () => {
  const hash = sha256.create()
  return { update: (part) => void hash.update(part), digest: () => hash.digest() }
}
