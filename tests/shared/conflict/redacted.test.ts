/** RD: messages that were taken back, in the fold. */
import { history } from '@baton/shared/conflict/conflicts'
import { noCuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { decodeDocument, encodeDocument } from '@baton/shared/conflict/document-cache'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { kinds } from '@baton/shared/log/kinds'
import { redactedPlace } from '@baton/shared/model/redaction'
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

/** As a device holds them that was given no body of what had been taken back. */
function withoutBodies(all: readonly Placed[]): Placed[] {
  const gone = new Set(
    all.flatMap(({ log, entry }) => {
      const place = redactedPlace(log, entry)
      return place ? [`${place.log} ${place.seq}`] : []
    }),
  )
  return all.map((placed) =>
    gone.has(`${placed.log} ${placed.entry.seq}`) && placed.entry.kind !== kinds.genesis
      ? { ...placed, withheld: true }
      : placed,
  )
}

it('RD2 whoever holds the body and whoever does not show the same, in whatever order it came', () => {
  let redactions = 0
  fc.assert(
    fc.property(documentWorld, order, order, ({ all, writers }, first, second) => {
      // Few histories hold a redaction of their own.
      writers.alice.message('said', 'm1', value('something'))
      for (const name of names) writers[name].redact(first[0])
      const bare = withoutBodies(all)
      redactions += bare.filter(({ withheld }) => withheld).length
      const whole = fold(shuffled(all, first))
      const without = fold(shuffled(bare, second))
      expect(digestOf(without)).toBe(digestOf(whole))
      expect(digestOf(whole)).toBe(digestOf(fold(all)))
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

it('RD4 a body that is not here is no message, and listed, until its author is heard to have taken it back', () => {
  const { alice } = conversation()
  const before = alice.seen.map((placed) =>
    placed.entry.seq === 4 ? ({ ...placed, withheld: true } as const) : placed,
  )
  const without = fold(before)
  expect(shown(without)).toEqual(['m1', 'm3'])
  expect(without.withheld.size).toBe(1)
  const redaction = alice.redact(1) as Placed
  const after = fold([...before, redaction])
  expect(shown(after)).toEqual(['m1', 'm2 taken back', 'm3'])
  expect(after.withheld.size).toBe(0)
})
