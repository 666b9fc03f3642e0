/**
 * One attempt of a reconnect: its id, keys and seals, from both ephemerals, both static keys and the
 * pair root. Rules: RC1, RC2. It holds for one connection and its ICE restarts, in one process.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, u64 } from '../bytes.ts'
import { lvCat } from '../encoding/lv.ts'
import { decode, encode } from '../encoding/msgpack.ts'
import { isBatonError } from '../errors.ts'
import { reconnectKeys } from '../keyexchange/reconnect.ts'
import { agree } from '../keyexchange/x25519.ts'
import { label } from '../labels.ts'
import { createEnvelope, type Envelope, openNext } from './envelope.ts'
import { guardSignal } from './guard-signal.ts'
import { type Pair, sideOf } from './reconnect-hello.ts'
import type { Signal } from './signal.ts'

/** The part of an attempt that is known before the static keys have agreed. */
export interface Opening {
  readonly ephemeralSecret: Bytes
  readonly low: Bytes
  readonly high: Bytes
  /** Low's process and count, which name the attempt. */
  readonly boot: Bytes
  readonly n: number
}

export interface Attempt {
  /** Of this device and process: a later attempt has a higher one, on both sides. */
  readonly ordinal: number
  /** 32 bytes each: what bind signs. */
  readonly id: Bytes
  readonly hash: Bytes
  readonly envelope: Envelope
}

/**
 * `dh`: X25519(own static, peer ephemeral); `ss`: X25519(own static, peer static). Throws `bad-key`
 * when the peer's ephemeral agrees on zero.
 */
export function createAttempt(
  pair: Pair,
  ordinal: number,
  opening: Opening,
  dh: Bytes,
  ss: Bytes,
): Attempt {
  const side = sideOf(pair)
  const { ephemeralSecret, low, high, boot, n } = opening
  const ee = agree(ephemeralSecret, side === 'low' ? high : low)
  const mixed = agree(ephemeralSecret, pair.peer.exchange)
  const id = sha256(lvCat(label('reconnectAttempt'), boot, u64(n), low, high))
  const keys = reconnectKeys({
    ee,
    es: side === 'low' ? mixed : dh,
    se: side === 'low' ? dh : mixed,
    ss,
    root: pair.root,
    attempt: id,
    side,
  })
  const envelope = createEnvelope(
    { key: keys.send, direction: side, context: keys.hash },
    { key: keys.receive, direction: side === 'low' ? 'high' : 'low', context: keys.hash },
  )
  return { ordinal, id, hash: keys.hash, envelope }
}

export const encodeSignal = (signal: Signal): Bytes => encode(signal)

/** The peer's next signal of this attempt, or undefined: foreign, replayed, stale or not a signal. */
export function openSignal(
  attempt: Attempt,
  blob: Bytes,
): { readonly attempt: Attempt; readonly signal: Signal | undefined } | undefined {
  const opened = openNext(attempt.envelope, blob)
  if (!opened) return undefined
  try {
    const signal = guardSignal(decode(opened[1]))
    return { attempt: { ...attempt, envelope: opened[0] }, signal }
  } catch (error) {
    if (isBatonError(error)) return undefined
    throw error
  }
}
