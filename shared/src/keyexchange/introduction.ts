/**
 * The pair root of two devices that a roster introduced to each other (rules IN1, IN2): from the keys
 * that each of them said are its own, so that whoever took them in cannot make it. It opens mailboxes;
 * who is at the other end is proven by bind, as for every pair.
 */
import { type Bytes, compareBytes, toHex } from '../bytes.ts'
import { lvCat } from '../encoding/lv.ts'
import { label } from '../labels.ts'
import { deriveKey, hkdfExtract } from './hkdf.ts'

/** Ed25519 and X25519 public keys, 32 bytes each. */
export interface IntroducedEnd {
  readonly device: Bytes
  readonly exchange: Bytes
}

export interface Introduction {
  /** 32 bytes. */
  readonly root: Bytes
  /** In place of what a pairing agreed on; 32 bytes, no secret. */
  readonly hash: Bytes
  /** Of the pair record: 16 bytes, hex. */
  readonly id: string
}

/** `shared`: X25519 of both, 32 bytes; `roster`: its id. Both ends get the same. */
export function introduce(
  shared: Bytes,
  roster: Bytes,
  a: IntroducedEnd,
  b: IntroducedEnd,
): Introduction {
  const [low, high] = compareBytes(a.device, b.device) < 0 ? [a, b] : [b, a]
  const context = lvCat(roster, low.device, low.exchange, high.device, high.exchange)
  const prk = hkdfExtract(label('introduction'), shared)
  const hash = deriveKey(prk, 'introductionHash', context)
  return {
    root: deriveKey(prk, 'introduction', context),
    hash,
    id: toHex(hash.subarray(0, 16)),
  }
}
