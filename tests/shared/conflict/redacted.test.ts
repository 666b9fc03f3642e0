/** RD: messages that were taken back, in the fold. */
import { history } from '@baton/shared/conflict/conflicts'
import { noCuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { decodeDocument, encodeDocument } from '@baton/shared/conflict/document-cache'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { kinds } from '@baton/shared/log/kinds'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { documentWorld, order, shuffled } from '../../support/document-histories.ts'
import {
  createDocumentWorld,
  fold,
  names,
  type Placed,
  session,
  value,
} from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')
const shown = (state: DocumentState) =>
  history(state).map(({ id, redacted }) => (redacted ? `${id} taken back` : id))

it('RD2 the same entries show the same, in whatever order and however often they came', () => {
  let redactions = 0
  fc.assert(
    fc.property(documentWorld, order, order, ({ all, writers }, first, second) => {
      // Few histories hold a redaction of their own.
      writers.alice.message('said', 'm1', value('something'))
      for (const name of names) writers[name].redact(first[0])
      redactions += all.filter(({ entry }) => entry.kind === kinds.redact).length
      const whole = digestOf(fold(all))
      expect(digestOf(fold(shuffled(all, first)))).toBe(whole)
      expect(digestOf(fold(shuffled(all, second)))).toBe(whole)
    }),
    { numRuns: tries(200) },
  )
  expect(redactions).toBeGreaterThan(10)
})

function conversation() {
  const { writers } = createDocumentWorld()
  const { alice, bob } = writers
  alice.grant('bob')
  alice.message('m1', undefined, value('hello'))
  alice.message('m2', 'm1', value('my password'))
  alice.message('m3', 'm2', value('goodbye'))
  bob.pull(alice)
  return writers
}

it('RD2 its place, its author and what hangs on it stay; what it said is gone', () => {
  const { alice, bob } = conversation()
  expect(shown(alice.state)).toEqual(['m1', 'm2', 'm3'])
  alice.redact(1)
  expect(shown(alice.state)).toEqual(['m1', 'm2 taken back', 'm3'])
  bob.pull(alice)
  expect(shown(bob.state)).toEqual(['m1', 'm2 taken back', 'm3'])
  const kept = encodeDocument(sha256, bob.state)
  const read = decodeDocument(sha256, session, kept, noCuts) as DocumentState
  expect(digestOf(read)).toBe(digestOf(bob.state))
  expect(shown(read)).toEqual(shown(bob.state))
})

it('RD1 RD3 nobody takes back what another said', () => {
  const { alice, bob } = conversation()
  const mine = alice.seen.find(({ entry }) => entry.seq === 4) as Placed
  bob.append(
    kinds.redact,
    [new Uint8Array(8), 0, 'm2', null, null],
    [{ log: mine.log, seq: 4, hash: new Uint8Array(8) }],
  )
  expect(shown(bob.state)).toEqual(['m1', 'm2', 'm3'])
  expect(bob.state.hidden).toMatchObject([{ reason: 'malformed' }])
})

it('RD2 of two words about one place the same one counts, whichever came first', () => {
  const { alice } = conversation()
  const first = alice.seen.length
  alice.redact(1)
  const second = alice.seen.length
  alice.restart()
  alice.redact(1, 'another')
  const early = alice.seen.slice(first, second)
  const late = alice.seen.slice(second)
  const before = alice.seen.slice(0, first)
  const inOrder = fold([...before, ...early, ...late])
  const other = fold([...before, ...late, ...early])
  expect(shown(other)).toEqual(shown(inOrder))
  expect(digestOf(other)).toBe(digestOf(inOrder))
})
