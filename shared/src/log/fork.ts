/**
 * Proof that the author of a log signed two histories (LG14). Self-contained, so it can be told to
 * anyone and kept for ever. What follows from it is decided in the fold, not here.
 */
import * as z from 'zod/mini'
import { type Bytes, concat, equalBytes } from '../bytes.ts'
import { bytesField, bytesUpTo, seqField } from '../encoding/field.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { idBytes, type LogId, logId, logIdBytes } from '../ids.ts'
import { maxForkPath } from '../limits.ts'
import type { Primitives, Sha256 } from '../primitives.ts'
import { entryHash, hashBytes, nextOfEntry, type SignedHead, signatureBytes } from './chain.ts'
import { verifyHead } from './delta.ts'

/** Two heads as their author signed them: at `one.seq` the second history has another hash. */
export interface ForkProof {
  readonly log: LogId
  readonly one: SignedHead
  /** At the same seq or later. */
  readonly other: SignedHead
  /** The hash of the second history at `one.seq`. */
  readonly hash: Bytes
  /** Hashes of its entries from there up to `other.seq`, 32 bytes each. */
  readonly path: Bytes
}

/** The proof in two heads of one seq, or undefined when they agree or are not comparable. */
export function forkOf(one: SignedHead, other: SignedHead): ForkProof | undefined {
  if (one.log !== other.log || one.seq !== other.seq) return undefined
  if (equalBytes(one.hash, other.hash)) return undefined
  return { log: one.log, one, other, hash: other.hash, path: new Uint8Array() }
}

/**
 * The proof in a head and a later one of a history that has `hash` at the seq of the first;
 * `bodies` are its entries from there up to `other`. Undefined when the histories agree there.
 */
export function forkAlong(
  sha256: Sha256,
  one: SignedHead,
  hash: Bytes,
  bodies: readonly Bytes[],
  other: SignedHead,
): ForkProof | undefined {
  if (equalBytes(one.hash, hash)) return undefined
  const path = concat(...bodies.map((body) => entryHash(sha256, body)))
  return { log: one.log, one, other, hash, path }
}

/** Checks a proof from anyone, without any log held. */
export async function verifyFork(
  { sha256, verify }: Primitives,
  proof: ForkProof,
): Promise<boolean> {
  const { log, one, other, path } = proof
  const steps = path.length / hashBytes
  if (one.log !== log || other.log !== log || other.seq - one.seq !== steps) return false
  if (equalBytes(one.hash, proof.hash)) return false
  let hash = proof.hash
  for (let at = 0; at < path.length; at += hashBytes) {
    hash = nextOfEntry(sha256, hash, path.subarray(at, at + hashBytes))
  }
  if (!equalBytes(hash, other.hash)) return false
  return (await verifyHead(verify, one)) && (await verifyHead(verify, other))
}

const headSchema = z.tuple([seqField, bytesField(hashBytes), bytesField(signatureBytes)])
const forkSchema = z.tuple([
  bytesField(logIdBytes),
  headSchema,
  headSchema,
  bytesField(hashBytes),
  bytesUpTo(maxForkPath * hashBytes),
])

const headRow = ({ seq, hash, signature }: SignedHead) => [seq, hash, signature]

export const encodeFork = ({ log, one, other, hash, path }: ForkProof): Bytes =>
  encode([idBytes(log), headRow(one), headRow(other), hash, path])

/** Throws `invalid` or `too-large`. */
export function decodeFork(bytes: Bytes): ForkProof {
  const [id, one, other, hash, path] = decodeAs(forkSchema, bytes)
  if (path.length % hashBytes !== 0) {
    throw new BatonError('invalid', 'failed to read a fork proof: half a hash')
  }
  const log = logId(id)
  const head = ([seq, h, signature]: z.infer<typeof headSchema>): SignedHead => {
    return { log, seq, hash: h, signature }
  }
  return { log, one: head(one), other: head(other), hash, path }
}
