/**
 * Both pairing machines without anything around them: effects are answered at once, time stands
 * still until told, and every blob passes a hand that may change it.
 */
import { type Bytes, utf8Encode } from '@baton/shared/bytes'
import { channelIdentifier, type PairingMethod } from '@baton/shared/keyexchange/confirm'
import { signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { exchangeKey } from '@baton/shared/keyexchange/x25519'
import type {
  PairingConfig,
  PairingEffect,
  PairingInput,
} from '@baton/shared/protocol/pairing-effects'
import {
  type InviterState,
  inviterDeadline,
  startInviter,
  stepInviter,
} from '@baton/shared/protocol/pairing-inviter'
import {
  type JoinerState,
  joinerDeadline,
  startJoiner,
  stepJoiner,
} from '@baton/shared/protocol/pairing-joiner'
import { createCount } from './count.ts'
import { nodePrimitives } from './signer.ts'

export type Role = 'inviter' | 'joiner'

export interface PartyOptions {
  readonly seed?: number
  readonly secret?: string
  readonly nameplate?: string
  readonly method?: PairingMethod
  readonly sid?: Bytes
  /** Signs with another key than the identity names. */
  readonly signer?: number
  /** The disk never answers. */
  readonly slowDisk?: boolean
  /** Signatures are checked when the test says so. */
  readonly slowVerify?: boolean
  readonly identity?: Partial<PairingConfig['identity']>
}

export function configFor(options: PartyOptions & { readonly seed: number }): PairingConfig {
  const { seed, secret = 'anvil-meadow-copper', nameplate = '7', method = 'words' } = options
  return {
    prs: utf8Encode(secret),
    ci: channelIdentifier(method, nameplate),
    sid: options.sid ?? new Uint8Array(16).fill(9),
    identity: {
      device: verifyKeyOf(new Uint8Array(32).fill(seed)),
      exchange: exchangeKey(new Uint8Array(32).fill(seed + 128)),
      name: `device ${seed}`,
      platform: 'test',
      roster: new Uint8Array(16).fill(seed),
      populated: false,
      confirm: false,
      guest: false,
      ...options.identity,
    },
  }
}

const draw = createCount()

/** 64 bytes, never the same twice. */
export function entropy(): Bytes {
  const drawn = draw() + 1
  const out = new Uint8Array(64).fill(drawn & 0x7f)
  const view = new DataView(out.buffer)
  view.setUint32(0, drawn)
  view.setUint32(32, drawn)
  return out
}

/** One machine with its effects, in any role. */
export interface Party {
  readonly role: Role
  state(): InviterState | JoinerState
  readonly effects: PairingEffect[]
  /** Blobs it sent and nobody has taken yet. */
  readonly outbox: Bytes[]
  put(input: PairingInput): void
  of<K extends PairingEffect['kind']>(kind: K): Extract<PairingEffect, { kind: K }>[]
  failure(): string | undefined
  deadline(): number | undefined
}

export interface Timeline {
  now: number
}

export function party(role: Role, options: PartyOptions & { seed: number }, time: Timeline): Party {
  const config = configFor(options)
  const signer = new Uint8Array(32).fill(options.signer ?? options.seed)
  const effects: PairingEffect[] = []
  const outbox: Bytes[] = []
  let inviter: InviterState | undefined
  let joiner: JoinerState | undefined

  function perform(list: readonly PairingEffect[]): void {
    for (const effect of list) {
      effects.push(effect)
      if (effect.kind === 'send') outbox.push(effect.blob)
      if (effect.kind === 'sign') {
        put({ kind: 'signed', now: time.now, signature: signWith(signer, effect.statement) })
      }
      if (effect.kind === 'verify' && !options.slowVerify) {
        const ok = nodePrimitives.verify(effect.key, effect.statement, effect.signature) === true
        put({ kind: 'verified', now: time.now, ok })
      }
      const write = effect.kind === 'persist' || effect.kind === 'commit' || effect.kind === 'adopt'
      if (write && !options.slowDisk) {
        put({ kind: 'done', now: time.now, ok: true })
      }
    }
  }

  function put(input: PairingInput): void {
    if (inviter) {
      const [next, list] = stepInviter(inviter, input)
      inviter = next
      perform(list)
    } else if (joiner) {
      const [next, list] = stepJoiner(joiner, input)
      joiner = next
      perform(list)
    }
  }

  if (role === 'inviter') {
    inviter = startInviter(config, time.now)
  } else {
    const [next, list] = startJoiner(config, entropy(), time.now)
    joiner = next
    perform(list)
  }
  return {
    role,
    state: () => (inviter ?? joiner) as InviterState | JoinerState,
    effects,
    outbox,
    put,
    of: (kind) => effects.filter((effect) => effect.kind === kind) as never,
    failure() {
      const state = inviter ?? joiner
      const failed = effects.find((effect) => effect.kind === 'failed')
      return state?.at === 'failed' && failed?.kind === 'failed'
        ? `${failed.code}: ${failed.reason}`
        : undefined
    },
    deadline: () => (inviter ? inviterDeadline(inviter) : joiner && joinerDeadline(joiner)),
  }
}

/** What a hostile service does with the n-th blob (from 1) of one side. */
export type Hand = (blob: Bytes, from: Role, index: number) => readonly Bytes[]

export const honest: Hand = (blob) => [blob]

/** Carries blobs both ways through `hand` until nobody has any left. */
export function carry(inviter: Party, joiner: Party, time: Timeline, hand: Hand = honest): void {
  const count = { inviter: 0, joiner: 0 }
  for (let busy = true; busy; ) {
    busy = false
    for (const [from, to] of [
      [joiner, inviter],
      [inviter, joiner],
    ] as const) {
      const blob = from.outbox.shift()
      if (blob === undefined) continue
      busy = true
      count[from.role] += 1
      for (const each of hand(blob, from.role, count[from.role])) {
        to.put({ kind: 'message', now: time.now, blob: each })
      }
    }
  }
}

export interface RunOptions {
  readonly inviter?: PartyOptions
  readonly joiner?: PartyOptions
  readonly hand?: Hand
}

/** One joiner claims one inviter's slot, and everything is carried. */
export function run(options: RunOptions = {}) {
  const time: Timeline = { now: 1000 }
  const inviter = party('inviter', { seed: 1, ...options.inviter }, time)
  const joiner = party('joiner', { seed: 2, ...options.joiner }, time)
  inviter.put({ kind: 'claimed', now: time.now, entropy: entropy() })
  carry(inviter, joiner, time, options.hand)
  return { inviter, joiner, time }
}
