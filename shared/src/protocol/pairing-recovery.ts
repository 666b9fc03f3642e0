/**
 * What a joiner asks, and an inviter answers, when a run was cut short between the joiner's proof
 * and the inviter's `added` (P9, P10). An answer means: the inviter committed. Every message is
 * sealed under a key made for it from a fresh salt, so no key outlives its message. Rules: P.
 *
 *     salt(16) || sealed      question: nothing      answer: [body, signature] of message 4
 */
import { type Bytes, concat } from '../bytes.ts'
import { identityStatement } from '../keyexchange/confirm.ts'
import { deriveKey } from '../keyexchange/hkdf.ts'
import { openSealed, type SealOptions, sealAt } from '../keyexchange/seal.ts'
import type { Answer, Met, Pending } from './pairing-effects.ts'
import { judgeIdentity, meet, opensCommitment } from './pairing-identity.ts'
import { encodeSigned, readBody, readSigned } from './pairing-messages.ts'

/** Bytes of fresh randomness each message takes. */
export const recoverySaltBytes = 16

export function sealQuestion(pending: Pick<Pending, 'recovery' | 'th'>, salt: Bytes): Bytes {
  return concat(salt, sealAt(questionSeal(pending, salt), 0, new Uint8Array(0)))
}

/** The salt of a question that belongs to this run, or undefined. */
export function openQuestion(
  answer: Pick<Answer, 'recovery' | 'th'>,
  blob: Bytes,
): Bytes | undefined {
  const salt = blob.slice(0, recoverySaltBytes)
  const sealed = blob.subarray(recoverySaltBytes)
  return openSealed(questionSeal(answer, salt), sealed, 0) && salt
}

export function sealAnswer(answer: Answer, question: Bytes, salt: Bytes): Bytes {
  const message = encodeSigned(answer.body, answer.signature)
  return concat(salt, sealAt(answerSeal(answer, question, salt), 0, message))
}

export interface RecoveredRun {
  readonly met: Met
  /** Still to be verified with the peer's key before any of it counts. */
  readonly statement: Bytes
  readonly signature: Bytes
}

/** An answer to the question with salt `question`, judged as message 4 is; undefined otherwise. */
export function openAnswer(
  pending: Pending,
  question: Bytes,
  blob: Bytes,
): RecoveredRun | undefined {
  const salt = blob.slice(0, recoverySaltBytes)
  const sealed = blob.subarray(recoverySaltBytes)
  const opened = openSealed(answerSeal(pending, question, salt), sealed, 0)
  const signed = opened && readSigned(opened.message)
  const peer = signed && readBody(signed.body)
  const own = readBody(pending.body)
  if (!signed || !peer || !own || !opensCommitment(pending.commitment, peer)) return undefined
  if (judgeIdentity(own, 'joiner', peer) !== undefined) return undefined
  const { th, prk, body: ownBody } = pending
  const met = meet({
    th,
    prk,
    role: 'joiner',
    own,
    ownBody,
    peer,
    peerBody: signed.body,
    // Not known until the first contact, which then sets the floor.
    version: 0,
  })
  return {
    met,
    statement: identityStatement('inviter', th, signed.body),
    signature: signed.signature,
  }
}

interface Shared {
  readonly recovery: Bytes
  readonly th: Bytes
}

const questionSeal = ({ recovery, th }: Shared, salt: Bytes): SealOptions => ({
  key: deriveKey(recovery, 'recoveryQuestion', salt),
  direction: 'joiner',
  context: th,
})

const answerSeal = ({ recovery, th }: Shared, question: Bytes, salt: Bytes): SealOptions => ({
  key: deriveKey(recovery, 'recoveryAnswer', concat(question, salt)),
  direction: 'inviter',
  context: th,
})
