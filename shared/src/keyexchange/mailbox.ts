/**
 * Where two paired devices meet: ids and listen keys derived from their pair root, per direction and
 * hour, so that the service never sees one id twice. Rules: MB. It neither listens nor posts.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, concat, u64, utf8Encode } from '../bytes.ts'
import { mailboxHourMs, rollMarginMs, widenAfterMs } from '../limits.ts'
import { deriveKey } from './hkdf.ts'
import type { Side } from './seal.ts'
import { signWith, verifyKeyOf } from './signature.ts'

/** Structurally the ListenKey of the rendezvous port. */
export interface MailboxKey {
  /** 16 bytes: the address to post to, and the hash the service checks the key against. */
  readonly mailbox: Bytes
  /** Ed25519, 32 bytes, used for this hour and nothing else. */
  readonly publicKey: Bytes
  sign(challenge: Bytes): Bytes
}

/** SHA-256(public key), its first 16 bytes. */
export const mailboxId = (publicKey: Bytes): Bytes => sha256(publicKey).slice(0, 16)

/** The mailbox at which the device on `listener`'s side listens during one hour of the pair. */
export function mailboxKey(root: Bytes, listener: Side, hour: number): MailboxKey {
  const seed = deriveKey(root, 'listen', concat(utf8Encode(`${listener}\0`), u64(hour)))
  const publicKey = verifyKeyOf(seed)
  return {
    mailbox: mailboxId(publicKey),
    publicKey,
    sign: (challenge) => signWith(seed, challenge),
  }
}

/** How far this pair's hours are shifted, in ms: a device's pairs must not roll in one instant. */
export function rollPhaseMs(root: Bytes): number {
  const drawn = deriveKey(root, 'mailboxPhase', new Uint8Array(0), 8)
  return Number(
    new DataView(drawn.buffer, drawn.byteOffset).getBigUint64(0) % BigInt(mailboxHourMs),
  )
}

/** The pair's hour at a wall clock time (ms since 1970). */
export function hourAt(root: Bytes, now: number): number {
  return Math.floor((now + rollPhaseMs(root)) / mailboxHourMs)
}

export interface HourQuery {
  readonly root: Bytes
  /** Our wall clock, ms since 1970. */
  readonly now: number
  /** The service's clock, when it is known. */
  readonly serverNow: number | undefined
  /** ms since this pair last had a link or an answer, or since the search for it began. */
  readonly withoutContactMs: number
}

/**
 * The hours to listen at, ascending: the current one, its neighbour within 5 minutes of a roll, and
 * after 60 s without contact those around the service's date as well (our own neighbours when it
 * gave none). At most five.
 */
export function hoursToListen(query: HourQuery): readonly number[] {
  const { root, now } = query
  const own = [
    hourAt(root, now - rollMarginMs),
    hourAt(root, now),
    hourAt(root, now + rollMarginMs),
  ]
  return ascending([...own, ...widened(query, [-1, 0, 1])])
}

/**
 * The hours to post to, ascending: the current one, and after 60 s without contact the service's
 * current one too. Two clocks that are both wrong meet at the service's.
 */
export function hoursToPost(query: HourQuery): readonly number[] {
  return ascending([hourAt(query.root, query.now), ...widened(query, [0])])
}

function widened(
  { root, now, serverNow, withoutContactMs }: HourQuery,
  around: number[],
): number[] {
  if (withoutContactMs < widenAfterMs) return []
  const middle = hourAt(root, serverNow ?? now)
  return around.map((offset) => middle + offset)
}

const ascending = (hours: number[]): number[] => [...new Set(hours)].sort((a, b) => a - b)
