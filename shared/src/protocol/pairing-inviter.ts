/**
 * The inviter's machine: shows a code, lets one joiner at a time try it, and is done with the code
 * at the first wrong tag. Rules: P1 to P5, P7. What follows two proofs is pairing-agreement.
 *
 *     listening ─claimed─> claimed ─(1)─> challenged ─(3)─> verifying ──> agreement
 *         └──────── released, silent, unusable share ───────┘    └─ wrong tag: the code is dead
 */
import type { Bytes } from '../bytes.ts'
import type { ErrorCode } from '../errors.ts'
import {
  commitIdentity,
  derivePairingKeys,
  identityStatement,
  type PairingKeys,
} from '../keyexchange/confirm.ts'
import { startCpace } from '../keyexchange/cpace.ts'
import { claimMs, codeLifeMs, maxClaims } from '../limits.ts'
import type { Envelope } from './envelope.ts'
import { sealNext } from './envelope.ts'
import {
  type AgreementState,
  agreementDeadline,
  type Failed,
  startAgreement,
  stepAgreement,
} from './pairing-agreement.ts'
import type { FailReason, PairingConfig, PairingEffect, PairingInput } from './pairing-effects.ts'
import {
  envelopeOf,
  judgeIdentity,
  meet,
  openIdentity,
  ownBody,
  recoverySecret,
} from './pairing-identity.ts'
import {
  encodeInviterAd,
  encodeProof,
  encodeShare,
  encodeSigned,
  type Identity,
  readBlob,
  readJoinerAd,
} from './pairing-messages.ts'
import { oldestVersion, ownCaps, protocolVersion } from './version.ts'

interface Shown {
  readonly config: PairingConfig
  readonly claims: number
  /** Monotonic ms. */
  readonly expiresAt: number
}

interface Challenged {
  readonly keys: PairingKeys
  readonly envelope: Envelope
  readonly body: Bytes
  readonly version: number
}

export type InviterState =
  | (Shown & { readonly at: 'listening' })
  | (Shown & { readonly at: 'claimed'; readonly until: number; readonly entropy: Bytes })
  | (Shown & Challenged & { readonly at: 'challenged'; readonly until: number })
  | (Shown &
      Challenged & {
        readonly at: 'verifying'
        readonly peer: Identity
        readonly peerBody: Bytes
        readonly signature: Bytes | undefined
        readonly verified: boolean
      })
  | AgreementState
  | Failed

export type InviterStep = readonly [InviterState, readonly PairingEffect[]]

export function startInviter(config: PairingConfig, now: number): InviterState {
  return { at: 'listening', config, claims: 0, expiresAt: now + codeLifeMs }
}

/** When `tick` is due, monotonic ms. */
export function inviterDeadline(state: InviterState): number | undefined {
  switch (state.at) {
    case 'listening':
      return state.expiresAt
    case 'claimed':
    case 'challenged':
      return Math.min(state.until, state.expiresAt)
    case 'verifying':
    case 'failed':
      return undefined
    default:
      return agreementDeadline(state)
  }
}

export function stepInviter(state: InviterState, input: PairingInput): InviterStep {
  if (state.at === 'failed') return [state, []]
  if (!('config' in state)) return stepAgreement(state, input)
  if (state.at !== 'verifying' && input.now >= state.expiresAt) return fail('expired')
  switch (input.kind) {
    case 'cancel':
      return fail('cancelled')
    case 'ended':
      return fail('ended')
    default:
  }
  switch (state.at) {
    case 'listening':
      return input.kind === 'claimed' ? claim(state, input) : [state, []]
    case 'claimed':
    case 'challenged':
      return tried(state, input)
    case 'verifying':
      return concluded(state, input)
  }
}

function claim(
  state: Extract<InviterState, { at: 'listening' }>,
  { now, entropy }: Extract<PairingInput, { kind: 'claimed' }>,
): InviterStep {
  const claims = state.claims + 1
  if (claims > maxClaims) return fail('claims')
  return [
    { ...state, at: 'claimed', claims, until: now + claimMs, entropy },
    [{ kind: 'progress', at: 'claimed' }],
  ]
}

function tried(
  state: Extract<InviterState, { at: 'claimed' | 'challenged' }>,
  input: PairingInput,
): InviterStep {
  // Nothing a claim does without a tag tells it anything, so it costs the code nothing.
  if (input.kind === 'released') return listen(state, [])
  if (input.kind === 'tick') {
    return input.now >= state.until ? listen(state, [{ kind: 'release' }]) : [state, []]
  }
  if (input.kind !== 'message') return [state, []]
  const blob = readBlob(input.blob)
  if (state.at === 'claimed' && blob?.kind === 'share' && blob.from === 1) {
    return challenge(state, blob) ?? listen(state, [{ kind: 'release' }])
  }
  if (state.at === 'challenged' && blob?.kind === 'proof' && blob.from === 3) {
    return judge(state, blob)
  }
  return listen(state, [{ kind: 'release' }])
}

function listen({ config, claims, expiresAt }: Shown, effects: PairingEffect[]): InviterStep {
  return [
    { at: 'listening', config, claims, expiresAt },
    [...effects, { kind: 'progress', at: 'released' }],
  ]
}

/** (1) -> (2): the commitment fixes our key and nonce before the joiner's are known. */
function challenge(
  state: Extract<InviterState, { at: 'claimed' }>,
  { share, ad }: { readonly share: Bytes; readonly ad: Bytes },
): InviterStep | undefined {
  const { config, entropy, claims, expiresAt, until } = state
  const { prs, ci, sid, identity } = config
  const version = readJoinerAd(ad)?.version
  if (version === undefined || version < oldestVersion) return undefined
  const nonce = entropy.subarray(32)
  const commitment = commitIdentity(identity.device, nonce)
  const ownAd = encodeInviterAd(protocolVersion, ownCaps, commitment)
  try {
    const run = startCpace({ prs, ci, sid, random: entropy.subarray(0, 32) })
    const result = run.finish({ role: 'inviter', ownAd, peerShare: share, peerAd: ad })
    const keys = derivePairingKeys(result, ci, sid)
    const challenged: Challenged = {
      keys,
      envelope: envelopeOf(keys, 'inviter'),
      body: ownBody(config, nonce),
      version,
    }
    return [
      { at: 'challenged', config, claims, expiresAt, until, ...challenged },
      [{ kind: 'send', blob: encodeShare(2, run.share, ownAd) }],
    ]
  } catch {
    // What lands here: a share that is no element, neutral, or our own.
    return undefined
  }
}

/** (3): one wrong tag, and this code is dead. */
function judge(
  state: Extract<InviterState, { at: 'challenged' }>,
  proof: { readonly tag: Bytes; readonly sealed: Bytes },
): InviterStep {
  const { keys, config, body } = state
  const opened = openIdentity(keys, state.envelope, 'joiner', proof)
  if (typeof opened === 'string') return fail(opened)
  const { envelope, identity: peer, body: peerBody, signature } = opened
  const bad = judgeIdentity(config.identity, 'inviter', peer)
  // Two rosters: the joiner learns it by itself from our identity, so that is still sent.
  if (bad !== undefined && bad !== 'rosters') return fail(bad)
  const statement = identityStatement('joiner', keys.th, peerBody)
  return [
    { ...state, at: 'verifying', envelope, peer, peerBody, signature: undefined, verified: false },
    [
      { kind: 'progress', at: 'proving' },
      { kind: 'verify', key: peer.device, statement, signature },
      { kind: 'sign', statement: identityStatement('inviter', keys.th, body) },
    ],
  ]
}

function concluded(
  state: Extract<InviterState, { at: 'verifying' }>,
  input: PairingInput,
): InviterStep {
  if (input.kind === 'verified' && !input.ok) return fail('identity')
  const verified = state.verified || input.kind === 'verified'
  const signature = input.kind === 'signed' ? input.signature : state.signature
  if (!verified || signature === undefined) return [{ ...state, verified, signature }, []]

  const { keys, config, body, peer, peerBody, version } = state
  const [envelope, sealed] = sealNext(state.envelope, encodeSigned(body, signature))
  const send: PairingEffect = { kind: 'send', blob: encodeProof(4, keys.tags.inviter, sealed) }
  const bad = judgeIdentity(config.identity, 'inviter', peer)
  if (bad !== undefined) return [fail(bad)[0], [send, ...fail(bad)[1]]]
  const { th, prk } = keys
  const own = config.identity
  const met = meet({ th, prk, role: 'inviter', own, ownBody: body, peer, peerBody, version })
  const answer = { recovery: recoverySecret(prk), th, body, signature }
  const joined = { role: 'inviter', met, th, envelope } as const
  const [next, effects] = startAgreement(joined, { answer }, input.now)
  return [next, [send, ...effects]]
}

const codes: Partial<Record<FailReason, ErrorCode>> = {
  cancelled: 'pairing-cancelled',
  claims: 'code-dead',
  ended: 'signaling-lost',
  expired: 'code-expired',
  guest: 'not-permitted',
  rosters: 'rosters-differ',
  tag: 'code-dead',
}

function fail(reason: FailReason): readonly [Failed, readonly PairingEffect[]] {
  const code = codes[reason] ?? 'pairing-failed'
  return [{ at: 'failed', code }, [{ kind: 'failed', code, reason }]]
}
