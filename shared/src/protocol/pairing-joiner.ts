/**
 * The joiner's machine: speaks first, proves itself first, and from then on does not know whether
 * the inviter has committed until it hears so; hence it keeps a record before it proves. Rules: P1,
 * P3 to P5, P8, P9. What follows two proofs is pairing-agreement.
 *
 *     asking ─(2)─> preparing ─signed, durable─> proving ─(4)─> verifying ──> agreement
 */
import type { Bytes } from '../bytes.ts'
import type { ErrorCode } from '../errors.ts'
import { derivePairingKeys, identityStatement, type PairingKeys } from '../keyexchange/confirm.ts'
import { startCpace } from '../keyexchange/cpace.ts'
import { claimMs, maxQueueMessages } from '../limits.ts'
import { type Envelope, sealNext } from './envelope.ts'
import {
  type AgreementState,
  agreementDeadline,
  type Failed,
  startAgreement,
  stepAgreement,
} from './pairing-agreement.ts'
import type {
  FailReason,
  PairingConfig,
  PairingEffect,
  PairingInput,
  Pending,
} from './pairing-effects.ts'
import {
  envelopeOf,
  judgeIdentity,
  meet,
  openIdentity,
  opensCommitment,
  ownBody,
  recoverySecret,
} from './pairing-identity.ts'
import {
  encodeJoinerAd,
  encodeProof,
  encodeShare,
  encodeSigned,
  type Identity,
  readBlob,
  readInviterAd,
} from './pairing-messages.ts'
import { oldestVersion, ownCaps, protocolVersion } from './version.ts'

interface Keyed {
  readonly config: PairingConfig
  readonly keys: PairingKeys
  readonly envelope: Envelope
  readonly pending: Pending
  readonly version: number
}

export type JoinerState =
  | {
      readonly at: 'asking'
      readonly config: PairingConfig
      readonly entropy: Bytes
      readonly until: number
    }
  | (Keyed & {
      readonly at: 'preparing'
      readonly signature: Bytes | undefined
      readonly durable: boolean
      readonly until: number
    })
  | (Keyed & { readonly at: 'proving'; readonly until: number })
  | (Keyed & {
      readonly at: 'verifying'
      readonly peer: Identity
      readonly peerBody: Bytes
      /** What the inviter sent on before its signature was checked. */
      readonly held: readonly Bytes[]
    })
  | AgreementState
  | Failed

export type JoinerStep = readonly [JoinerState, readonly PairingEffect[]]

const ownAd = encodeJoinerAd(protocolVersion, ownCaps)

/** `entropy`: 64 fresh random bytes. `now`: monotonic ms. */
export function startJoiner(config: PairingConfig, entropy: Bytes, now: number): JoinerStep {
  const { share } = startCpace({ ...config, random: entropy.subarray(0, 32) })
  return [
    { at: 'asking', config, entropy, until: now + claimMs },
    [{ kind: 'send', blob: encodeShare(1, share, ownAd) }],
  ]
}

/** When `tick` is due, monotonic ms. */
export function joinerDeadline(state: JoinerState): number | undefined {
  switch (state.at) {
    case 'asking':
    case 'preparing':
    case 'proving':
      return state.until
    case 'verifying':
    case 'failed':
      return undefined
    default:
      return agreementDeadline(state)
  }
}

export function stepJoiner(state: JoinerState, input: PairingInput): JoinerStep {
  if (state.at === 'failed') return [state, []]
  if (!('config' in state)) return stepAgreement(state, input)
  if (input.kind === 'ended') return fail('ended', doubtful(state) ? undefined : state)
  if (input.kind === 'cancel' && !doubtful(state)) return fail('cancelled', state)
  if (input.kind === 'tick') {
    const due = 'until' in state && input.now >= state.until
    return due ? fail('silent', doubtful(state) ? undefined : state) : [state, []]
  }
  switch (state.at) {
    case 'asking':
      return input.kind === 'message' ? challenged(state, input.blob) : [state, []]
    case 'preparing':
      return prepared(state, input)
    case 'proving':
      return input.kind === 'message' ? proven(state, input.blob) : [state, []]
    case 'verifying': {
      if (input.kind === 'message' && state.held.length < maxQueueMessages) {
        return [{ ...state, held: [...state.held, input.blob] }, []]
      }
      if (input.kind !== 'verified') return [state, []]
      return input.ok ? met(state, input.now) : fail('identity', state)
    }
  }
}

/** Once the proof is out, the inviter may have committed. */
const doubtful = (state: JoinerState) => state.at === 'proving' || state.at === 'verifying'

/** (2): our own share back, or an unusable one, ends the run. */
function challenged(state: Extract<JoinerState, { at: 'asking' }>, bytes: Bytes): JoinerStep {
  const { config, entropy, until } = state
  const { prs, ci, sid } = config
  const blob = readBlob(bytes)
  if (blob?.kind !== 'share' || blob.from !== 2) return fail('unexpected', state)
  const ad = readInviterAd(blob.ad)
  if (ad === undefined) return fail('unexpected', state)
  if (ad.version < oldestVersion) return fail('version', state)
  let keys: PairingKeys
  try {
    const run = startCpace({ prs, ci, sid, random: entropy.subarray(0, 32) })
    const peer = { peerShare: blob.share, peerAd: blob.ad }
    keys = derivePairingKeys(run.finish({ role: 'joiner', ownAd, ...peer }), ci, sid)
  } catch {
    // What lands here: a share that is no element, neutral, or our own.
    return fail('key-exchange', state)
  }
  const { th, prk } = keys
  const body = ownBody(config, entropy.subarray(32))
  const pending: Pending = {
    recovery: recoverySecret(prk),
    th,
    prk,
    commitment: ad.commitment,
    body,
    agreed: !config.identity.confirm,
  }
  const keyed: Keyed = {
    config,
    keys,
    envelope: envelopeOf(keys, 'joiner'),
    pending,
    version: ad.version,
  }
  return [
    { at: 'preparing', ...keyed, signature: undefined, durable: false, until },
    [
      { kind: 'progress', at: 'proving' },
      { kind: 'persist', pending },
      { kind: 'sign', statement: identityStatement('joiner', th, body) },
    ],
  ]
}

/** (3) leaves only when the record is durable. */
function prepared(
  state: Extract<JoinerState, { at: 'preparing' }>,
  input: PairingInput,
): JoinerStep {
  if (input.kind === 'message') return fail('unexpected', state)
  if (input.kind === 'done' && !input.ok) return fail('disk', state)
  const durable = state.durable || input.kind === 'done'
  const signature = input.kind === 'signed' ? input.signature : state.signature
  if (!durable || signature === undefined) return [{ ...state, durable, signature }, []]
  const { config, keys, pending, version } = state
  const [envelope, sealed] = sealNext(state.envelope, encodeSigned(pending.body, signature))
  return [
    { at: 'proving', config, keys, pending, version, envelope, until: input.now + claimMs },
    [{ kind: 'send', blob: encodeProof(3, keys.tags.joiner, sealed) }],
  ]
}

/** (4): a wrong tag says nothing about the honest inviter, so what is kept stays. */
function proven(state: Extract<JoinerState, { at: 'proving' }>, bytes: Bytes): JoinerStep {
  const { keys, config, pending } = state
  const blob = readBlob(bytes)
  if (blob?.kind !== 'proof' || blob.from !== 4) return fail('unexpected')
  const opened = openIdentity(keys, state.envelope, 'inviter', blob)
  if (opened === 'tag') return fail('tag')
  if (opened === 'identity') return fail('identity', state)
  const { envelope, identity: peer, body: peerBody, signature } = opened
  if (!opensCommitment(pending.commitment, peer)) return fail('identity', state)
  const bad = judgeIdentity(config.identity, 'joiner', peer)
  if (bad !== undefined) return fail(bad, state)
  const statement = identityStatement('inviter', keys.th, peerBody)
  return [
    { ...state, at: 'verifying', envelope, peer, peerBody, held: [] },
    [{ kind: 'verify', key: peer.device, statement, signature }],
  ]
}

function met(state: Extract<JoinerState, { at: 'verifying' }>, now: number): JoinerStep {
  const { keys, config, pending, peer, peerBody, version, envelope } = state
  const { th, prk } = keys
  const own = config.identity
  const ownBody = pending.body
  const met = meet({ th, prk, role: 'joiner', own, ownBody, peer, peerBody, version })
  const joined = { role: 'joiner', met, th, envelope } as const
  const [first, effects] = startAgreement(joined, { pending }, now)
  const all = [...effects]
  let next: JoinerState = first
  for (const blob of state.held) {
    const [after, more] = stepJoiner(next, { kind: 'message', now, blob })
    next = after
    all.push(...more)
  }
  return [next, all]
}

const codes: Partial<Record<FailReason, ErrorCode>> = {
  cancelled: 'pairing-cancelled',
  disk: 'store-full',
  guest: 'not-permitted',
  rosters: 'rosters-differ',
  version: 'unsupported-version',
}

/** `certain`: the state in which both sides are known not to be paired, so the record may go. */
function fail(reason: FailReason, certain?: JoinerState): JoinerStep {
  const code = codes[reason] ?? 'pairing-failed'
  const forget: PairingEffect[] =
    certain !== undefined && 'pending' in certain
      ? [{ kind: 'forget', th: certain.pending.th }]
      : []
  return [{ at: 'failed', code }, [...forget, { kind: 'failed', code, reason }]]
}
