/**
 * What stays of a log whose entries went (rules CX9, LG15): the hashes of its last ones, and the head
 * they lead to, as its author signed it. Who holds entries of the log can see by it that they are the
 * same, or prove where they went apart.
 */
import * as z from 'zod/mini'
import { type Bytes, concat, equalBytes } from '../bytes.ts'
import { bytesField, bytesUpTo, countField, seqField } from '../encoding/field.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import type { LogId } from '../ids.ts'
import { maxForkPath } from '../limits.ts'
import type { Sha256 } from '../primitives.ts'
import { type Head, hashBytes, nextOfEntry, type SignedHead, signatureBytes } from './chain.ts'

export interface Trail {
  /** Behind this place the entries are known by their hashes. */
  readonly from: Head
  /** Hashes of the entries from there to `head`, 32 bytes each: at most `maxForkPath`. */
  readonly path: Bytes
  readonly head: SignedHead
}

/** Bytes of the longest one. */
export const maxTrailBytes = maxForkPath * hashBytes + 512

export const hashesIn = (path: Bytes): number => path.length / hashBytes

/** The hash of the `i`th entry of a path, 32 bytes. */
export const hashIn = (path: Bytes, i: number): Bytes =>
  path.subarray(i * hashBytes, (i + 1) * hashBytes)

/** False for one that does not lead to its head. Its signature is not looked at. */
export function isTrail(sha256: Sha256, trail: Trail): boolean {
  const { from, path, head } = trail
  return (
    head.seq - from.seq === hashesIn(path) && equalBytes(hashAt(sha256, trail, head.seq), head.hash)
  )
}

/** The chain hash at a place from where it begins to where it ends. */
export function hashAt(sha256: Sha256, { from, path }: Trail, seq: number): Bytes {
  let { hash } = from
  for (let i = 0; i < seq - from.seq; i++) hash = nextOfEntry(sha256, hash, hashIn(path, i))
  return hash
}

/**
 * A trail and what goes on where it ends, as one: its last `maxForkPath` hashes. `more` alone where it
 * does not begin there.
 */
export function joinTrails(sha256: Sha256, trail: Trail, more: Trail): Trail {
  const { head } = trail
  if (more.from.seq !== head.seq || !equalBytes(more.from.hash, head.hash)) return more
  const path = concat(trail.path, more.path)
  const over = Math.max(0, hashesIn(path) - maxForkPath)
  const seq = trail.from.seq + over
  const hash = hashAt(sha256, { ...trail, path }, seq)
  return { from: { seq, hash }, path: path.slice(over * hashBytes), head: more.head }
}

/** The trail up to an earlier head of the same log; undefined for one that it does not lead over. */
export function trailUpTo(sha256: Sha256, trail: Trail, head: SignedHead): Trail | undefined {
  const { from, path } = trail
  if (head.seq < from.seq || head.seq > trail.head.seq) return undefined
  if (!equalBytes(hashAt(sha256, trail, head.seq), head.hash)) return undefined
  return { from, path: path.slice(0, (head.seq - from.seq) * hashBytes), head }
}

const trailSchema = z.tuple([
  countField,
  bytesField(hashBytes),
  bytesUpTo(maxForkPath * hashBytes),
  seqField,
  bytesField(hashBytes),
  bytesField(signatureBytes),
])

export const encodeTrail = ({ from, path, head }: Trail): Bytes =>
  encode([from.seq, from.hash, path, head.seq, head.hash, head.signature])

/** Its bytes are its own, not views. Throws `invalid` or `too-large`. */
export function decodeTrail(log: LogId, bytes: Bytes): Trail {
  if (bytes.length > maxTrailBytes) {
    throw new BatonError('too-large', 'failed to read a trail: it is over its limit')
  }
  const [seq, hash, path, last, h, signature] = decodeAs(trailSchema, bytes.slice())
  if (path.length % hashBytes !== 0) {
    throw new BatonError('invalid', 'failed to read a trail: half a hash')
  }
  return { from: { seq, hash }, path, head: { log, seq: last, hash: h, signature } }
}
