/**
 * Bind: before anything else on a channel both ends prove their device keys over everything that
 * makes this channel this one. Rules: BD. It knows neither how the channel came to be nor what
 * follows.
 *
 *     both  hello  [1, version, key, nonce, caps]
 *     both  proof  [2, Ed25519(lv_cat("baton/bind/v1\0", signer, hash, attempt, then low and high
 *                  of: key, nonce, fingerprint, version, caps))]
 *     any   refuse [3, code]
 */
import * as z from 'zod/mini'
import { type Bytes, compareBytes, equalBytes, u64, utf8Encode } from '../bytes.ts'
import { bytesField, countField } from '../encoding/field.ts'
import { lvCat } from '../encoding/lv.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import type { ErrorCode } from '../errors.ts'
import type { Side } from '../keyexchange/seal.ts'
import { label } from '../labels.ts'
import { strangerBytes, strangerFrames, strangerMs } from '../limits.ts'
import { messageTypes, peekType } from './message.ts'
import { fromRejection, toRejection } from './reject.ts'

export interface BindConfig {
  /** Ed25519 public keys, 32 bytes; the peer's is fixed before the channel is dialled. */
  readonly device: Bytes
  readonly peer: Bytes
  /** Hash of the pairing or of the reconnect attempt, 32 bytes, and the attempt's id. */
  readonly hash: Bytes
  readonly attempt: Bytes
  readonly fingerprints: { readonly local: Bytes; readonly remote: Bytes }
  readonly version: number
  /** The lowest version this build speaks, and the peer's at the last contact (0 for none). */
  readonly oldest: number
  readonly lastVersion: number
  readonly caps: number
  /** Fresh random bytes, 32. */
  readonly nonce: Bytes
  /** Monotonic ms. */
  readonly startedAt: number
}

interface Hello {
  readonly version: number
  readonly nonce: Bytes
  readonly caps: number
}

interface Counted {
  readonly config: BindConfig
  readonly frames: number
  readonly bytes: number
}

export type BindState =
  | (Counted & { readonly at: 'hello' })
  /** `signed`: our own proof has been sent, which may be before or after the peer's came. */
  | (Counted & { readonly at: 'proof'; readonly hello: Hello; readonly signed: boolean })
  | (Counted & { readonly at: 'verifying'; readonly hello: Hello; readonly signed: boolean })
  | (Counted & { readonly at: 'verified'; readonly hello: Hello })
  | { readonly at: 'bound' }
  | { readonly at: 'refused'; readonly code: ErrorCode }

type Running = Extract<BindState, Counted>

export type BindInput =
  | { readonly kind: 'message'; readonly message: Bytes }
  | { readonly kind: 'signed'; readonly signature: Bytes }
  | { readonly kind: 'verified'; readonly ok: boolean }
  | { readonly kind: 'tick'; readonly now: number }

export type BindEffect =
  | { readonly kind: 'send'; readonly message: Bytes }
  /** Answer with `signed`. */
  | { readonly kind: 'sign'; readonly statement: Bytes }
  /** Answer with `verified`. */
  | {
      readonly kind: 'verify'
      readonly key: Bytes
      readonly statement: Bytes
      readonly signature: Bytes
    }
  | {
      readonly kind: 'bound'
      readonly version: number
      readonly peerVersion: number
      readonly caps: number
    }
  /** Close the channel; the peer was told what it may know. */
  | { readonly kind: 'refused'; readonly code: ErrorCode }

export type BindStep = readonly [BindState, readonly BindEffect[]]

const helloSchema = z.tuple([
  z.literal(messageTypes.bindHello),
  countField,
  bytesField(32),
  bytesField(32),
  z.int().check(z.minimum(0), z.maximum(0xffff_ffff)),
])
const proofSchema = z.tuple([z.literal(messageTypes.bindProof), bytesField(64)])
const refuseSchema = z.tuple([z.literal(messageTypes.bindRefuse), countField])

export function startBind(config: BindConfig): BindStep {
  const { version, device, nonce, caps } = config
  const hello = encode([messageTypes.bindHello, version, device, nonce, caps])
  return [{ at: 'hello', config, frames: 0, bytes: 0 }, [{ kind: 'send', message: hello }]]
}

/** When `tick` is due, monotonic ms; undefined once it is over. */
export function bindDeadline(state: BindState): number | undefined {
  return 'config' in state ? state.config.startedAt + strangerMs : undefined
}

export function stepBind(state: BindState, input: BindInput): BindStep {
  if (!('config' in state)) return [state, []]
  switch (input.kind) {
    case 'tick': {
      const due = input.now >= state.config.startedAt + strangerMs
      return due ? refuse('link-timeout') : [state, []]
    }
    case 'signed': {
      const message = encode([messageTypes.bindProof, input.signature])
      return signed(state, { kind: 'send', message })
    }
    case 'verified':
      return state.at === 'verifying' ? concluded(state, input.ok) : [state, []]
    case 'message':
      return receive(state, input.message)
  }
}

function receive(state: Running, message: Bytes): BindStep {
  const frames = state.frames + 1
  const bytes = state.bytes + message.length
  if (frames > strangerFrames || bytes > strangerBytes) return refuse('link-limit')
  const counted = { ...state, frames, bytes }
  try {
    const type = peekType(message)
    if (type === messageTypes.bindRefuse) {
      return over(fromRejection(decodeAs(refuseSchema, message)[1]))
    }
    if (type === messageTypes.bindHello && counted.at === 'hello') return greet(counted, message)
    if (type === messageTypes.bindProof && counted.at === 'proof') return prove(counted, message)
  } catch {
    // What lands here: bytes that are no msgpack, or not the shape of their type.
  }
  return refuse('bind-failed')
}

function greet(state: Extract<BindState, { at: 'hello' }>, message: Bytes): BindStep {
  const { config } = state
  const [, version, key, nonce, caps] = decodeAs(helloSchema, message)
  if (!equalBytes(key, config.peer) || equalBytes(nonce, config.nonce)) return refuse('bind-failed')
  if (version < config.oldest || version < config.lastVersion) return refuse('unsupported-version')
  const hello = { version, nonce: nonce.slice(), caps }
  const statement = bindStatement(config, hello, sideOf(config))
  return [{ ...state, at: 'proof', hello, signed: false }, [{ kind: 'sign', statement }]]
}

function prove(state: Extract<BindState, { at: 'proof' }>, message: Bytes): BindStep {
  const { config, hello } = state
  const signature = decodeAs(proofSchema, message)[1].slice()
  const statement = bindStatement(config, hello, sideOf(config) === 'low' ? 'high' : 'low')
  return [
    { ...state, at: 'verifying' },
    [{ kind: 'verify', key: config.peer, statement, signature }],
  ]
}

function signed(state: Running, send: BindEffect): BindStep {
  if (state.at === 'verified') return [{ at: 'bound' }, [send, boundTo(state)]]
  return state.at === 'hello' ? [state, []] : [{ ...state, signed: true }, [send]]
}

function concluded(state: Extract<BindState, { at: 'verifying' }>, ok: boolean): BindStep {
  if (!ok) return refuse('bind-failed')
  if (!state.signed) return [{ ...state, at: 'verified' }, []]
  return [{ at: 'bound' }, [boundTo(state)]]
}

function boundTo({
  config,
  hello,
}: Extract<BindState, { at: 'verifying' | 'verified' }>): BindEffect {
  const version = Math.min(config.version, hello.version)
  // `>>> 0` keeps bit 31 positive.
  const caps = (config.caps & hello.caps) >>> 0
  return { kind: 'bound', version, peerVersion: hello.version, caps }
}

function refuse(code: ErrorCode): BindStep {
  const message = encode([messageTypes.bindRefuse, toRejection(code)])
  return [
    { at: 'refused', code },
    [
      { kind: 'send', message },
      { kind: 'refused', code },
    ],
  ]
}

/** The peer refused: there is nothing left to say. */
const over = (code: ErrorCode): BindStep => [{ at: 'refused', code }, [{ kind: 'refused', code }]]

const sideOf = ({ device, peer }: BindConfig): Side =>
  compareBytes(device, peer) < 0 ? 'low' : 'high'

/** What `signer` signs; both sides build the same bytes or the proof fails. */
export function bindStatement(config: BindConfig, hello: Hello, signer: Side): Bytes {
  const own = {
    key: config.device,
    nonce: config.nonce,
    fingerprint: config.fingerprints.local,
    version: config.version,
    caps: config.caps,
  }
  const peer = { key: config.peer, fingerprint: config.fingerprints.remote, ...hello }
  const [low, high] = sideOf(config) === 'low' ? [own, peer] : [peer, own]
  return lvCat(
    label('bind'),
    utf8Encode(signer),
    config.hash,
    config.attempt,
    low.key,
    high.key,
    low.nonce,
    high.nonce,
    low.fingerprint,
    high.fingerprint,
    u64(low.version),
    u64(high.version),
    u64(low.caps),
    u64(high.caps),
  )
}
