/**
 * The second half of pairing, for both roles: the emoji, the answers of people, the commit and its
 * acknowledgement, and the sealed signals beside them. Rules: P6 to P13. It starts when both
 * identities are proven and never undoes a commit.
 *
 *     inviter  checking ─> committing ─> committed ─> paired
 *     joiner   checking ─> agreed ─> adopting ─> paired
 */
import type { ErrorCode } from '../errors.ts'
import { checkMs, claimMs } from '../limits.ts'
import { openNext, sealNext } from './envelope.ts'
import type {
  Answer,
  FailReason,
  Joined,
  PairingEffect,
  PairingInput,
  Pending,
} from './pairing-effects.ts'
import { encodeEnvelope, encodeInner, type Inner, readBlob, readInner } from './pairing-messages.ts'

/** What is written when it is time: the inviter's answer to questions, the joiner's pending. */
export type Keepsake = { readonly answer: Answer } | { readonly pending: Pending }

export type AgreementState = Joined & { readonly keep: Keepsake } & (
    | {
        readonly at: 'checking'
        readonly own: 'asked' | 'storing' | 'yes'
        readonly peer: boolean
        readonly until: number
      }
    | { readonly at: 'committing' }
    | { readonly at: 'committed'; readonly until: number }
    | { readonly at: 'agreed'; readonly until: number }
    | { readonly at: 'adopting' }
    | { readonly at: 'paired' }
  )

export interface Failed {
  readonly at: 'failed'
  readonly code: ErrorCode
}

export type AgreementStep = readonly [AgreementState | Failed, readonly PairingEffect[]]

export function startAgreement(joined: Joined, keep: Keepsake, now: number): AgreementStep {
  const check: PairingEffect = { kind: 'check', met: joined.met }
  const state: AgreementState = {
    ...joined,
    keep,
    at: 'checking',
    own: 'asked',
    peer: false,
    until: now + checkMs,
  }
  if (joined.met.confirm) return [state, [check]]
  const [next, effects] = proceed(state, now)
  return [next, [check, ...effects]]
}

export function agreementDeadline(state: AgreementState): number | undefined {
  // Not by the presence of `until`: a state made from another one by spreading still carries it.
  if (state.at === 'checking') return state.own === 'storing' ? undefined : state.until
  return state.at === 'agreed' || state.at === 'committed' ? state.until : undefined
}

export function stepAgreement(state: AgreementState, input: PairingInput): AgreementStep {
  switch (input.kind) {
    case 'message':
      return receive(state, input.blob, input.now)
    case 'signal':
      return state.at === 'checking'
        ? [state, []]
        : say(state, { kind: 'signal', signal: input.signal })
    case 'done':
      return written(state, input.ok, input.now)
    case 'answer':
    case 'cancel':
      return answered(state, input.kind === 'answer' && input.match, input)
    case 'ended':
    case 'tick':
      return overdue(state, input)
    default:
      return [state, []]
  }
}

/** Both people agreed, or nobody asked them. */
function proceed(state: AgreementState, now: number): AgreementStep {
  const { met } = state
  const dial: PairingEffect = { kind: 'dial', met, th: state.th }
  if ('pending' in state.keep) {
    return [{ ...state, at: 'agreed', until: now + claimMs }, [dial]]
  }
  const commit: PairingEffect = { kind: 'commit', met, answer: state.keep.answer }
  return [{ ...state, at: 'committing' }, [commit, dial]]
}

function answered(
  state: AgreementState,
  match: boolean,
  input: { readonly kind: string; readonly now: number },
): AgreementStep {
  if (state.at !== 'checking' || state.own !== 'asked') return [state, []]
  if (!match) {
    const reason = input.kind === 'cancel' ? 'cancelled' : 'mismatch'
    const [told, effects] = say(state, { kind: 'end' })
    return drop(told as AgreementState, 'pairing-cancelled', reason, effects)
  }
  if ('answer' in state.keep) return agree(state, input.now)
  // The joiner's yes is on disk before it is sent: the inviter may commit the moment it hears it.
  const pending = { ...state.keep.pending, agreed: true }
  return [{ ...state, keep: { pending }, own: 'storing' }, [{ kind: 'persist', pending }]]
}

function agree(state: Extract<AgreementState, { at: 'checking' }>, now: number): AgreementStep {
  const [told, effects] = say({ ...state, own: 'yes' }, { kind: 'agreed' })
  if (!state.peer) return [told, effects]
  const [next, more] = proceed(told as AgreementState, now)
  return [next, [...effects, ...more]]
}

function written(state: AgreementState, ok: boolean, now: number): AgreementStep {
  if (state.at === 'checking' && state.own === 'storing') {
    return ok ? agree(state, now) : drop(state, 'store-full', 'disk')
  }
  if (state.at === 'committing') {
    // Nobody knows whether a failed write reached the disk; a restart will see.
    if (!ok) return fail('store-full', 'disk')
    return say({ ...state, at: 'committed', until: now + claimMs }, { kind: 'added' })
  }
  if (state.at === 'adopting') {
    if (!ok) return fail('store-full', 'disk')
    const [next, effects] = say({ ...state, at: 'paired' }, { kind: 'adopted' })
    return [next, [...effects, { kind: 'paired', met: state.met, acknowledged: true }]]
  }
  return [state, []]
}

function receive(state: AgreementState, blob: Uint8Array, now: number): AgreementStep {
  const parsed = readBlob(blob)
  if (parsed?.kind !== 'envelope') return [state, []]
  const opened = openNext(state.envelope, parsed.sealed)
  if (opened === undefined) return [state, []]
  const next = { ...state, envelope: opened[0] }
  const inner = readInner(opened[1])
  switch (inner?.kind) {
    case 'signal':
      return [next, [{ kind: 'signal', signal: inner.signal }]]
    case 'agreed':
      if (next.at !== 'checking') return [next, []]
      return next.own === 'yes' ? proceed(next, now) : [{ ...next, peer: true }, []]
    case 'added': {
      const due = next.at === 'agreed' || (next.at === 'checking' && next.own === 'yes')
      if (!due || next.role !== 'joiner') return [next, []]
      return [{ ...next, at: 'adopting' }, [{ kind: 'adopt', met: next.met, th: next.th }]]
    }
    case 'adopted': {
      if (next.at !== 'committed') return [next, []]
      const done: PairingEffect = { kind: 'paired', met: next.met, acknowledged: true }
      return [{ ...next, at: 'paired' }, [done]]
    }
    case 'end':
      return next.at === 'checking' ? drop(next, 'pairing-cancelled', 'peer-cancelled') : [next, []]
    case undefined:
      return [next, []]
  }
}

function overdue(
  state: AgreementState,
  input: { readonly kind: 'ended' | 'tick'; readonly now: number },
): AgreementStep {
  const due = agreementDeadline(state)
  if (input.kind === 'tick' && !(due !== undefined && input.now >= due)) return [state, []]
  const reason = input.kind === 'ended' ? 'ended' : 'silent'
  switch (state.at) {
    case 'checking': {
      if (state.own === 'storing') return [state, []]
      // A joiner whose yes is out cannot know whether the inviter has heard it.
      if (state.role === 'joiner' && state.own === 'yes') return fail('pairing-failed', reason)
      const [told, effects] = say(state, { kind: 'end' })
      return drop(told as AgreementState, 'pairing-failed', reason, effects)
    }
    case 'agreed':
      return fail('pairing-failed', reason)
    case 'committed': {
      const done: PairingEffect = { kind: 'paired', met: state.met, acknowledged: false }
      return [{ ...state, at: 'paired' }, [done]]
    }
    case 'committing':
    case 'adopting':
    case 'paired':
      return [state, []]
  }
}

/** Seals one message for the peer. */
function say(state: AgreementState, inner: Inner): readonly [AgreementState, PairingEffect[]] {
  const [envelope, sealed] = sealNext(state.envelope, encodeInner(inner))
  return [{ ...state, envelope }, [{ kind: 'send', blob: encodeEnvelope(sealed) }]]
}

/** Both sides are certainly not paired: what the joiner keeps goes. */
function drop(
  state: AgreementState,
  code: ErrorCode,
  reason: FailReason,
  before: readonly PairingEffect[] = [],
): AgreementStep {
  const forget: PairingEffect[] = 'pending' in state.keep ? [{ kind: 'forget', th: state.th }] : []
  return [{ at: 'failed', code }, [...before, ...forget, { kind: 'failed', code, reason }]]
}

/** Whether the other side is paired is not known: what was kept stays, and asks. */
function fail(code: ErrorCode, reason: FailReason): AgreementStep {
  return [{ at: 'failed', code }, [{ kind: 'failed', code, reason }]]
}
