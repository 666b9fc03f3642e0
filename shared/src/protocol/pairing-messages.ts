/**
 * The messages of pairing, in clear (1, 2) and sealed. Rules: P. It only reads and writes them; a
 * read that fails is undefined, and all failures look alike.
 *
 *     1  J  [1, Ya, ADa = msgpack [version, caps]]
 *     2  I  [2, Yb, ADb = msgpack [version, caps, commitment]]
 *     3  J  [3, tag, sealed [body, signature]]           body = msgpack of the identity
 *     4  I  [4, tag, sealed [body, signature]]
 *     5  *  [5, sealed inner]     inner = [1] agreed, [2] end, [3] added, [4] adopted, [5, signal]
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import { bytesField, bytesUpTo, countField } from '../encoding/field.ts'
import { decodeAs, encode, type Schema } from '../encoding/msgpack.ts'
import { isBatonError } from '../errors.ts'
import { maxRosterIdBytes, sealedSizes } from '../limits.ts'
import { guardSignal } from './guard-signal.ts'
import { cleanName } from './name.ts'
import { type Signal, signalSchema } from './signal.ts'

/** What a device says of itself under the seal. */
export interface Identity {
  /** Ed25519 and X25519 public keys, 32 bytes each. */
  readonly device: Bytes
  readonly exchange: Bytes
  /** 32 fresh random bytes. */
  readonly nonce: Bytes
  readonly name: string
  readonly platform: string
  /** 1 to 64 bytes. */
  readonly roster: Bytes
  /** Has its roster another living device? */
  readonly populated: boolean
  /** Its policy: a person compares the emoji on both sides before anything is kept. */
  readonly confirm: boolean
  /** The inviter means to forget the joiner again. */
  readonly guest: boolean
}

export type Inner =
  | { readonly kind: 'agreed' | 'end' | 'added' | 'adopted' }
  | { readonly kind: 'signal'; readonly signal: Signal }

const innerKinds = ['agreed', 'end', 'added', 'adopted'] as const
const signalInner = innerKinds.length + 1

const sealedField = bytesUpTo(sealedSizes.at(-1) as number)
const shareSchema = z.tuple([z.union([z.literal(1), z.literal(2)]), bytesField(32), bytesUpTo(64)])
const proofSchema = z.tuple([z.union([z.literal(3), z.literal(4)]), bytesUpTo(64), sealedField])
const envelopeSchema = z.tuple([z.literal(5), sealedField])
const joinerAdSchema = z.tuple([countField, countField])
const inviterAdSchema = z.tuple([countField, countField, bytesField(32)])
const signedSchema = z.tuple([bytesUpTo(2048), bytesField(64)])
const bodySchema = z.tuple([
  bytesField(32),
  bytesField(32),
  bytesField(32),
  z.string(),
  z.string(),
  bytesUpTo(maxRosterIdBytes),
  z.boolean(),
  z.boolean(),
  z.boolean(),
])
const plainInnerSchema = z.tuple([z.int().check(z.minimum(1), z.maximum(innerKinds.length))])
const signalInnerSchema = z.tuple([z.literal(signalInner), signalSchema])

export type Blob =
  | { readonly kind: 'share'; readonly from: 1 | 2; readonly share: Bytes; readonly ad: Bytes }
  | { readonly kind: 'proof'; readonly from: 3 | 4; readonly tag: Bytes; readonly sealed: Bytes }
  | { readonly kind: 'envelope'; readonly sealed: Bytes }

export const encodeShare = (from: 1 | 2, share: Bytes, ad: Bytes): Bytes =>
  encode([from, share, ad])

export const encodeProof = (from: 3 | 4, tag: Bytes, sealed: Bytes): Bytes =>
  encode([from, tag, sealed])

export const encodeEnvelope = (sealed: Bytes): Bytes => encode([5, sealed])

export function readBlob(blob: Bytes): Blob | undefined {
  const share = read(shareSchema, blob)
  if (share) return { kind: 'share', from: share[0], share: share[1].slice(), ad: share[2].slice() }
  const proof = read(proofSchema, blob)
  if (proof) return { kind: 'proof', from: proof[0], tag: proof[1], sealed: proof[2] }
  const envelope = read(envelopeSchema, blob)
  return envelope && { kind: 'envelope', sealed: envelope[1] }
}

export const encodeJoinerAd = (version: number, caps: number): Bytes => encode([version, caps])

export const encodeInviterAd = (version: number, caps: number, commitment: Bytes): Bytes =>
  encode([version, caps, commitment])

export function readJoinerAd(ad: Bytes): { version: number } | undefined {
  const parsed = read(joinerAdSchema, ad)
  return parsed && { version: parsed[0] }
}

export function readInviterAd(ad: Bytes): { version: number; commitment: Bytes } | undefined {
  const parsed = read(inviterAdSchema, ad)
  return parsed && { version: parsed[0], commitment: parsed[2].slice() }
}

export function encodeBody(identity: Identity): Bytes {
  const { device, exchange, nonce, name, platform, roster } = identity
  const { populated, confirm, guest } = identity
  const names = [cleanName(name, 'device'), cleanName(platform, 'unknown')]
  return encode([device, exchange, nonce, ...names, roster, populated, confirm, guest])
}

/** The bytes are what was signed and what is hashed; the names come out cleaned. */
export function readBody(body: Bytes): Identity | undefined {
  const parsed = read(bodySchema, body)
  if (parsed === undefined || parsed[5].length === 0) return undefined
  const [device, exchange, nonce, name, platform, roster, populated, confirm, guest] = parsed
  return {
    device: device.slice(),
    exchange: exchange.slice(),
    nonce: nonce.slice(),
    name: cleanName(name, 'device'),
    platform: cleanName(platform, 'unknown'),
    roster: roster.slice(),
    populated,
    confirm,
    guest,
  }
}

export const encodeSigned = (body: Bytes, signature: Bytes): Bytes => encode([body, signature])

export function readSigned(message: Bytes): { body: Bytes; signature: Bytes } | undefined {
  const parsed = read(signedSchema, message)
  return parsed && { body: parsed[0].slice(), signature: parsed[1].slice() }
}

export function encodeInner(inner: Inner): Bytes {
  if (inner.kind === 'signal') return encode([signalInner, inner.signal])
  return encode([innerKinds.indexOf(inner.kind) + 1])
}

/** A signal inside has passed the guard. */
export function readInner(message: Bytes): Inner | undefined {
  const plain = read(plainInnerSchema, message)
  const kind = plain && innerKinds[plain[0] - 1]
  if (kind) return { kind }
  const signal = guardSignal(read(signalInnerSchema, message)?.[1])
  return signal && { kind: 'signal', signal }
}

function read<T>(schema: Schema<T>, bytes: Bytes): T | undefined {
  try {
    return decodeAs(schema, bytes)
  } catch (error) {
    if (isBatonError(error)) return undefined
    throw error
  }
}
