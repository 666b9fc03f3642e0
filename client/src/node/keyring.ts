/**
 * The Keyring on disk (rules KR1 to KR9): `device.key` made on first use, one file a secret beside
 * it. Every call reads the files as they are, so processes that share a home agree. A file that
 * cannot be read is never written over.
 *
 * Limits: keys lie in the clear under the file system's permissions, which a backup or another
 * administrator gets around; while a key is used it lies in this process's memory.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Keyring, Random } from '../core/ports/platform.ts'
import { checkSecret, checkSecretName } from '../core/secret.ts'
import { createFile, removeFile, replaceFile, sweepLeftovers } from './atomic-file.ts'
import { agreeX25519, keyPairs, signEd25519 } from './device-key.ts'
import { maxKeyFileBytes, parseKeyFile, printKeyFile } from './key-file.ts'
import { ensurePrivateFolder, readPrivateFile } from './private-folder.ts'

const seedBytes = 32
const deviceName = 'device'

export interface KeyringOptions {
  /** False where a device was: its keys are not made anew. */
  readonly make?: boolean
}

/** Opens the keys in `folder`. Rejects with `keyring-mode` or `keyring-unreadable`. */
export async function openKeyring(
  folder: string,
  random: Random,
  { make = true }: KeyringOptions = {},
): Promise<Keyring> {
  const { device, exchange } = guarded('open', () => {
    ensurePrivateFolder(folder)
    sweepLeftovers(folder)
    return keyPairs(readDevice(folder) ?? makeDevice(folder, random, make))
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
        return text === undefined ? undefined : parseKeyFile(path, `secret ${name}`, text)
      })
    },
    async putSecret(name, secret) {
      const path = secretPath(folder, name)
      checkSecret(secret)
      guarded('write', () => replaceFile(path, printKeyFile(`secret ${name}`, secret)))
    },
    async deleteSecret(name) {
      const path = secretPath(folder, name)
      guarded('write', () => removeFile(path))
    },
  }
}

/** Seed and exchange secret in one, so that a crash never leaves half a device. */
function readDevice(folder: string): Bytes | undefined {
  const path = join(folder, 'device.key')
  const text = readPrivateFile(path, maxKeyFileBytes)
  if (text === undefined) return undefined
  const keys = parseKeyFile(path, deviceName, text)
  if (keys.length === 2 * seedBytes) return keys
  throw new BatonError('keyring-unreadable', `failed to read ${path}: it has the wrong length`)
}

function makeDevice(folder: string, random: Random, make: boolean): Bytes {
  const orphan = readdirSync(folder).find((name) => name.startsWith('secret-'))
  if (orphan !== undefined) {
    throw deviceGone(folder, 'its secrets are not', `move ${folder} away to start as a new device`)
  }
  if (!make) throw deviceGone(folder, 'its store is not', 'move the store away to start anew')
  const path = join(folder, 'device.key')
  const keys = random.bytes(2 * seedBytes)
  if (createFile(path, printKeyFile(deviceName, keys))) return keys
  const theirs = readDevice(folder)
  if (theirs !== undefined) return theirs
  throw new BatonError('keyring-unreadable', `failed to read ${path}: it went away`)
}

const deviceGone = (folder: string, left: string, otherwise: string) =>
  new BatonError(
    'keyring-unreadable',
    `failed to open the keys: ${join(folder, 'device.key')} is gone, ${left}`,
    { hint: `put device.key back, or ${otherwise}` },
  )

/** Case and reserved names are kept apart also where the file system or Windows would join them. */
function secretPath(folder: string, name: string): string {
  checkSecretName(name)
  const escaped = name.replace(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`)
  return join(folder, `secret-${escaped}.key`)
}

/** What the file system says may quote nothing but paths, which is all that gets out of here. */
function guarded<T>(verb: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof BatonError) throw error
    const { code, path } = error as NodeJS.ErrnoException
    throw new BatonError(
      'keyring-unreadable',
      `failed to ${verb} the keys: ${code ?? 'unknown'}${path === undefined ? '' : ` at ${path}`}`,
      { hint: 'check that the folder can be written and the disk is not full' },
    )
  }
}
