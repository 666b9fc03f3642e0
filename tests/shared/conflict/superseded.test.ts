/** SU1, SU2 and SU4: logs that their device said again elsewhere, in every order, held and dropped. */
import type { Cuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { stateDigest } from '@baton/shared/conflict/document-state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkpointWorld, order, shuffled } from '../../support/document-histories.ts'
import { fold, names } from '../../support/document-world.ts'
import { shown } from '../../support/shown-document.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')

const listed = ({ hidden, waiting }: DocumentState) => ({
  hidden: hidden.map(({ log, seq, reason }) => `${log} ${seq} ${reason}`).sort(),
  waiting: waiting.list().map(({ log, entry }) => `${log} ${entry.seq}`),
})

describe('the set decides', () => {
  it('SU1 the same entries in any order, told repeatedly, fold to the same bytes', () => {
    fc.assert(
      fc.property(checkpointWorld, order, order, ({ all }, first, second) => {
        const whole = fold(all)
        for (const other of [first, second].map((each) => fold(shuffled(all, each)))) {
          expect(digestOf(other)).toBe(digestOf(whole))
          expect(listed(other)).toEqual(listed(whole))
        }
      }),
      { numRuns: tries(150) },
    )
  })

  it('SU2 a checkpoint changes nothing that is shown, called a conflict or lets others write', () => {
    fc.assert(
      fc.property(checkpointWorld, fc.nat(0xffff), fc.nat(20), ({ all, writers }, picks, stop) => {
        const before = shown(fold(all))
        for (const name of names) {
          writers[name].checkpoint((log) => ((picks >> log) & 1) === 1, name === 'bob' ? stop : 99)
          expect(shown(fold(all))).toEqual(before)
        }
        for (const name of names) writers[name].checkpoint()
        expect(shown(fold(all))).toEqual(before)
      }),
      { numRuns: tries(120) },
    )
  })
})

describe('what is superseded may go', () => {
  it('SU4 without the superseded entries the rest folds to the same, in any order', () => {
    fc.assert(
      fc.property(checkpointWorld, order, ({ all }, rolls) => {
        const whole = fold(all)
        const left = all.filter(({ log, entry }) => entry.seq > (whole.superseded.get(log) ?? 0))
        const other = fold(shuffled(left, rolls), undefined, whole.superseded)
        expect(digestOf(other)).toBe(digestOf(whole))
        expect(shown(other)).toEqual(shown(whole))
        expect(listed(other)).toEqual(listed(whole))
        // Nor does it matter whether anyone says that they went.
        expect(digestOf(fold(shuffled(left, rolls)))).toBe(digestOf(whole))
      }),
      { numRuns: tries(200) },
    )
  })

  it('SU4 under cuts, too', () => {
    const seqs = fc.array(fc.nat(14), { minLength: 2, maxLength: 5 })
    fc.assert(
      fc.property(checkpointWorld, order, seqs, fc.boolean(), ({ all }, rolls, at, forked) => {
        const logs = [...new Set(all.map(({ log }) => log))].sort()
        const cuts: Cuts = (log) => {
          const which = logs.indexOf(log)
          const seq = at[which % at.length] as number
          if (which % 3 === 0) return undefined
          return forked ? { seq, reason: 'forked', agreed: seq } : { seq, reason: 'observer' }
        }
        const whole = fold(all, cuts)
        const left = all.filter(({ log, entry }) => entry.seq > (whole.superseded.get(log) ?? 0))
        const other = fold(shuffled(left, rolls), cuts, whole.superseded)
        expect(digestOf(other)).toBe(digestOf(whole))
        expect(listed(other)).toEqual(listed(whole))
      }),
      { numRuns: tries(200) },
    )
  })
})
