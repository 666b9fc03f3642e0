/**
 * A delta (LG6 to LG8): a run of entries of one log and one signature over the chain head behind
 * them. It proves itself to whoever holds the log up to its start, whoever carried it.
 */
import * as z from 'zod/mini'
import { type Bytes, equalBytes } from '../bytes.ts'
import { bytesField, bytesUpTo, countField } from '../encoding/field.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { idBytes, type LogId, logId, logIdBytes, splitLogId } from '../ids.ts'
import { maxDeltaBytes, maxEntryBytes, maxForkPath } from '../limits.ts'
import type { Primitives, Sha256, Verify } from '../primitives.ts'
import {
  type Head,
  hashBytes,
  headMessage,
  nextHash,
  type SignedHead,
  signatureBytes,
  startHead,
} from './chain.ts'

export interface Delta {
  readonly log: LogId
  /** Seq before the first body: 0 for the beginning of the log. */
  readonly after: number
  /** 1 to `maxForkPath`, exactly as their author wrote them. */
  readonly bodies: readonly Bytes[]
  /** Over the head behind the last body. */
  readonly signature: Bytes
}

declare const verified: unique symbol

/** A delta whose chain and signature were checked against a head that was itself verified. */
export interface VerifiedDelta extends Delta {
  readonly [verified]: true
  readonly head: SignedHead
  /** The chain hash of every entry, 32 bytes each, in order. */
  readonly hashes: Bytes
}

export type DeltaVerdict =
  | { readonly at: 'verified'; readonly delta: VerifiedDelta }
  /** All of it is held already. */
  | { readonly at: 'known' }
  /** It starts behind what is held. */
  | { readonly at: 'gap' }
  /** Bytes, place or signature do not belong together, or the author forked. */
  | { readonly at: 'refused' }

export const lastSeq = (delta: Delta): number => delta.after + delta.bodies.length

const bodies = z.array(bytesUpTo(maxEntryBytes)).check(z.minLength(1), z.maxLength(maxForkPath))
const signature = bytesField(signatureBytes)
const deltaSchema = z.tuple([bytesField(logIdBytes), countField, bodies, signature])
const runSchema = z.tuple([countField, bodies, signature])

/** [logId, after, bodies, signature]. */
export const encodeDelta = (delta: Delta): Bytes =>
  encode([idBytes(delta.log), delta.after, delta.bodies, delta.signature])

/** The bodies are views of `bytes`. Throws `invalid` or `too-large`. */
export function decodeDelta(bytes: Bytes): Delta {
  const [log, after, list, sig] = decodeAs(deltaSchema, bytes, { maxBytes: maxDeltaBytes })
  return { log: logId(log), after, bodies: list, signature: sig }
}

/** [after, bodies, signature], for where the log is already agreed on. */
export const encodeRun = (delta: Delta): Bytes =>
  encode([delta.after, delta.bodies, delta.signature])

export function decodeRun(log: LogId, bytes: Bytes): Delta {
  const [after, list, sig] = decodeAs(runSchema, bytes, { maxBytes: maxDeltaBytes })
  return { log, after, bodies: list, signature: sig }
}

/** Hashes the bodies behind `head`: the head they lead to and the hash of each. */
export function chainBodies(
  sha256: Sha256,
  head: Head,
  list: readonly Bytes[],
): { head: Head; hashes: Bytes } {
  const hashes = new Uint8Array(list.length * hashBytes)
  let hash = head.hash
  let at = 0
  for (const body of list) {
    hash = nextHash(sha256, hash, body)
    hashes.set(hash, at)
    at += hashBytes
  }
  return { head: { seq: head.seq + list.length, hash }, hashes }
}

/** Checks the signature of a head alone. The author is the device its log id names. */
export function verifyHead(verify: Verify, head: SignedHead): boolean | Promise<boolean> {
  return verify(idBytes(splitLogId(head.log).device), headMessage(head.log, head), head.signature)
}

/**
 * Checks a delta against what is held of its log (`undefined`: nothing). The key is the one in the
 * log id, never that of the connection; whether that device is known is the caller's to ask. What
 * is held already is cut off.
 */
export async function verifyDelta(
  primitives: Primitives,
  held: Head | undefined,
  delta: Delta,
): Promise<DeltaVerdict> {
  const from = held ?? startHead(primitives.sha256, delta.log)
  if (delta.after > from.seq) return { at: 'gap' }
  if (lastSeq(delta) <= from.seq) return { at: 'known' }
  const rest = sliceDelta(delta, from.seq)
  const { head, hashes } = chainBodies(primitives.sha256, from, rest.bodies)
  const signed: SignedHead = { ...head, log: rest.log, signature: rest.signature }
  if (!(await verifyHead(primitives.verify, signed))) return { at: 'refused' }
  return { at: 'verified', delta: { ...rest, head: signed, hashes } as VerifiedDelta }
}

/** The part of a delta behind `after`, which lies inside it. It shares the bodies. */
export function sliceDelta(delta: Delta, after: number): Delta {
  if (after === delta.after) return delta
  if (after < delta.after || after >= lastSeq(delta)) {
    throw new BatonError('invalid', `failed to cut a delta: ${after} is not inside it`)
  }
  return { ...delta, after, bodies: delta.bodies.slice(after - delta.after) }
}

/** Bytes of the bodies alone, without framing: what `segmentBytes` bounds. */
export function deltaSize(delta: Delta): number {
  let size = 0
  for (const body of delta.bodies) size += body.length
  return size
}

/** True for the same bytes in the same place; signatures are not compared. */
export function sameRun(a: Delta, b: Delta): boolean {
  return (
    a.log === b.log &&
    a.after === b.after &&
    a.bodies.length === b.bodies.length &&
    a.bodies.every((body, i) => equalBytes(body, b.bodies[i] as Bytes))
  )
}
