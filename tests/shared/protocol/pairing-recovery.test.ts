/** Questions and answers of the day after a pairing that was cut short. */
import type { Answer, Pending } from '@baton/shared/protocol/pairing-effects'
import {
  openAnswer,
  openQuestion,
  sealAnswer,
  sealQuestion,
} from '@baton/shared/protocol/pairing-recovery'
import { expect, it } from 'vitest'
import { changed } from '../../support/pairing-blobs.ts'
import { run } from '../../support/pure-pairing.ts'
import { nodePrimitives } from '../../support/signer.ts'

const salt = (byte: number) => new Uint8Array(16).fill(byte)

/** What both sides of an honest run kept, and what they agreed on. */
function kept() {
  const { inviter, joiner } = run()
  const pending = joiner.of('persist')[0]?.pending as Pending
  const { answer, met } = inviter.of('commit')[0] as { answer: Answer; met: { root: Uint8Array } }
  return { pending, answer, root: met.root }
}

it('P9 an answer gives the joiner what message 4 would have given', () => {
  const { pending, answer, root } = kept()
  const question = openQuestion(answer, sealQuestion(pending, salt(1)))
  expect(question).toEqual(salt(1))
  const opened = openAnswer(pending, salt(1), sealAnswer(answer, salt(1), salt(2)))
  expect(opened?.met.root).toEqual(root)
  const { statement = salt(0), signature = salt(0), met } = opened ?? {}
  expect(nodePrimitives.verify(met?.peer.device ?? salt(0), statement, signature)).toBe(true)
})

it('P9 an answer holds for its question and its run only', () => {
  const { pending, answer } = kept()
  const other = kept()
  const sealed = sealAnswer(answer, salt(1), salt(2))
  expect(openAnswer(pending, salt(3), sealed)).toBeUndefined()
  expect(openAnswer(other.pending, salt(1), sealed)).toBeUndefined()
  expect(openAnswer(pending, salt(1), changed(sealed, 30))).toBeUndefined()
  expect(openAnswer(pending, salt(1), sealed.subarray(0, 20))).toBeUndefined()
  expect(openQuestion(other.answer, sealQuestion(pending, salt(1)))).toBeUndefined()
  expect(openQuestion(answer, sealed)).toBeUndefined()
})

it('P9 an answer must open the commitment of its run, like message 4', () => {
  const { pending, answer } = kept()
  const stranger = { ...answer, body: kept().answer.body }
  expect(openAnswer(pending, salt(1), sealAnswer(stranger, salt(1), salt(2)))).toBeUndefined()
  const own = { ...answer, body: pending.body }
  expect(openAnswer(pending, salt(1), sealAnswer(own, salt(1), salt(2)))).toBeUndefined()
})
