/** A sealed message at the edge: its bound on the way out, its text form on the way in. */
import { type Bytes, fromBase64url } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxBlobBytes } from '@baton/shared/limits'

/** The error for a message the service would refuse, or undefined. */
export function tooLarge(blob: Bytes): BatonError | undefined {
  if (blob.length <= maxBlobBytes) return undefined
  return new BatonError('too-large', `failed to send: a message has at most ${maxBlobBytes} bytes`)
}

/** Undefined for text that is not base64url: the same as a message that never came. */
export function decodeBlob(text: string): Bytes | undefined {
  try {
    return fromBase64url(text)
  } catch {
    // a service that alters messages can as well drop them
    return undefined
  }
}
