/**
 * What guards the keys of a home (rules GU1, GU4): with `guard.key` beside them they are sealed under
 * one key, which the operating system's keychain holds or a passphrase opens; without it they stand
 * in the clear under the file system's permissions.
 */
import { join } from 'node:path'
import { type Bytes, toHex } from '@baton/shared/bytes'
import { bytesField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { label } from '@baton/shared/labels'
import * as z from 'zod/mini'
import { replaceFile } from '../atomic-file.ts'
import { maxKeyFileBytes, parseKeyFile, printKeyFile } from '../key-file.ts'
import { readPrivateFile } from '../private-folder.ts'
import { createSealing, sealedBytes, sealingKeyBytes } from '../sealing.ts'
import type { Keychain } from './keychain.ts'
import { unwrapKey, wrapSchema } from './passphrase.ts'

export const accountBytes = 16
/** [by, account, a sealed nothing] or [by, wrap]. */
const schema = z.union([
  z.tuple([z.literal('keychain'), bytesField(accountBytes), bytesField(sealedBytes(0))]),
  z.tuple([z.literal('passphrase'), wrapSchema]),
])
export type Guard = z.infer<typeof schema>
export type GuardKind = Guard[0] | 'files'

/** How a person's keys are had. */
export interface KeyAccess {
  /** Asks for the passphrase. Rejects with `keyring-locked` where nobody can be asked. */
  passphrase(): Promise<string>
  /** Undefined: none is asked. */
  readonly keychain: Keychain | undefined
}

export const noAccess: KeyAccess = {
  passphrase: async () => {
    throw new BatonError('keyring-locked', 'failed to open the keys: they are under a passphrase', {
      hint: 'start from a terminal, or name a file that holds it with BATON_PASSPHRASE_FILE',
    })
  },
  keychain: undefined,
}

export const guardName = 'guard.key'
const kind = 'guard'

/** Undefined: the keys stand in the clear. Throws `keyring-mode` or `keyring-unreadable`. */
export function readGuard(folder: string): Guard | undefined {
  const path = join(folder, guardName)
  const text = readPrivateFile(path, maxKeyFileBytes)
  if (text === undefined) return undefined
  const bytes = parseKeyFile(path, kind, text)
  try {
    return decodeAs(schema, bytes)
  } catch {
    throw new BatonError('keyring-unreadable', `failed to read ${path}: it is of another version`, {
      hint: 'update this installation; it was not changed',
    })
  }
}

export const guardKind = (folder: string): GuardKind => readGuard(folder)?.[0] ?? 'files'

/** Durable when it returns. */
export const writeGuard = (folder: string, guard: Guard): void =>
  replaceFile(join(folder, guardName), printKeyFile(kind, encode(guard)))

/** The key that the keys of the home are sealed under. Rejects with what a person can act on. */
export async function openGuard(guard: Guard, access: KeyAccess): Promise<Bytes> {
  if (guard[0] === 'passphrase') return unwrapKey(guard[1], await access.passphrase())
  const [, account, proof] = guard
  const key = await access.keychain?.get(toHex(account))
  if (key?.length === sealingKeyBytes && proves(key, proof)) return key
  const name = access.keychain?.name ?? 'keychain'
  const why = access.keychain ? `the ${name} does not have their key` : 'no keychain is asked here'
  throw new BatonError('keychain-unavailable', `failed to open the keys: ${why}`, {
    hint: 'start as the user, and in the session, that keeps them; or bring back a backup of both',
  })
}

const proofName = label('keyring')

/** The guard of a key that the keychain holds. */
export const keychainGuard = (account: Bytes, key: Bytes): Guard => [
  'keychain',
  account,
  createSealing(key).seal(proofName, new Uint8Array(0)),
]

function proves(key: Bytes, proof: Bytes): boolean {
  try {
    createSealing(key).open(proofName, proof)
    return true
  } catch {
    // What lands here: the key of another home.
    return false
  }
}
