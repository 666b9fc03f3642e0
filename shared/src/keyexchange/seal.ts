/**
 * Sealing of small messages for the signaling service: AES-256-GCM under a key per direction, a
 * counter as nonce, padded to a few sizes. Rules: SE. What is inside, and who carries it, it does
 * not know.
 *
 *     sealed    = counter(u32) || AES-256-GCM(nonce = 0(8) || counter, aad, plain)
 *     plain     = length(u32) || message || zeros up to the bucket
 *     aad       = lv_cat("baton/seal/v1\0", direction, counter, context)
 */
import { gcm } from '@noble/ciphers/aes.js'
import { isBytes } from '@noble/hashes/utils.js'
import { type Bytes, concat, utf8Encode } from '../bytes.ts'
import { lvCat } from '../encoding/lv.ts'
import { BatonError } from '../errors.ts'
import { label } from '../labels.ts'
import { sealedSizes } from '../limits.ts'
import type { PairingRole } from './cpace.ts'

/** Of two paired devices, the one with the smaller (`low`) or larger (`high`) device key. */
export type Side = 'low' | 'high'

const counterBytes = 4
const lengthBytes = 4
const tagBytes = 16
const overhead = counterBytes + lengthBytes + tagBytes
const largest = sealedSizes.at(-1) as number

/** The longest message that can be sealed, in bytes. */
export const maxSealable = largest - overhead

export interface SealOptions {
  /** 32 bytes, used for this direction and nothing else. */
  readonly key: Bytes
  /** Who seals. */
  readonly direction: PairingRole | Side
  /** Hash of what the message belongs to: TH of a pairing, the attempt of a reconnect. */
  readonly context: Bytes
}

export interface Sealer {
  /** Throws `too-large` beyond `maxSealable`. The result has one of `sealedSizes` bytes. */
  seal(message: Bytes): Bytes
}

export interface Opener {
  /**
   * Undefined for anything that is not the peer's next message or a later one: wrong size, foreign
   * key, direction or context, altered, seen before, older than one already opened. Never throws.
   */
  open(sealed: Bytes): Bytes | undefined
}

export function createSealer(options: SealOptions): Sealer {
  let next = 0
  return {
    seal(message) {
      const sealed = sealAt(options, next, message)
      next += 1
      return sealed
    },
  }
}

/** Counters only rise: a gap is a message the service lost, a repeat or a return is dropped. */
export function createOpener(options: SealOptions): Opener {
  let next = 0
  return {
    open(sealed) {
      const opened = openSealed(options, sealed, next)
      if (opened === undefined) return undefined
      next = opened.counter + 1
      return opened.message
    },
  }
}

/** One message under one counter; a counter must never come twice under one key. */
export function sealAt(options: SealOptions, counter: number, message: Bytes): Bytes {
  const size = sealedSizes.find((bucket) => message.length <= bucket - overhead)
  if (size === undefined) {
    throw new BatonError('too-large', `failed to seal: ${message.length} of ${maxSealable} bytes`)
  }
  if (!Number.isInteger(counter) || counter < 0 || counter > 0xffff_ffff) {
    throw new BatonError('invalid', 'failed to seal: counter out of range')
  }
  const plain = new Uint8Array(size - counterBytes - tagBytes)
  new DataView(plain.buffer).setUint32(0, message.length)
  plain.set(message, lengthBytes)
  const prefix = u32(counter)
  const cipher = gcm(options.key, nonce(prefix), associated(options, prefix))
  return concat(prefix, cipher.encrypt(plain))
}

/** Opens one message whose counter is at least `from`; undefined when it does not open. */
export function openSealed(
  options: SealOptions,
  sealed: Bytes,
  from: number,
): { counter: number; message: Bytes } | undefined {
  if (!isBytes(sealed) || !sealedSizes.includes(sealed.length)) return undefined
  const prefix = sealed.slice(0, counterBytes)
  const counter = readU32(prefix)
  if (counter < from) return undefined
  let plain: Bytes
  try {
    const cipher = gcm(options.key, nonce(prefix), associated(options, prefix))
    plain = cipher.decrypt(sealed.subarray(counterBytes))
  } catch {
    // What lands here: a wrong tag, so another key, direction, counter or context, or altered bytes.
    return undefined
  }
  const length = readU32(plain)
  if (length > plain.length - lengthBytes) return undefined
  return { counter, message: plain.slice(lengthBytes, lengthBytes + length) }
}

const nonce = (counter: Bytes): Bytes => concat(new Uint8Array(8), counter)

const associated = ({ direction, context }: SealOptions, counter: Bytes): Bytes =>
  lvCat(label('seal'), utf8Encode(direction), counter, context)

function u32(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value)
  return out
}

const readU32 = (bytes: Bytes): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
