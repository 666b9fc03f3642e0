/** HKDF-SHA256 (RFC 5869) and HMAC-SHA256 with the project's labels in front. Rules: CP. */
import { expand as nobleExpand, extract as nobleExtract } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, concat } from '../bytes.ts'
import { type Label, label } from '../labels.ts'

/** RFC 5869 2.2; 32 bytes. */
export const hkdfExtract = (salt: Bytes, ikm: Bytes): Bytes => nobleExtract(sha256, ikm, salt)

/** RFC 5869 2.3. */
export const hkdfExpand = (prk: Bytes, info: Bytes, length = 32): Bytes =>
  nobleExpand(sha256, prk, info, length)

/** The key that `prk` gives under one label; `context` follows the label and its NUL. */
export const deriveKey = (prk: Bytes, name: Label, context: Bytes, length = 32): Bytes =>
  hkdfExpand(prk, concat(label(name), context), length)

/** 32 bytes. */
export const hmacSha256 = (key: Bytes, message: Bytes): Bytes => hmac(sha256, key, message)
