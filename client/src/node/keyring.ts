/**
 * The Keyring on disk (rules KR1 to KR9, GU1): `device.key` made on first use, one file a secret
 * beside it, sealed where something guards them. Every call reads the files as they are, so processes
 * that share a home agree. A file that cannot be read is never written over.
 *
 * Limits: unguarded keys lie in the clear under the file system's permissions, which a backup or
 * another administrator gets around; the names of secrets always do; while a key is used it lies in
 * this process's memory.
 */
import { readdirSync } from 'node:fs'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Keyring, Random } from '../core/ports/platform.ts'
import { checkSecret } from '../core/secret.ts'
import { createFile, removeFile, replaceFile, sweepLeftovers } from './atomic-file.ts'
import { agreeX25519, keyPairs, signEd25519 } from './device-key.ts'
import { type KeyAccess, noAccess, openGuard, readGuard } from './guard/guard.ts'
import { maxKeyFileBytes, parseKeyFile, printKeyFile } from './key-file.ts'
import {
  deviceKind,
  devicePath,
  guarded,
  isSecretFile,
  rewriteKeys,
  secretKind,
  secretPath,
} from './key-folder.ts'
import { ensurePrivateFolder, readPrivateFile } from './private-folder.ts'

const seedBytes = 32

export interface KeyringOptions {
  /** False where a device was: its keys are not made anew. */
  readonly make?: boolean
  /** How guarded keys are had; they are not without it. */
  readonly access?: KeyAccess
  /** No other process changes these keys meanwhile: finishes what a lock that was cut off began. */
  readonly alone?: boolean
}

/**
 * Opens the keys in `folder`. Rejects with `keyring-mode`, `keyring-unreadable`, `keyring-locked`,
 * `passphrase-wrong` or `keychain-unavailable`.
 */
export async function openKeyring(
  folder: string,
  random: Random,
  { make = true, access = noAccess, alone = false }: KeyringOptions = {},
): Promise<Keyring> {
  const guard = guarded('open', () => {
    ensurePrivateFolder(folder)
    sweepLeftovers(folder)
    return readGuard(folder)
  })
  const key = guard && (await openGuard(guard, access))
  const { device, exchange } = guarded('open', () => {
    if (key && alone) rewriteKeys(folder, key, 'sealed')
    return keyPairs(readDevice(folder, key) ?? makeDevice(folder, random, make, key))
  })
  return {
    device: device.publicKey,
    exchange: exchange.publicKey,
    sign: async (message) => signEd25519(device, message),
    agree: async (publicKey) => agreeX25519(exchange, publicKey),
    async getSecret(name) {
      const path = secretPath(folder, name)
      return guarded('read', () => {
        const text = readPrivateFile(path, maxKeyFileBytes)
        return text === undefined ? undefined : parseKeyFile(path, secretKind(name), text, key)
      })
    },
    async putSecret(name, secret) {
      const path = secretPath(folder, name)
      checkSecret(secret)
      guarded('write', () => replaceFile(path, printKeyFile(secretKind(name), secret, key)))
    },
    async deleteSecret(name) {
      const path = secretPath(folder, name)
      guarded('write', () => removeFile(path))
    },
  }
}

/** Seed and exchange secret in one, so that a crash never leaves half a device. */
function readDevice(folder: string, key: Bytes | undefined): Bytes | undefined {
  const path = devicePath(folder)
  const text = readPrivateFile(path, maxKeyFileBytes)
  if (text === undefined) return undefined
  const keys = parseKeyFile(path, deviceKind, text, key)
  if (keys.length === 2 * seedBytes) return keys
  throw new BatonError('keyring-unreadable', `failed to read ${path}: it has the wrong length`)
}

function makeDevice(folder: string, random: Random, make: boolean, key: Bytes | undefined): Bytes {
  if (readdirSync(folder).some(isSecretFile)) {
    throw deviceGone(folder, 'its secrets are not', `move ${folder} away to start as a new device`)
  }
  if (!make) throw deviceGone(folder, 'its store is not', 'move the store away to start anew')
  const path = devicePath(folder)
  const keys = random.bytes(2 * seedBytes)
  if (createFile(path, printKeyFile(deviceKind, keys, key))) return keys
  const theirs = readDevice(folder, key)
  if (theirs !== undefined) return theirs
  throw new BatonError('keyring-unreadable', `failed to read ${path}: it went away`)
}

const deviceGone = (folder: string, left: string, otherwise: string) =>
  new BatonError(
    'keyring-unreadable',
    `failed to open the keys: ${devicePath(folder)} is gone, ${left}`,
    { hint: `put device.key back, or ${otherwise}` },
  )
