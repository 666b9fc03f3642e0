/** What every Keyring checks before it takes a secret (rule KR7). */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxSecretBytes } from '@baton/shared/limits'

const allowed = /^[A-Za-z0-9._-]{1,100}$/

/** Throws `invalid`; the name is not quoted, it may be what a person typed. */
export function checkSecretName(name: string): void {
  if (allowed.test(name)) return
  throw new BatonError('invalid', 'failed to name a secret: 1 to 100 of A-Z a-z 0-9 . _ -')
}

/** Throws `too-large`. */
export function checkSecret(secret: Bytes): void {
  if (secret.length <= maxSecretBytes) return
  throw new BatonError('too-large', `failed to keep a secret: over ${maxSecretBytes} bytes`)
}
