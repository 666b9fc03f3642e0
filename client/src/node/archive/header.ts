/**
 * The head of an archive file (rules AR5, AR6): who opens it, by a passphrase or by a device's exchange
 * key, and the key that its chunks are sealed under. All of its bytes go into that key.
 *
 *     file   = "baton-export 1\n" || length(u16) || header || nonce(16) || chunks
 *     header = msgpack ["passphrase", wrap] or ["device", id(32), ephemeral(32), sealed file key(60)]
 *     key    = HKDF-SHA256(salt = nonce, ikm = file key, info = label || SHA-256(all before the chunks))
 */
import { hash } from 'node:crypto'
import { type Bytes, concat, equalBytes, utf8Encode } from '@baton/shared/bytes'
import { bytesField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, deviceId, idBytes } from '@baton/shared/ids'
import { deriveKey, hkdfExtract } from '@baton/shared/keyexchange/hkdf'
import { agree, exchangeKey } from '@baton/shared/keyexchange/x25519'
import { maxArchiveHeaderBytes } from '@baton/shared/limits'
import * as z from 'zod/mini'
import type { Keyring, Random } from '../../core/ports/platform.ts'
import { unwrapKey, wrapKey, wrapSchema } from '../guard/passphrase.ts'
import { createSealing, sealedBytes, sealingKeyBytes } from '../sealing.ts'

const magic = 'baton-export '
const version = '1'
const lead = utf8Encode(`${magic}${version}\n`)
const nonceBytes = 16
const nothing = new Uint8Array(0)

const schema = z.union([
  z.tuple([z.literal('passphrase'), wrapSchema]),
  z.tuple([
    z.literal('device'),
    bytesField(32),
    bytesField(32),
    bytesField(sealedBytes(sealingKeyBytes)),
  ]),
])
export type Header = z.infer<typeof schema>

/** The most a head takes. */
export const maxLeadBytes = lead.length + 2 + maxArchiveHeaderBytes + nonceBytes

export type Recipient =
  /** `logN`: less than usual for tests alone. */
  | { readonly passphrase: string; readonly logN?: number }
  | { readonly device: DeviceId; readonly exchange: Bytes }

/** A new head, and the key of its chunks. */
export async function makeHead(
  to: Recipient,
  random: Random,
): Promise<{ readonly head: Bytes; readonly key: Bytes }> {
  const fileKey = random.bytes(sealingKeyBytes)
  const header: Header =
    'passphrase' in to
      ? ['passphrase', await wrapKey(fileKey, to.passphrase, random, to.logN)]
      : sealedTo(to.device, to.exchange, fileKey, random)
  const body = encode(header)
  const nonce = random.bytes(nonceBytes)
  const head = concat(lead, Uint8Array.of(body.length >> 8, body.length & 0xff), body, nonce)
  return { head, key: chunkKey(fileKey, head) }
}

export interface Head {
  readonly header: Header
  /** Bytes before the first chunk. */
  readonly bytes: Bytes
}

/**
 * Reads the head from the beginning of a file. Throws `unsupported-version` for one of a newer version
 * and `invalid` for what is none.
 */
export function parseHead(start: Bytes): Head {
  const line = Buffer.from(start.subarray(0, 32)).toString('latin1').split('\n', 1)[0] ?? ''
  if (!line.startsWith(magic)) throw refused('it is no export of Baton')
  if (line !== `${magic}${version}`) {
    throw new BatonError(
      'unsupported-version',
      'failed to import: another version of Baton wrote the file',
      { hint: 'update this installation' },
    )
  }
  const at = lead.length + 2
  const length = ((start[at - 2] ?? 0) << 8) | (start[at - 1] ?? 0)
  const end = at + length + nonceBytes
  if (length > maxArchiveHeaderBytes) throw refused('it is damaged')
  if (start.length < end) throw refused('it is cut short')
  try {
    return { header: decodeAs(schema, start.slice(at, at + length)), bytes: start.slice(0, end) }
  } catch {
    throw refused('it is damaged')
  }
}

/**
 * The key of the chunks. Rejects with `passphrase-wrong`, with `not-permitted` for a file that is
 * sealed to another device, and with `usage` where a passphrase is missing.
 */
export async function openHead(
  { header, bytes }: Head,
  keyring: Pick<Keyring, 'device' | 'exchange' | 'agree'>,
  passphrase: string | undefined,
): Promise<Bytes> {
  if (header[0] === 'passphrase') {
    if (passphrase !== undefined) return chunkKey(await unwrapKey(header[1], passphrase), bytes)
    throw new BatonError('usage', 'failed to import: the file is sealed by a passphrase', {
      hint: 'run it in a terminal, or name a file that holds it with BATON_PASSPHRASE_FILE',
    })
  }
  const [, device, ephemeral, sealed] = header
  if (!equalBytes(device, keyring.device)) {
    throw new BatonError('not-permitted', 'failed to import: it is sealed to another device', {
      hint: `only the device ${deviceId(device).slice(0, 8)} opens it`,
    })
  }
  const outer = outerKey(await keyring.agree(ephemeral), ephemeral, keyring.exchange, device)
  try {
    return chunkKey(createSealing(outer).open(nothing, sealed), bytes)
  } catch {
    throw refused('it is damaged')
  }
}

/** X25519 with a key made for this file: who has the device's key opens it, and nobody can tell who made it. */
function sealedTo(device: DeviceId, theirs: Bytes, fileKey: Bytes, random: Random): Header {
  const secret = random.bytes(32)
  const ephemeral = exchangeKey(secret)
  const outer = outerKey(agree(secret, theirs), ephemeral, theirs, idBytes(device))
  secret.fill(0)
  return ['device', idBytes(device), ephemeral, createSealing(outer).seal(nothing, fileKey)]
}

const outerKey = (shared: Bytes, ephemeral: Bytes, theirs: Bytes, device: Bytes): Bytes =>
  deriveKey(hkdfExtract(concat(ephemeral, theirs), shared), 'archiveDevice', device)

const chunkKey = (fileKey: Bytes, head: Bytes): Bytes =>
  deriveKey(
    hkdfExtract(head.subarray(-nonceBytes), fileKey),
    'archive',
    new Uint8Array(hash('sha256', head, 'buffer')),
  )

const refused = (why: string) => new BatonError('invalid', `failed to import: ${why}`)
