/**
 * A recovery key on paper: 128 bits as thirteen words with a check, or as a link in a QR code. Rules:
 * RK. Reading is forgiving and local, as for a pairing code; what was typed never stands in an error.
 * What it becomes is an Ed25519 seed; who the key is to a roster stands in roster/recovery.ts.
 */
import { type Bytes, fromBase64url, toBase64url } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { label } from '../labels.ts'
import { maxCodeChars, recoverySecretBytes, recoveryWords } from '../limits.ts'
import type { Sha256 } from '../primitives.ts'
import { deriveKey, hkdfExtract } from './hkdf.ts'
import { verifyKeyOf } from './signature.ts'
import { wordMeant } from './word-search.ts'
import { words } from './words.ts'

const wordBits = 11
const scheme = 'baton-recovery:'

/** The words of 16 random bytes: 128 bits of them, then 15 of their hash. Throws `invalid`. */
export function recoveryWordsOf(sha256: Sha256, secret: Bytes): readonly string[] {
  if (secret.length !== recoverySecretBytes) {
    throw new BatonError('invalid', `a recovery key takes ${recoverySecretBytes} random bytes`)
  }
  const bits = bitsOf(secret) + bitsOf(checkOf(sha256, secret)).slice(0, checkBits)
  return Array.from({ length: recoveryWords }, (_, at) => {
    return words[Number.parseInt(bits.slice(at * wordBits, (at + 1) * wordBits), 2)] as string
  })
}

/** For a QR code: `baton-recovery:` and 22 letters. */
export const recoveryLinkOf = (secret: Bytes): string => scheme + toBase64url(secret)

/** Reads words or a link as a person typed or scanned it; 16 bytes. Throws `code-format`. */
export function parseRecovery(sha256: Sha256, text: string): Bytes {
  if (text.length > maxCodeChars) throw unreadable('it is too long')
  const trimmed = text.trim()
  if (trimmed.toLowerCase().startsWith(scheme)) return parseLink(trimmed.slice(scheme.length))
  const typed = normalize(trimmed)
  const found = typed.map((word, index) => wordMeant(word, index + 1, unreadable))
  if (found.length !== recoveryWords) {
    throw unreadable(`it has ${recoveryWords} words, not ${found.length}`)
  }
  const bits = found.map((word) => indexOf(word).toString(2).padStart(wordBits, '0')).join('')
  const secret = Uint8Array.from({ length: recoverySecretBytes }, (_, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2),
  )
  const check = bitsOf(checkOf(sha256, secret)).slice(0, checkBits)
  if (check === bits.slice(recoverySecretBytes * 8)) return secret
  throw unreadable('every word is in the list, but one is another than was written, or elsewhere')
}

/** Its Ed25519 seed and public key, 32 bytes each. */
export function recoveryKeyOf(secret: Bytes): { readonly seed: Bytes; readonly key: Bytes } {
  const seed = deriveKey(hkdfExtract(label('recovery'), secret), 'recovery', new Uint8Array(0))
  return { seed, key: verifyKeyOf(seed) }
}

const checkBits = recoveryWords * wordBits - recoverySecretBytes * 8
const places: ReadonlyMap<string, number> = new Map(words.map((word, at) => [word, at]))
const indexOf = (word: string): number => places.get(word) as number

const checkOf = (sha256: Sha256, secret: Bytes): Bytes =>
  sha256(label('recoveryCheck'), secret).slice(0, 4)

const bitsOf = (bytes: Bytes): string =>
  [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')

/** Lower case words; numbers a person wrote beside them to count are dropped. */
function normalize(text: string): readonly string[] {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((part) => part !== '')
}

function parseLink(body: string): Bytes {
  try {
    const secret = fromBase64url(body)
    if (secret.length === recoverySecretBytes) return secret
  } catch {
    // What lands here: letters that are no base64url, or a last one with stray bits.
  }
  throw unreadable('the link is damaged', 'scan it again, or type the words')
}

function unreadable(why: string, hint = 'read it on the paper again'): BatonError {
  return new BatonError('code-format', `failed to read the recovery key: ${why}`, { hint })
}
