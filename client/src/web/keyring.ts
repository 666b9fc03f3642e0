/**
 * The Keyring of a page (rules KR1, KR7, KR8, WB3): keys that the browser makes, keeps and uses, and
 * hands to nobody, this page included. What it cannot promise: a script that runs on this origin can
 * use them as the page does; and pair secrets are sealed while they lie there, but each of them is in
 * the page's memory while it is used.
 */
import { type Bytes, utf8Encode } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Keyring } from '../core/ports/platform.ts'
import { checkSecret, checkSecretName } from '../core/secret.ts'
import { type Database, databaseError } from './database.ts'
import { owned } from './owned.ts'
import { createSealing, newSealingKey } from './sealing.ts'

export interface DeviceKeys {
  readonly device: CryptoKeyPair
  readonly exchange: CryptoKeyPair
  /** AES-GCM: of the store's rows, and of the secrets here. */
  readonly rows: CryptoKey
  readonly secrets: CryptoKey
}

const own = 'device'
const secretPrefix = 'secret.'
const durably = { durability: 'strict' } as const

export interface PageKeyring {
  readonly keyring: Keyring
  /** Seals the rows of the store beside it. */
  readonly rows: CryptoKey
}

/** Rejects with `native-missing` in a browser without Ed25519 or X25519, and as a database does. */
export async function openKeyring(database: Database): Promise<PageKeyring> {
  const keys = (await read(database)) ?? (await keep(database, await makeKeys()))
  const [device, exchange] = await Promise.all([
    rawKey(keys.device.publicKey),
    rawKey(keys.exchange.publicKey),
  ])
  const sealing = createSealing(keys.secrets)
  const nameOf = (name: string) => {
    checkSecretName(name)
    return utf8Encode(secretPrefix + name)
  }
  const keyring: Keyring = {
    device,
    exchange,
    async sign(message) {
      const { privateKey } = keys.device
      return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, owned(message)))
    },
    agree: (publicKey) => agree(keys.exchange.privateKey, publicKey),
    async getSecret(name) {
      const place = nameOf(name)
      const sealed = await database.get('keys', secretPrefix + name)
      return sealed instanceof Uint8Array ? sealing.open(place, sealed) : undefined
    },
    async putSecret(name, secret) {
      const place = nameOf(name)
      checkSecret(secret)
      const sealed = await sealing.seal(place, secret)
      await writing(database, (store) => store.put(sealed, secretPrefix + name))
    },
    async deleteSecret(name) {
      nameOf(name)
      await writing(database, (store) => store.delete(secretPrefix + name))
    },
  }
  return { keyring, rows: keys.rows }
}

async function read(database: Database): Promise<DeviceKeys | undefined> {
  const found = await database.get('keys', own)
  return found instanceof Uint8Array ? undefined : found
}

/** Of two pages that begin at once, the keys of the first one are those of both. */
async function keep(database: Database, made: DeviceKeys): Promise<DeviceKeys> {
  const transaction = database.transaction('keys', 'readwrite', durably)
  try {
    const there = await transaction.store.get(own)
    if (there === undefined) await transaction.store.put(made, own)
    await transaction.done
    return there === undefined || there instanceof Uint8Array ? made : there
  } catch (cause) {
    throw databaseError('write to', cause)
  }
}

async function makeKeys(): Promise<DeviceKeys> {
  try {
    const [device, exchange, rows, secrets] = await Promise.all([
      crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']) as Promise<CryptoKeyPair>,
      crypto.subtle.generateKey('X25519', false, ['deriveBits']) as Promise<CryptoKeyPair>,
      newSealingKey(),
      newSealingKey(),
    ])
    return { device, exchange, rows, secrets }
  } catch (cause) {
    throw new BatonError('native-missing', 'failed to make keys: this browser has no Ed25519', {
      cause,
      hint: 'Chrome and Edge have it from 137, Firefox from 130, Safari from 17',
    })
  }
}

const rawKey = async (key: CryptoKey): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.exportKey('raw', key))

async function agree(privateKey: CryptoKey, publicKey: Bytes): Promise<Bytes> {
  try {
    const theirs = await crypto.subtle.importKey('raw', owned(publicKey), 'X25519', false, [])
    const how = { name: 'X25519', public: theirs }
    const shared = new Uint8Array(await crypto.subtle.deriveBits(how, privateKey, 256))
    // The specification asks browsers to refuse this by themselves.
    if (shared.some((byte) => byte !== 0)) return shared
  } catch {
    // What lands here: a key of the wrong size, or one of small order.
  }
  throw new BatonError('bad-key', 'failed to agree: the public key is unusable')
}

type KeyStore = ReturnType<typeof openForWriting>['store']

const openForWriting = (database: Database) => database.transaction('keys', 'readwrite', durably)

async function writing(
  database: Database,
  write: (store: KeyStore) => Promise<unknown>,
): Promise<void> {
  const transaction = openForWriting(database)
  try {
    await Promise.all([write(transaction.store), transaction.done])
  } catch (cause) {
    throw databaseError('write to', cause)
  }
}
