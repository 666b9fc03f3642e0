/**
 * Finds one paired device again, for as long as it is wanted. Rules: RC. The side with the smaller
 * device key (low) offers; the other (high) knocks, so that every attempt has fresh ephemerals of
 * both. It knows neither mailboxes nor WebRTC, and publishes nothing while a link stands.
 *
 *     low   wait ──call──> search ──knock comes──> agree ──accept──> dial ──bound──> rest
 *     high  wait ──knock─> search ──accept comes─> agree ──────────> dial ──bound──> rest
 *
 * A knock or call that comes while a link stands starts an attempt beside it: the link is given up
 * only for a newer one that is bound.
 */
import type { Bytes } from '../bytes.ts'
import type { ErrorCode } from '../errors.ts'
import { answerMs, maxQueueMessages, parkMs, retryMaxMs, retryMinMs, stableMs } from '../limits.ts'
import { type Envelope, sealNext } from './envelope.ts'
import { encodeSignal, openSignal } from './reconnect-attempt.ts'
import type {
  Moment,
  Phase,
  ReconnectEffect,
  ReconnectInput,
  ReconnectState,
  ReconnectStep,
} from './reconnect-effects.ts'
import { openHello, type Pair, sideOf } from './reconnect-hello.ts'
import { agreed, cancelling, greeted, search, taken } from './reconnect-search.ts'
import type { Signal } from './signal.ts'

/** `boot`: 8 fresh random bytes. `envelope`: of the link that pairing opened. */
export function startReconnect(
  pair: Pair,
  boot: Bytes,
  now: number,
  envelope?: Envelope,
): ReconnectState {
  const none = new Uint8Array(0)
  return {
    pair,
    side: sideOf(pair),
    boot,
    phase: { at: 'rest' },
    link: envelope && { ordinal: 0, id: none, hash: none, envelope },
    linkedAt: now,
    said: 0,
    begun: 0,
    seen: new Map(),
    failures: 0,
    linkAt: now,
  }
}

/** When `tick` is due. */
export function reconnectDeadline({ phase }: ReconnectState): number | undefined {
  switch (phase.at) {
    case 'rest':
      return undefined
    case 'wait':
    case 'dial':
      return phase.until
    case 'search':
      return phase.again ?? phase.since + answerMs
    case 'agree':
      return phase.since + answerMs
  }
}

export function stepReconnect(state: ReconnectState, input: ReconnectInput): ReconnectStep {
  switch (input.kind) {
    case 'seek':
      return seek(state, input)
    case 'tick':
      return due(state, input)
    case 'message':
      return receive(state, input)
    case 'agreed':
      return agreed(state, input)
    case 'signal':
      return speak(state, input.ordinal, input.signal)
    case 'bound':
      return bound(state, input.ordinal, input.now)
    case 'failed': {
      const { phase } = state
      const current =
        (phase.at === 'dial' && phase.attempt.ordinal === input.ordinal) ||
        (phase.at === 'agree' && phase.ordinal === input.ordinal)
      return current ? giveUp(state, input.code, input) : [state, []]
    }
    case 'closed':
      return closed(state, input)
    case 'unposted':
      return state.phase.at === 'search' ? giveUp(state, input.code, input) : [state, []]
  }
}

function seek(state: ReconnectState, moment: Moment): ReconnectStep {
  const { link, phase } = state
  if (link || phase.at === 'agree' || phase.at === 'dial') return [state, []]
  // Several reasons to look come together: one hello is enough.
  if (phase.at === 'search' && moment.now < phase.since + retryMinMs) return [state, []]
  return search(state, moment)
}

function due(state: ReconnectState, moment: Moment): ReconnectStep {
  const { phase } = state
  const deadline = reconnectDeadline(state)
  if (deadline === undefined || moment.now < deadline) return [state, []]
  switch (phase.at) {
    case 'wait':
      return search(state, moment)
    case 'search':
      if (phase.again === undefined) return giveUp(state, 'no-answer', moment)
      return search(state, moment, phase.since)
    case 'agree':
    case 'dial':
      return giveUp(state, 'no-answer', moment)
    case 'rest':
      return [state, []]
  }
}

/** The attempt is over: back to the link that stands, or wait and try again. */
function giveUp(state: ReconnectState, code: ErrorCode, { now, entropy }: Moment): ReconnectStep {
  const effects: ReconnectEffect[] = [...cancelling(state)]
  if (state.link) return [{ ...state, phase: { at: 'rest' } }, effects]
  const failures = state.failures + 1
  const parked = code === 'unsupported-version'
  const delay = parked ? parkMs : backoff(failures, entropy)
  const phase: Phase = { at: 'wait', until: now + delay }
  return [{ ...state, failures, phase }, [...effects, { kind: 'trouble', code }]]
}

/** Full jitter over 0.5 s x 2^n, at most 30 s. */
function backoff(failures: number, entropy: Bytes): number {
  const ceiling = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(failures - 1, 16))
  const drawn = new DataView(entropy.buffer, entropy.byteOffset).getUint32(32)
  return Math.floor((drawn / 2 ** 32) * ceiling)
}

function receive(
  state: ReconnectState,
  input: Extract<ReconnectInput, { kind: 'message' }>,
): ReconnectStep {
  const { blob } = input
  const { link, phase } = state
  const ofLink = link && openSignal(link, blob)
  if (ofLink) {
    const { attempt, signal } = ofLink
    const next = { ...state, link: attempt }
    return [next, signal ? [{ kind: 'signal', ordinal: attempt.ordinal, signal }] : []]
  }
  if (phase.at === 'dial') {
    const opened = openSignal(phase.attempt, blob)
    if (opened) return taken(state, phase, opened)
  }
  const hello = openHello(state.pair, input.hour, blob)
  if (hello) return greeted(state, hello, input)
  if (phase.at === 'agree' && phase.held.length < maxQueueMessages) {
    return [{ ...state, phase: { ...phase, held: [...phase.held, blob] } }, []]
  }
  return [state, []]
}

function speak(state: ReconnectState, ordinal: number, signal: Signal): ReconnectStep {
  const { link, phase } = state
  if (link?.ordinal === ordinal) {
    const [envelope, blob] = sealNext(link.envelope, encodeSignal(signal))
    return [{ ...state, link: { ...link, envelope } }, [{ kind: 'post', blob }]]
  }
  if (phase.at !== 'dial' || phase.attempt.ordinal !== ordinal) return [state, []]
  const [envelope, blob] = sealNext(phase.attempt.envelope, encodeSignal(signal))
  const attempt = { ...phase.attempt, envelope }
  return [{ ...state, phase: { ...phase, attempt } }, [{ kind: 'post', blob }]]
}

/** The newest attempt that is bound is the link, on both sides; an older one ends. */
function bound(state: ReconnectState, ordinal: number, now: number): ReconnectStep {
  const { phase, link } = state
  if (phase.at !== 'dial' || phase.attempt.ordinal !== ordinal) {
    return [state, [{ kind: 'retire', ordinal }]]
  }
  const retire: ReconnectEffect[] = link ? [{ kind: 'retire', ordinal: link.ordinal }] : []
  return [
    {
      ...state,
      link: phase.attempt,
      phase: { at: 'rest' },
      linkedAt: now,
      linkAt: now,
    },
    [{ kind: 'use', ordinal }, ...retire],
  ]
}

function closed(
  state: ReconnectState,
  { ordinal, now, entropy }: Extract<ReconnectInput, { kind: 'closed' }>,
): ReconnectStep {
  if (state.link?.ordinal !== ordinal) return [state, []]
  const failures = now - state.linkedAt >= stableMs ? 1 : state.failures + 1
  const next = { ...state, link: undefined, failures, linkAt: now }
  if (next.phase.at !== 'rest') return [next, []]
  return [{ ...next, phase: { at: 'wait', until: now + backoff(failures, entropy) } }, []]
}
