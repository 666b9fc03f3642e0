/**
 * The sealing keys of one reconnect attempt: both ephemerals, both static keys and the pair root go
 * in, so nothing is sealed under a key that outlives a process. Rules: MB.
 */
import { type Bytes, concat, utf8Encode } from '../bytes.ts'
import { lvCat } from '../encoding/lv.ts'
import { label } from '../labels.ts'
import { deriveKey, hkdfExtract } from './hkdf.ts'
import type { Side } from './seal.ts'

export interface ReconnectInput {
  /** X25519(low ephemeral, high ephemeral). */
  readonly ee: Bytes
  /** X25519(low ephemeral, high static). */
  readonly es: Bytes
  /** X25519(low static, high ephemeral). */
  readonly se: Bytes
  /** X25519(low static, high static). */
  readonly ss: Bytes
  /** The pair root. */
  readonly root: Bytes
  /**
   * Everything both sides know of this attempt: its id and both ephemeral public keys, in an order
   * both use. X25519 alone does not bind public keys.
   */
  readonly attempt: Bytes
  /** The side that calls. */
  readonly side: Side
}

export interface ReconnectKeys {
  /** 32 bytes each: what we seal with, what the peer seals with. */
  readonly send: Bytes
  readonly receive: Bytes
  /** What bind signs in place of a pairing's hash, and the context of the seals; 32 bytes. */
  readonly hash: Bytes
}

export function reconnectKeys(input: ReconnectInput): ReconnectKeys {
  const { ee, es, se, ss, root, attempt, side } = input
  const psk = deriveKey(root, 'reconnectRoot', new Uint8Array(0))
  const prk = hkdfExtract(psk, lvCat(label('reconnect'), ee, es, se, ss))
  const towards = (part: string) =>
    deriveKey(prk, 'reconnect', concat(utf8Encode(`${part}\0`), attempt))
  const low = towards('low')
  const high = towards('high')
  const hash = towards('hash')
  return side === 'low' ? { send: low, receive: high, hash } : { send: high, receive: low, hash }
}
