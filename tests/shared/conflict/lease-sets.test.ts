/** LE3, LE4, LE11: who holds a document depends on the set of what was said, in a kept fold as well. */

import { history } from '@baton/shared/conflict/conflicts'
import { noCuts } from '@baton/shared/conflict/cuts'
import { createDocument, type DocumentState, nothingKnown } from '@baton/shared/conflict/document'
import { decodeDocument, encodeDocument } from '@baton/shared/conflict/document-cache'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { order, shuffled } from '../../support/document-histories.ts'
import { fold, names, nextOf, session } from '../../support/document-world.ts'
import { createLeaseWorld, leaseWorld, nameOf } from '../../support/lease-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')
const ids = (state: DocumentState) => history(state).map(({ id }) => id)
const beside = (state: DocumentState) => [...state.beside.messages.keys()].sort()
const holders = ({ holding }: DocumentState) => holding.tenures.map(({ holder }) => nameOf(holder))

describe('the set decides', () => {
  it('LE3 the same entries in any order, told repeatedly, give the same holder and the same history', () => {
    fc.assert(
      fc.property(leaseWorld, order, order, ({ all }, first, second) => {
        const whole = fold(all)
        for (const rolls of [first, second]) {
          const other = fold(shuffled(all, rolls))
          expect(holders(other)).toEqual(holders(whole))
          expect(ids(other)).toEqual(ids(whole))
          expect(beside(other)).toEqual(beside(whole))
          expect(digestOf(other)).toBe(digestOf(whole))
        }
      }),
      { numRuns: tries(400) },
    )
  })

  it('LE3 devices that have seen the same agree, whatever each saw first', () => {
    fc.assert(
      fc.property(leaseWorld, (world) => {
        world.meet()
        const digests = new Set(names.map((each) => digestOf(world.writers[each].state)))
        expect([...digests]).toEqual([digestOf(fold(world.all))])
      }),
      { numRuns: tries(200) },
    )
  })

  it('LE4 in each epoch the history has words of one device, and every message is in it or beside it', () => {
    fc.assert(
      fc.property(leaseWorld, ({ all }) => {
        const state = fold(all)
        const said = all.filter(({ entry, log }) => {
          return entry.kind === kinds.message && state.writers.has(splitLogId(log).device)
        })
        expect(state.messages.size + state.beside.messages.size).toBe(said.length)
        for (const { epoch, write } of state.messages.values()) {
          expect(state.holding.tenures[epoch]?.holder).toBe(write.device)
        }
      }),
      { numRuns: tries(300) },
    )
  })
})

describe('logs that are said again', () => {
  it('SU2 LE4 leave who holds it, its history and what is beside it as they were', () => {
    let said = 0
    fc.assert(
      fc.property(leaseWorld, ({ writers, all, meet }) => {
        meet()
        const before = fold(all)
        const count = all.length
        for (const name of names) writers[name].checkpoint()
        said += all.length - count
        const after = fold(all)
        expect(ids(after)).toEqual(ids(before))
        expect(beside(after)).toEqual(beside(before))
        expect(holders(after)).toEqual(holders(before))
        meet()
        expect(ids(writers.bob.state)).toEqual(ids(before))
      }),
      { numRuns: tries(200) },
    )
    expect(said).toBeGreaterThan(20)
  })
})

describe('a fold that is kept', () => {
  it('LE11 goes on as one of all entries does', () => {
    let compared = 0
    fc.assert(
      fc.property(leaseWorld, fc.nat(60), ({ all }, at) => {
        const begun = fold(all.slice(0, at))
        if (begun.beside.messages.size > 0) return
        const read = decodeDocument(sha256, session, encodeDocument(sha256, begun), noCuts)
        if (!read) throw new Error('it is not read back')
        expect(digestOf(read)).toBe(digestOf(begun))
        expect(holders(read)).toEqual(holders(begun))
        for (const { log, entry } of all.slice(at)) {
          if (!foldDocument(read, sha256, log, nextOf(entry)) || read.stale) return
        }
        if (read.holding.tenures.length > 1) compared += 1
        expect(digestOf(read)).toBe(digestOf(fold(all)))
      }),
      { numRuns: tries(300) },
    )
    expect(compared).toBeGreaterThan(0)
  })

  it('LE11 is not made anew for a session that changes hands as it should', () => {
    const world = createLeaseWorld()
    const state = createDocument(session, nothingKnown(noCuts))
    const take = () => {
      for (const { log, entry } of world.all) foldDocument(state, sha256, log, nextOf(entry))
    }
    world.meet()
    take()
    state.stale = false
    for (const [from, to] of [
      ['alice', 'bob'],
      ['bob', 'carol'],
      ['carol', 'alice'],
    ] as const) {
      world.say(from)
      world.meet()
      const ready = world.ready(to)
      world.meet()
      const lease = world.lease(from, ready)
      world.meet()
      world.accept(to, lease)
      world.meet()
      take()
      expect([from, state.stale]).toEqual([from, false])
    }
    expect(holders(state)).toEqual(['alice', 'bob', 'carol', 'alice'])
    expect(ids(state)).toEqual(['alice1', 'bob2', 'carol3'])
  })
})
