/**
 * Proof that the author of a log signed two histories (LG14). It names the last place that both have,
 * so that all who know it agree where the log ends, whichever history they hold; self-contained, so
 * it can be told to anyone and kept for ever. What follows from it is decided in the fold.
 */
import * as z from 'zod/mini'
import { type Bytes, compareBytes, concat, equalBytes } from '../bytes.ts'
import { bytesField, bytesUpTo, countField, seqField } from '../encoding/field.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { idBytes, type LogId, logId, logIdBytes } from '../ids.ts'
import { maxForkPath } from '../limits.ts'
import type { Primitives, Sha256 } from '../primitives.ts'
import {
  entryHash,
  type Head,
  hashBytes,
  nextOfEntry,
  type SignedHead,
  signatureBytes,
  startHead,
} from './chain.ts'
import { verifyHead } from './delta.ts'

/** One of the two histories, from the first entry that the other has not. */
export interface ForkBranch {
  /** Hashes of its entries up to `head`, 32 bytes each: 1 to `maxForkPath`. */
  readonly path: Bytes
  readonly head: SignedHead
}

export interface ForkProof {
  readonly log: LogId
  /** The last place that both histories have; seq 0 when they share nothing. */
  readonly after: Head
  /** The one whose first entry has the smaller hash. */
  readonly one: ForkBranch
  readonly other: ForkBranch
}

/** A history behind a place: its entries there, and the head they lead to, as its author signed it. */
export interface SignedRun {
  readonly bodies: readonly Bytes[]
  readonly head: SignedHead
}

/** The proof in two histories behind `after`; undefined when their first entries are the same. */
export const forkBetween = (
  sha256: Sha256,
  after: Head,
  first: SignedRun,
  second: SignedRun,
): ForkProof | undefined => forkOf(after, branchOf(sha256, first), branchOf(sha256, second))

/** A signed history behind a place, by the hashes of its entries. */
export const branchOf = (sha256: Sha256, { bodies, head }: SignedRun): ForkBranch => ({
  path: concat(...bodies.map((body) => entryHash(sha256, body))),
  head,
})

/** The same as `forkBetween`, of histories of which the hashes are enough. */
export function forkOf(after: Head, first: ForkBranch, second: ForkBranch): ForkProof | undefined {
  const { log } = first.head
  const order = compareFirst(first, second)
  if (order === 0 || second.head.log !== log) return undefined
  const [one, other] = order < 0 ? [first, second] : [second, first]
  return { log, after: { seq: after.seq, hash: after.hash }, one, other }
}

const compareFirst = (a: ForkBranch, b: ForkBranch): number =>
  compareBytes(a.path.subarray(0, hashBytes), b.path.subarray(0, hashBytes))

/** Checks a proof from anyone, without any log held. */
export async function verifyFork(
  { sha256, verify }: Primitives,
  { log, after, one, other }: ForkProof,
): Promise<boolean> {
  if (compareFirst(one, other) >= 0) return false
  if (after.seq === 0 && !equalBytes(after.hash, startHead(sha256, log).hash)) return false
  for (const { path, head } of [one, other]) {
    const steps = path.length / hashBytes
    if (steps < 1 || head.log !== log || head.seq - after.seq !== steps) return false
    let hash = after.hash
    for (let at = 0; at < path.length; at += hashBytes) {
      hash = nextOfEntry(sha256, hash, path.subarray(at, at + hashBytes))
    }
    if (!equalBytes(hash, head.hash)) return false
  }
  return (await verifyHead(verify, one.head)) && (await verifyHead(verify, other.head))
}

const branchSchema = z.tuple([
  bytesUpTo(maxForkPath * hashBytes),
  seqField,
  bytesField(hashBytes),
  bytesField(signatureBytes),
])
const forkSchema = z.tuple([
  bytesField(logIdBytes),
  countField,
  bytesField(hashBytes),
  branchSchema,
  branchSchema,
])

const branchRow = ({ path, head }: ForkBranch) => [path, head.seq, head.hash, head.signature]

export const encodeFork = ({ log, after, one, other }: ForkProof): Bytes =>
  encode([idBytes(log), after.seq, after.hash, branchRow(one), branchRow(other)])

/** Its bytes are its own, not views. Throws `invalid` or `too-large`. */
export function decodeFork(bytes: Bytes): ForkProof {
  const [id, seq, hash, one, other] = decodeAs(forkSchema, bytes.slice())
  const log = logId(id)
  const branch = ([path, headSeq, h, signature]: z.infer<typeof branchSchema>): ForkBranch => {
    if (path.length % hashBytes !== 0) {
      throw new BatonError('invalid', 'failed to read a fork proof: half a hash')
    }
    return { path, head: { log, seq: headSeq, hash: h, signature } }
  }
  return { log, after: { seq, hash }, one: branch(one), other: branch(other) }
}
