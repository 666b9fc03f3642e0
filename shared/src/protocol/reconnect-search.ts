/**
 * From the first hello of a reconnect to the keys of an attempt. Rules: RC1, RC3, RC4. What is fresh
 * is decided here: a hello counts once, and only while its sender has said nothing later.
 */
import { type Bytes, equalBytes, toHex } from '../bytes.ts'
import { exchangeKey } from '../keyexchange/x25519.ts'
import { answerMs, maxSeenBoots, repeatMs } from '../limits.ts'
import { type Attempt, createAttempt, type Opening, openSignal } from './reconnect-attempt.ts'
import type {
  Moment,
  Phase,
  ReconnectEffect,
  ReconnectInput,
  ReconnectState,
  ReconnectStep,
} from './reconnect-effects.ts'
import { encodeHello, type Hello } from './reconnect-hello.ts'
import type { Signal } from './signal.ts'

/**
 * Says hello: low calls, high knocks with a fresh ephemeral. `since`: it is the second one of a
 * search that began then, fresh too, since the first may have been heard and its answer lost.
 */
export function search(
  state: ReconnectState,
  { now, entropy }: Moment,
  since?: number,
): ReconnectStep {
  const secret = entropy.slice(0, 32)
  const ephemeral = exchangeKey(secret)
  const n = state.said + 1
  const { side, boot } = state
  const hello = encodeHello({
    kind: side === 'low' ? 'call' : 'knock',
    boot,
    n,
    ephemeral: side === 'low' ? undefined : ephemeral,
    echo: undefined,
  })
  const phase: Phase = {
    at: 'search',
    since: since ?? now,
    again: since === undefined ? now + repeatMs : undefined,
    hello,
    secret,
    ephemeral,
  }
  return [{ ...state, said: n, phase }, [{ kind: 'hello', body: hello }]]
}

export function cancelling({ phase }: ReconnectState): ReconnectEffect[] {
  return phase.at === 'dial' ? [{ kind: 'cancel', ordinal: phase.attempt.ordinal }] : []
}

export function taken(
  state: ReconnectState,
  phase: Extract<Phase, { at: 'dial' }>,
  { attempt, signal }: { readonly attempt: Attempt; readonly signal: Signal | undefined },
): ReconnectStep {
  const described = signal?.type === 'offer' || signal?.type === 'answer'
  const next: Phase = { at: 'dial', attempt, until: described ? undefined : phase.until }
  return [
    { ...state, phase: next },
    signal ? [{ kind: 'signal', ordinal: attempt.ordinal, signal }] : [],
  ]
}

export function greeted(state: ReconnectState, hello: Hello, moment: Moment): ReconnectStep {
  const boot = toHex(hello.boot)
  if (hello.n <= (state.seen.get(boot) ?? 0)) return [state, []]
  const seen = new Map(state.seen)
  seen.delete(boot)
  seen.set(boot, hello.n)
  const [oldest] = seen.keys()
  if (seen.size > maxSeenBoots && oldest !== undefined) seen.delete(oldest)
  const next = { ...state, seen }

  if (hello.kind === 'call') return called(next, moment)
  if (hello.kind === 'knock') return knocked(next, hello, moment)
  return accepted(next, hello, moment)
}

/** High: low is there and has not heard our knock, or none was made. */
function called(state: ReconnectState, moment: Moment): ReconnectStep {
  const { phase } = state
  if (phase.at === 'search' && moment.now < phase.since + repeatMs) {
    return [state, [{ kind: 'hello', body: phase.hello }]]
  }
  const [next, effects] = search(state, moment)
  return [next, [...cancelling(state), ...effects]]
}

/** Low: whatever attempt there was, the peer has begun a new one. */
function knocked(state: ReconnectState, hello: Hello, { now, entropy }: Moment): ReconnectStep {
  if (!hello.ephemeral) return [state, []]
  const ephemeralSecret = entropy.slice(0, 32)
  const n = state.said + 1
  const opening: Opening = {
    ephemeralSecret,
    low: exchangeKey(ephemeralSecret),
    high: hello.ephemeral,
    boot: state.boot,
    n,
  }
  return agreeing({ ...state, said: n }, opening, hello.ephemeral, now)
}

/** High: our knock was taken; anything else is not for the knock that stands. */
function accepted(state: ReconnectState, hello: Hello, { now }: Moment): ReconnectStep {
  const { phase } = state
  if (phase.at !== 'search' || !hello.ephemeral || !hello.echo) return [state, []]
  if (!equalBytes(hello.echo, phase.ephemeral)) return [state, []]
  const opening: Opening = {
    ephemeralSecret: phase.secret,
    low: hello.ephemeral,
    high: phase.ephemeral,
    boot: hello.boot,
    n: hello.n,
  }
  return agreeing(state, opening, hello.ephemeral, now)
}

function agreeing(
  state: ReconnectState,
  opening: Opening,
  ephemeral: Bytes,
  now: number,
): ReconnectStep {
  const ordinal = state.begun + 1
  const phase: Phase = { at: 'agree', since: now, ordinal, opening, held: [] }
  return [
    { ...state, begun: ordinal, phase },
    [...cancelling(state), { kind: 'agree', ordinal, ephemeral }],
  ]
}

export function agreed(
  state: ReconnectState,
  { ordinal, dh, ss, now }: Extract<ReconnectInput, { kind: 'agreed' }>,
): ReconnectStep {
  const { phase, pair, side, boot } = state
  if (phase.at !== 'agree' || phase.ordinal !== ordinal) return [state, []]
  const { opening, held } = phase
  let attempt: Attempt
  try {
    attempt = createAttempt(pair, ordinal, opening, dh, ss)
  } catch {
    // What lands here: an ephemeral of small order. The search times out as if nobody had come.
    return [state, []]
  }
  const effects: ReconnectEffect[] = []
  if (side === 'low') {
    const { n, low, high } = opening
    const body = encodeHello({ kind: 'accept', boot, n, ephemeral: low, echo: high })
    effects.push({ kind: 'hello', body })
  }
  effects.push({ kind: 'dial', attempt, initiator: side === 'low' })
  let next: ReconnectState = { ...state, phase: { at: 'dial', attempt, until: now + answerMs } }
  for (const blob of held) {
    const opened = next.phase.at === 'dial' && openSignal(next.phase.attempt, blob)
    if (!opened || next.phase.at !== 'dial') continue
    const [after, more] = taken(next, next.phase, opened)
    next = after
    effects.push(...more)
  }
  return [next, effects]
}
