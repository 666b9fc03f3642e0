/**
 * The hash chain of one log and the message its author signs (LG5). Two hashes an entry: one of
 * its body, one of the chain; the only input is bytes as they arrived.
 */
import { type Bytes, concat, u64 } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { idBytes, type LogId } from '../ids.ts'
import { label } from '../labels.ts'
import { maxEntryBytes } from '../limits.ts'
import type { Sha256 } from '../primitives.ts'

/** Where a log stands: its last seq (0 when empty) and the chain hash there, 32 bytes. */
export interface Head {
  readonly seq: number
  readonly hash: Bytes
}

/** A head its author signed; verifiable alone. */
export interface SignedHead extends Head {
  readonly log: LogId
  /** Ed25519 by the device named in `log`, 64 bytes. */
  readonly signature: Bytes
}

export const hashBytes = 32
export const signatureBytes = 64

const headLabel = label('head')
const labelBytes = 4

/**
 * Input of the two hashes of an entry, in one piece each: a native one-shot hash of one part is
 * twice as fast as a stream of three, and there are two for every entry ever received. Nothing is
 * awaited while they are in use.
 */
const entryInput = labelled('entry', maxEntryBytes)
const chainInput = labelled('chain', 2 * hashBytes)

/** The head of an empty log: h0 = SHA-256("log\0" || logId). */
export function startHead(sha256: Sha256, log: LogId): Head {
  return { seq: 0, hash: sha256(label('log'), idBytes(log)) }
}

/** hN = SHA-256("chn\0" || hN-1 || SHA-256("ent\0" || body)). */
export function nextHash(sha256: Sha256, hash: Bytes, body: Bytes): Bytes {
  return nextOfEntry(sha256, hash, entryHash(sha256, body))
}

/** SHA-256("ent\0" || body). Throws `too-large` for a body over `maxEntryBytes`. */
export function entryHash(sha256: Sha256, body: Bytes): Bytes {
  if (body.length > maxEntryBytes) throw new BatonError('too-large', 'failed to chain an entry')
  entryInput.set(body, labelBytes)
  return sha256(entryInput.subarray(0, labelBytes + body.length))
}

/** The chain step over an entry of which only the hash is known. */
export function nextOfEntry(sha256: Sha256, hash: Bytes, entry: Bytes): Bytes {
  chainInput.set(hash, labelBytes)
  chainInput.set(entry, labelBytes + hashBytes)
  return sha256(chainInput)
}

/** What is signed: "hd\0" || logId || seq || h. */
export function headMessage(log: LogId, head: Head): Bytes {
  return concat(headLabel, idBytes(log), u64(head.seq), head.hash)
}

function labelled(name: 'entry' | 'chain', bytes: number): Bytes {
  const out = new Uint8Array(labelBytes + bytes)
  out.set(label(name))
  return out
}
