/**
 * Identities under the seal: made, opened and judged, the same way by both roles. Rules: P4, P5, P8,
 * P14. The signature itself is made and checked outside (effects), over `identityStatement`.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, equalBytes } from '../bytes.ts'
import {
  checkTag,
  commitIdentity,
  type PairingKeys,
  settlePairing,
} from '../keyexchange/confirm.ts'
import type { PairingRole } from '../keyexchange/cpace.ts'
import { deriveKey } from '../keyexchange/hkdf.ts'
import { checkDeviceKey } from '../keyexchange/signature.ts'
import { agree } from '../keyexchange/x25519.ts'
import { createEnvelope, type Envelope, openNext } from './envelope.ts'
import type { FailReason, Met, PairingConfig } from './pairing-effects.ts'
import { encodeBody, type Identity, readBody, readSigned } from './pairing-messages.ts'

export interface OpenedIdentity {
  readonly envelope: Envelope
  readonly identity: Identity
  readonly body: Bytes
  readonly signature: Bytes
}

/** The envelope of one side: it seals as `role` and opens what the other sealed. */
export function envelopeOf(keys: PairingKeys, role: PairingRole): Envelope {
  const other = role === 'joiner' ? 'inviter' : 'joiner'
  return createEnvelope(
    { key: keys.seals[role], direction: role, context: keys.th },
    { key: keys.seals[other], direction: other, context: keys.th },
  )
}

/** Our own body, whose nonce the commitment and the emoji rest on. */
export function ownBody(config: PairingConfig, nonce: Bytes): Bytes {
  return encodeBody({ ...config.identity, nonce })
}

/** Tag first, in constant time; then the seal; then what is inside. */
export function openIdentity(
  keys: PairingKeys,
  envelope: Envelope,
  sender: PairingRole,
  proof: { readonly tag: Bytes; readonly sealed: Bytes },
): OpenedIdentity | 'tag' | 'identity' {
  if (!checkTag(keys, sender, proof.tag)) return 'tag'
  const opened = openNext(envelope, proof.sealed)
  const signed = opened && readSigned(opened[1])
  const identity = signed && readBody(signed.body)
  if (!opened || !signed || !identity) return 'identity'
  return { envelope: opened[0], identity, ...signed }
}

/** Why a proven peer cannot be paired with, or undefined. */
export function judgeIdentity(
  own: PairingConfig['identity'],
  role: PairingRole,
  peer: Identity,
): FailReason | undefined {
  if (equalBytes(own.device, peer.device) || equalBytes(own.exchange, peer.exchange)) {
    return 'same-device'
  }
  try {
    checkDeviceKey(peer.device)
    agree(new Uint8Array(32).fill(1), peer.exchange)
  } catch {
    // What lands here: a key that nobody can hold alone, or that agrees on zero.
    return 'identity'
  }
  const [inviter, joiner] = role === 'inviter' ? [own, peer] : [peer, own]
  // Who comes for one session is not taken in for good, and adopts no roster.
  if (joiner.guest && !inviter.guest) return 'guest'
  if (inviter.guest) return undefined
  return joiner.populated && !equalBytes(joiner.roster, inviter.roster) ? 'rosters' : undefined
}

/** Does the inviter's identity open what it promised before it knew the joiner's? */
export function opensCommitment(commitment: Bytes, peer: Identity): boolean {
  return equalBytes(commitment, commitIdentity(peer.device, peer.nonce))
}

export interface Meeting {
  readonly th: Bytes
  readonly prk: Bytes
  readonly role: PairingRole
  readonly own: PairingConfig['identity']
  readonly ownBody: Bytes
  readonly peer: Identity
  readonly peerBody: Bytes
  readonly version: number
}

export function meet({ th, prk, role, own, ownBody, peer, peerBody, version }: Meeting): Met {
  const [inviter, joiner] = role === 'inviter' ? [ownBody, peerBody] : [peerBody, ownBody]
  const settled = settlePairing({ th, prk }, { inviter, joiner })
  return {
    ...settled,
    peer,
    version,
    guest: role === 'inviter' ? own.guest : peer.guest,
    confirm: own.confirm || peer.confirm,
  }
}

/** What questions and answers after a crash are sealed with, and where they meet. 32 bytes. */
export const recoverySecret = (prk: Bytes): Bytes =>
  deriveKey(prk, 'pairingRecovery', new Uint8Array(0))

/** Names a run on this device: 32 hex characters of the hash of TH. */
export const runId = (th: Bytes): Bytes => sha256(th).subarray(0, 16)
