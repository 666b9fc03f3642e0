/**
 * What a person is told when a pairing fails. The other device learns none of it: towards the peer
 * every failure looks the same. Rules: P15.
 */
import { type ErrorCode, isBatonError } from '@baton/shared/errors'
import type { FailReason } from '@baton/shared/protocol/pairing-effects'

export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
}

type Role = 'inviter' | 'joiner'

const askForNew = 'ask for a new code on the other device'
const makeNew = 'make a new code'

export function describeFailure(role: Role, code: ErrorCode, reason: FailReason): Failure {
  const hint = hintFor(role, reason)
  // The inviter never says why: to a joiner a wrong code and a code that is gone look the same.
  const joinerEnded = role === 'joiner' && reason === 'ended'
  const message = `failed to pair: ${joinerEnded ? endedForJoiner : messages[reason]}`
  return hint === undefined ? { code, message } : { code, message, hint }
}

/** What may be told of an error that ended a run: nothing of one that was not expected. */
export function failureOf(error: unknown): Failure {
  if (!isBatonError(error)) return { code: 'pairing-failed', message: 'failed to pair' }
  const { code, message, hint } = error
  return hint === undefined ? { code, message } : { code, message, hint }
}

const endedForJoiner = 'the code was not the same on both sides, or is no longer good'

const messages: Record<FailReason, string> = {
  cancelled: 'cancelled',
  claims: 'too many devices tried this code',
  disk: 'this device could not write to its disk',
  ended: 'the signaling service ended it',
  expired: 'the code has expired',
  guest: 'one came for a session alone, the other would have taken it in for good',
  identity: 'the other device could not prove its identity',
  'key-exchange': 'the other device sent an unusable key',
  mismatch: 'the emoji did not match',
  'peer-cancelled': 'the other device stopped it',
  rosters: 'both devices belong to groups of their own',
  'same-device': 'this is the same device',
  silent: 'the other device stopped answering',
  tag: 'the code was not the same on both sides',
  unexpected: 'the other device sent something unexpected',
  version: 'the other device is too old',
}

function hintFor(role: Role, reason: FailReason): string | undefined {
  switch (reason) {
    case 'rosters':
      return role === 'joiner'
        ? 'make the code on this device and type it on the other one, if that one is still alone'
        : 'let a device that is still alone type the code'
    case 'version':
      return 'update the other device'
    case 'guest':
      return 'for one session: baton invite there, baton join here; for good: baton pair on both'
    case 'mismatch':
      return 'someone may be in the middle: try over another network'
    case 'tag':
      return role === 'inviter'
        ? `${makeNew}: this one is used up, someone may have guessed at it`
        : 'check what you typed once, then ask for a new code'
    case 'ended':
    case 'silent':
    case 'unexpected':
    case 'key-exchange':
    case 'identity':
      return role === 'inviter' ? makeNew : `check what you typed once, then ${askForNew}`
    case 'claims':
    case 'expired':
      return makeNew
    default:
      return undefined
  }
}
