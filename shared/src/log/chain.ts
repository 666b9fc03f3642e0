/**
 * The hash chain of one log and the message its author signs (LG5). Two hashes an entry: one of
 * its body, one of the chain; the only input is bytes as they arrived.
 */
import { type Bytes, concat, u64 } from '../bytes.ts'
import { idBytes, type LogId } from '../ids.ts'
import { label } from '../labels.ts'
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

const entryLabel = label('entry')
const chainLabel = label('chain')
const headLabel = label('head')

/** The head of an empty log: h0 = SHA-256("log\0" || logId). */
export function startHead(sha256: Sha256, log: LogId): Head {
  return { seq: 0, hash: sha256(label('log'), idBytes(log)) }
}

/** hN = SHA-256("chn\0" || hN-1 || SHA-256("ent\0" || body)). */
export function nextHash(sha256: Sha256, hash: Bytes, body: Bytes): Bytes {
  return sha256(chainLabel, hash, sha256(entryLabel, body))
}

/** What is signed: "hd\0" || logId || seq || h. */
export function headMessage(log: LogId, head: Head): Bytes {
  return concat(headLabel, idBytes(log), u64(head.seq), head.hash)
}
