/**
 * The first messages of a reconnect, before both ephemerals are known: who is there, and with which
 * ephemeral key. Each is sealed under a key of its own from a fresh salt, for one hour of the pair,
 * and holds no secret. Rules: RC1, RC4.
 *
 *     salt(16) || sealed [1, boot, n]                       low: is somebody there?
 *                        [2, boot, n, ephemeral]            high: knocks
 *                        [3, boot, n, ephemeral, echo]      low: takes the knock with `echo`
 */
import * as z from 'zod/mini'
import { type Bytes, compareBytes, concat, u64 } from '../bytes.ts'
import { bytesField, countField } from '../encoding/field.ts'
import { lvCat } from '../encoding/lv.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { isBatonError } from '../errors.ts'
import { deriveKey } from '../keyexchange/hkdf.ts'
import { openSealed, type SealOptions, type Side, sealAt } from '../keyexchange/seal.ts'
import { sealedSizes } from '../limits.ts'

/** The two ends of a pair, as one of them sees it. */
export interface Pair {
  /** 32 bytes. */
  readonly root: Bytes
  /** Ed25519 and X25519 public keys, 32 bytes each. */
  readonly own: { readonly device: Bytes; readonly exchange: Bytes }
  readonly peer: { readonly device: Bytes; readonly exchange: Bytes }
}

/** `low` has the smaller device key: it offers, always. */
export const sideOf = ({ own, peer }: Pair): Side =>
  compareBytes(own.device, peer.device) < 0 ? 'low' : 'high'

export interface Hello {
  readonly kind: 'call' | 'knock' | 'accept'
  /** 8 random bytes of the sender's process, and its count of hellos. */
  readonly boot: Bytes
  readonly n: number
  /** X25519, 32 bytes; not in a call. */
  readonly ephemeral: Bytes | undefined
  /** The knock that is taken. */
  readonly echo: Bytes | undefined
}

export const helloSaltBytes = 16
const helloBytes = helloSaltBytes + (sealedSizes[0] as number)

const callSchema = z.tuple([z.literal(1), bytesField(8), countField])
const knockSchema = z.tuple([z.literal(2), bytesField(8), countField, bytesField(32)])
const acceptSchema = z.tuple([
  z.literal(3),
  bytesField(8),
  countField,
  bytesField(32),
  bytesField(32),
])
const helloSchema = z.union([callSchema, knockSchema, acceptSchema])
const kinds = ['call', 'knock', 'accept'] as const

export function encodeHello({ kind, boot, n, ephemeral, echo }: Hello): Bytes {
  const keys = [ephemeral, echo].filter((key) => key !== undefined)
  return encode([kinds.indexOf(kind) + 1, boot, n, ...keys])
}

/** `salt`: 16 fresh random bytes. `hour`: of the mailbox it goes to. */
export function sealHello(pair: Pair, hour: number, body: Bytes, salt: Bytes): Bytes {
  return concat(salt, sealAt(helloSeal(pair, sideOf(pair), hour, salt), 0, body))
}

/** Undefined for whatever the peer did not seal for this hour. */
export function openHello(pair: Pair, hour: number, blob: Bytes): Hello | undefined {
  if (blob.length !== helloBytes) return undefined
  const sender = sideOf(pair) === 'low' ? 'high' : 'low'
  const salt = blob.slice(0, helloSaltBytes)
  const opened = openSealed(helloSeal(pair, sender, hour, salt), blob.subarray(helloSaltBytes), 0)
  if (!opened) return undefined
  try {
    const [type, boot, n, ephemeral, echo] = decodeAs(helloSchema, opened.message)
    // A knock comes only from high, the others only from low.
    if ((type === 2) !== (sender === 'high')) return undefined
    return {
      kind: kinds[type - 1] as Hello['kind'],
      boot: boot.slice(),
      n,
      ephemeral: ephemeral?.slice(),
      echo: echo?.slice(),
    }
  } catch (error) {
    if (isBatonError(error)) return undefined
    throw error
  }
}

function helloSeal(pair: Pair, direction: Side, hour: number, salt: Bytes): SealOptions {
  const [low, high] = sideOf(pair) === 'low' ? [pair.own, pair.peer] : [pair.peer, pair.own]
  const context = lvCat(low.device, high.device, u64(hour))
  return { key: deriveKey(pair.root, 'reconnectHello', salt), direction, context }
}
