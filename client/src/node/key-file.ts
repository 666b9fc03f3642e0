/**
 * The text of one key file (rule KR5): `baton-key 1 <kind> <base64url> <check>`, one line. The check
 * covers kind and bytes, so that a damaged, cut or misplaced file is seen. Errors quote nothing.
 */
import { createHash } from 'node:crypto'
import { type Bytes, equalBytes, fromBase64url, toBase64url, utf8Encode } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'

export const maxKeyFileBytes = 8 * 1024
const checkBytes = 8

/** `kind` is part of the check: a file renamed to stand for another is refused. */
export function printKeyFile(kind: string, secret: Bytes): Bytes {
  const check = toBase64url(checkOf(kind, secret))
  return utf8Encode(`baton-key 1 ${kind.split(' ')[0]} ${toBase64url(secret)} ${check}\n`)
}

/** Throws `keyring-unreadable`; `path` is named in it. */
export function parseKeyFile(path: string, kind: string, text: string): Bytes {
  const [magic, version, , secret = '', check = '', ...rest] = text.split(/[ \n]/)
  if (magic !== 'baton-key') throw unreadable(path, 'it is not a key file')
  if (version !== '1') throw unreadable(path, 'another version of Baton wrote it')
  if (rest.length !== 1 || rest[0] !== '') throw unreadable(path, 'it is damaged')
  const bytes = decoded(path, secret)
  if (!equalBytes(decoded(path, check), checkOf(kind, bytes)))
    throw unreadable(path, 'it is damaged')
  return bytes
}

function decoded(path: string, text: string): Bytes {
  try {
    return fromBase64url(text)
  } catch {
    // The decoder's own words quote what it read.
    throw unreadable(path, 'it is damaged')
  }
}

const checkOf = (kind: string, secret: Bytes): Bytes =>
  new Uint8Array(
    createHash('sha256').update(`baton-key 1 ${kind}\0`).update(secret).digest(),
  ).subarray(0, checkBytes)

const unreadable = (path: string, why: string): BatonError =>
  new BatonError('keyring-unreadable', `failed to read ${path}: ${why}`, {
    hint: 'put back a copy of it; it was not changed',
  })
