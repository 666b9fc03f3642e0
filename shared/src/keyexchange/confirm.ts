/**
 * From a CPace result to the keys of one pairing: confirmation tags, sealing keys, and, when both
 * identities are known, the emoji and the pair root. Rules: CP. All of it is plain data, so that a
 * state machine can hold it. It sends nothing and decides nothing.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, equalBytes, utf8Encode } from '../bytes.ts'
import { lvCat } from '../encoding/lv.ts'
import { label } from '../labels.ts'
import type { CpaceResult, PairingRole } from './cpace.ts'
import { type Emoji, emojiTable } from './emoji.ts'
import { deriveKey, hkdfExtract, hmacSha256 } from './hkdf.ts'

/** How the secret travelled; part of the channel identifier, so one method never passes as another. */
export type PairingMethod = 'words' | 'qr'

/** The CI of CPace: protocol, method, both roles, nameplate. */
export function channelIdentifier(method: PairingMethod, nameplate: string): Bytes {
  return lvCat(
    label('pairing'),
    utf8Encode(method),
    utf8Encode('joiner'),
    utf8Encode('inviter'),
    utf8Encode(nameplate),
  )
}

/**
 * What the inviter sends in its associated data: it fixes key and nonce before the joiner's are
 * known, so that nobody in the middle can search for equal emoji.
 */
export function commitIdentity(device: Bytes, nonce: Bytes): Bytes {
  return sha256(lvCat(label('pairingCommit'), device, nonce))
}

/** The bytes a device signs with its identity body: proof that it holds the key, in this run. */
export function identityStatement(role: PairingRole, th: Bytes, body: Bytes): Bytes {
  return lvCat(label('pairingIdentity'), utf8Encode(role), th, body)
}

export interface PairingKeys {
  /** Transcript hash: everything both sides agreed on so far; the context of each seal. */
  readonly th: Bytes
  /** Confirmation tags, by who sends them. */
  readonly tags: Readonly<Record<PairingRole, Bytes>>
  /** Sealing keys, by who seals. */
  readonly seals: Readonly<Record<PairingRole, Bytes>>
  readonly prk: Bytes
}

/** Takes over `isk` and clears it. */
export function derivePairingKeys(
  { isk, transcript }: CpaceResult,
  ci: Bytes,
  sid: Bytes,
): PairingKeys {
  const th = sha256(lvCat(label('pairingTranscript'), ci, sid, transcript))
  const prk = hkdfExtract(th, isk)
  isk.fill(0)
  const none = new Uint8Array(0)
  return {
    th,
    prk,
    tags: {
      joiner: hmacSha256(deriveKey(prk, 'pairingConfirmJoiner', none), th),
      inviter: hmacSha256(deriveKey(prk, 'pairingConfirmInviter', none), th),
    },
    seals: {
      joiner: deriveKey(prk, 'pairingSealJoiner', none),
      inviter: deriveKey(prk, 'pairingSealInviter', none),
    },
  }
}

/** Compares in constant time; a tag of another length, or of the other role, is false. */
export function checkTag(keys: PairingKeys, sender: PairingRole, tag: Bytes): boolean {
  return equalBytes(keys.tags[sender], tag)
}

export interface Settled {
  /** TH2: the transcript hash with both identities in it; what bind signs. 32 bytes. */
  readonly hash: Bytes
  /** Five of 64, 30 bits: equal on both screens, or someone is in the middle. */
  readonly emoji: readonly Emoji[]
  /** 32 bytes, kept for as long as the devices stay paired. */
  readonly root: Bytes
}

/** Needs both identity bodies, byte for byte as they were signed. */
export function settlePairing(
  { th, prk }: Pick<PairingKeys, 'th' | 'prk'>,
  bodies: Readonly<Record<PairingRole, Bytes>>,
): Settled {
  const hash = sha256(lvCat(label('pairingSettled'), th, bodies.joiner, bodies.inviter))
  const emoji = [...deriveKey(prk, 'pairingEmoji', hash, 5)].map(
    (byte) => emojiTable[byte & 63] as Emoji,
  )
  return { hash, emoji, root: deriveKey(prk, 'pairingRoot', hash) }
}
