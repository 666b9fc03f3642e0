/**
 * The text of one key file (rules KR5, GU1): `baton-key 1 <kind> <base64url> <check>`, one line, or
 * `baton-key 2` with the secret sealed under the key that guards the home. The check covers kind and
 * bytes, so that a damaged, cut or misplaced file is seen. Errors quote nothing.
 */
import { createHash } from 'node:crypto'
import { type Bytes, equalBytes, fromBase64url, toBase64url, utf8Encode } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { createSealing } from './sealing.ts'

export const maxKeyFileBytes = 8 * 1024
const checkBytes = 8

/**
 * `kind` is part of the check, and bound into what is sealed: a file renamed to stand for another is
 * refused. Sealed where `guard` is given.
 */
export function printKeyFile(kind: string, secret: Bytes, guard?: Bytes): Bytes {
  const version = guard ? '2' : '1'
  const bytes = guard ? createSealing(guard).seal(nameOf(version, kind), secret) : secret
  const check = toBase64url(checkOf(version, kind, bytes))
  return utf8Encode(`baton-key ${version} ${kind.split(' ')[0]} ${toBase64url(bytes)} ${check}\n`)
}

/** True for a file whose secret stands in it as it is. */
export const isPlain = (text: string): boolean => text.startsWith('baton-key 1 ')

/** Throws `keyring-unreadable`, or `keyring-locked` for a sealed one; `path` is named in it. */
export function parseKeyFile(path: string, kind: string, text: string, guard?: Bytes): Bytes {
  const [magic, version = '', , secret = '', check = '', ...rest] = text.split(/[ \n]/)
  if (magic !== 'baton-key') throw unreadable(path, 'it is not a key file')
  if (version !== '1' && version !== '2') {
    throw unreadable(path, 'another version of Baton wrote it')
  }
  if (rest.length !== 1 || rest[0] !== '') throw unreadable(path, 'it is damaged')
  const bytes = decoded(path, secret)
  if (!equalBytes(decoded(path, check), checkOf(version, kind, bytes)))
    throw unreadable(path, 'it is damaged')
  return version === '1' ? bytes : opened(path, kind, bytes, guard)
}

function opened(path: string, kind: string, sealed: Bytes, guard: Bytes | undefined): Bytes {
  if (!guard) {
    throw new BatonError('keyring-locked', `failed to read ${path}: it is sealed`, {
      hint: 'bring back guard.key, which stood beside it',
    })
  }
  try {
    return createSealing(guard).open(nameOf('2', kind), sealed)
  } catch {
    throw unreadable(path, 'it was sealed under another key')
  }
}

function decoded(path: string, text: string): Bytes {
  try {
    return fromBase64url(text)
  } catch {
    // The decoder's own words quote what it read.
    throw unreadable(path, 'it is damaged')
  }
}

const nameOf = (version: string, kind: string): Bytes =>
  utf8Encode(`baton-key ${version} ${kind}\0`)

const checkOf = (version: string, kind: string, bytes: Bytes): Bytes =>
  new Uint8Array(
    createHash('sha256').update(nameOf(version, kind)).update(bytes).digest(),
  ).subarray(0, checkBytes)

const unreadable = (path: string, why: string): BatonError =>
  new BatonError('keyring-unreadable', `failed to read ${path}: ${why}`, {
    hint: 'put back a copy of it; it was not changed',
  })
