/**
 * A key under a passphrase (rules GU5, GU6): sealed under what scrypt (RFC 7914) makes of it, the
 * parameters beside it and bound in. What the key opens it does not know.
 */
import { scrypt } from 'node:crypto'
import { type Bytes, concat, utf8Encode } from '@baton/shared/bytes'
import { bytesField } from '@baton/shared/encoding/field'
import { BatonError } from '@baton/shared/errors'
import { label } from '@baton/shared/labels'
import {
  maxPassphraseBytes,
  maxPassphraseLanes,
  maxPassphraseLogN,
  minPassphraseChars,
  minPassphraseLogN,
  passphraseBlock,
  passphraseLanes,
  passphraseLogN,
} from '@baton/shared/limits'
import * as z from 'zod/mini'
import type { Random } from '../../core/ports/platform.ts'
import { createSealing, sealedBytes, sealingKeyBytes } from '../sealing.ts'

const saltBytes = 16

/** [salt(16), log2 N, r, p, sealed key(60)], in bounds: what it costs to try is known before. */
export const wrapSchema = z.tuple([
  bytesField(saltBytes),
  z.int().check(z.minimum(minPassphraseLogN), z.maximum(maxPassphraseLogN)),
  z.literal(passphraseBlock),
  z.int().check(z.minimum(1), z.maximum(maxPassphraseLanes)),
  bytesField(sealedBytes(sealingKeyBytes)),
])
export type Wrap = z.infer<typeof wrapSchema>

/** `logN`: less than usual for tests alone. */
export async function wrapKey(
  key: Bytes,
  passphrase: string,
  random: Random,
  logN = passphraseLogN,
): Promise<Wrap> {
  const salt = random.bytes(saltBytes)
  const cost = [logN, passphraseBlock, passphraseLanes] as const
  const outer = await derive(passphrase, salt, ...cost)
  return [salt, ...cost, createSealing(outer).seal(boundTo(salt, ...cost), key)]
}

/** Rejects with `passphrase-wrong`, which a damaged wrap cannot be told from. */
export async function unwrapKey([salt, ...rest]: Wrap, passphrase: string): Promise<Bytes> {
  const [logN, r, p, sealed] = rest
  const outer = await derive(passphrase, salt, logN, r, p)
  try {
    return createSealing(outer).open(boundTo(salt, logN, r, p), sealed)
  } catch {
    throw new BatonError('passphrase-wrong', 'failed to open: the passphrase is wrong', {
      hint: 'type it again; nothing was changed',
    })
  }
}

/** What a new passphrase must be. Throws `usage`. */
export function checkPassphrase(passphrase: string): void {
  if (
    [...passphrase].length >= minPassphraseChars &&
    bytesOf(passphrase).length <= maxPassphraseBytes
  )
    return
  throw new BatonError(
    'usage',
    `failed to use the passphrase: it has ${minPassphraseChars} characters or more, ${maxPassphraseBytes} bytes at most`,
    { hint: 'a few words that only you would put together are good' },
  )
}

/** The same letters typed on another keyboard are the same bytes. */
const bytesOf = (passphrase: string): Bytes => utf8Encode(passphrase.normalize('NFKC'))

function derive(passphrase: string, salt: Bytes, logN: number, r: number, p: number) {
  const N = 2 ** logN
  const maxmem = 128 * r * (N + p + 2)
  return new Promise<Bytes>((resolve, reject) => {
    scrypt(bytesOf(passphrase), salt, sealingKeyBytes, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(new BatonError('too-large', 'failed to open: too little memory'))
      else resolve(new Uint8Array(key))
    })
  })
}

const boundTo = (salt: Bytes, ...cost: readonly number[]): Bytes =>
  concat(label('passphrase'), salt, Uint8Array.from(cost))
