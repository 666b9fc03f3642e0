/** What a refused or unanswered request means to a caller (rule RZ15): one BatonError, with a hint. */
import { BatonError, type ErrorCode } from '@baton/shared/errors'
import type { Refusal } from '@baton/shared/protocol/rendezvous'

/** How a request went. `waitMs` is what the service asked to wait before another. */
export type Outcome<T> =
  | { readonly at: 'answered'; readonly answer: T }
  | { readonly at: 'refused'; readonly refusal: Refusal; readonly waitMs: number | undefined }
  | { readonly at: 'unreachable'; readonly cause: unknown }

/** What would have been refused, and so was not asked. */
export const refused = (refusal: Refusal) =>
  ({ at: 'refused', refusal, waitMs: undefined }) as const

/** Worth another try: nothing was decided about the request. */
export const isPassing = (outcome: Outcome<unknown>): boolean =>
  outcome.at === 'unreachable' ||
  (outcome.at === 'refused' && ['rate', 'full', 'draining'].includes(outcome.refusal))

type Meaning = readonly [code: ErrorCode, why: string, hint: string]

const meanings: Readonly<Record<Refusal, Meaning>> = {
  invalid: [
    'signaling-refused',
    'no Baton service of this version answers there',
    'check the address, and that both sides run the same version',
  ],
  refused: [
    'signaling-refused',
    'it is not meant under this address',
    'its operator may have to name this host (BATON_SIGNAL_NAMES) or this page (BATON_SIGNAL_ORIGINS)',
  ],
  unknown: ['signaling-lost', 'the service has forgotten it', 'try again'],
  busy: ['code-busy', 'another device is using this code', 'wait a moment and try again'],
  replaced: ['signaling-lost', 'another process took over', 'is Baton running twice?'],
  gone: ['code-expired', 'this code has ended', 'ask for a new code'],
  'too-large': ['too-large', 'the message is too large', 'this is a fault of this version'],
  rate: ['rate-limited', 'too many requests from this address', 'wait a moment and try again'],
  quota: [
    'signaling-full',
    'nobody has taken what is there already',
    'is the other device still running?',
  ],
  full: ['signaling-full', 'it holds all it may', 'try again in a few seconds'],
  draining: ['signaling-unreachable', 'it is restarting', 'try again in a few seconds'],
}

/** The error for an outcome that is no answer; `special` names other meanings for some refusals. */
export function failure(
  what: string,
  outcome: Exclude<Outcome<unknown>, { at: 'answered' }>,
  special: Partial<Record<Refusal, Meaning>> = {},
): BatonError {
  if (outcome.at === 'unreachable') {
    return new BatonError('signaling-unreachable', `failed to ${what}: no answer`, {
      cause: outcome.cause,
      hint: 'is the signaling service running, and the network up?',
    })
  }
  const [code, why, hint] = special[outcome.refusal] ?? meanings[outcome.refusal]
  const seconds = Math.ceil((outcome.waitMs ?? 0) / 1000)
  const wait = outcome.refusal === 'rate' && seconds > 0 ? `try again in ${seconds} s` : hint
  return new BatonError(code, `failed to ${what}: ${why}`, { hint: wait })
}

/** For a token: the service has ended or forgotten what it stood for. */
const lost: Meaning = ['signaling-lost', 'the slot has ended', 'start again with a new code']

export const specialOf = {
  claim: { unknown: ['code-unknown', 'there is no such code', 'check it, or ask for a new one'] },
  send: { unknown: lost, gone: lost },
} as const satisfies Record<string, Partial<Record<Refusal, Meaning>>>
