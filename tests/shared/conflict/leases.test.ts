/** LE: who holds a document, out of the set of what was said of it. */

import { history } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { holderOf } from '@baton/shared/conflict/leases'
import { describe, expect, it } from 'vitest'
import { deviceOf, names, value } from '../../support/document-world.ts'
import { createLeaseWorld, nameOf } from '../../support/lease-world.ts'

const ids = (state: DocumentState) => history(state).map(({ id }) => id)
const beside = (state: DocumentState) => [...state.beside.messages.keys()].sort()
const reasons = (state: DocumentState) => state.hidden.map(({ reason }) => reason)

describe('a transfer', () => {
  function handedOver() {
    const world = createLeaseWorld()
    world.say('alice')
    world.meet()
    const ready = world.ready('bob')
    world.meet()
    const lease = world.lease('alice', ready)
    return { world, ready, lease }
  }

  it('LE5 holds from the accept on, and until then nobody writes', () => {
    const { world, lease } = handedOver()
    world.meet()
    expect(world.holder('alice')).toBeUndefined()
    world.say('alice', 0)
    world.say('bob', 1)
    world.meet()
    expect(ids(world.writers.carol.state)).toEqual(['alice1'])
    expect(reasons(world.writers.carol.state).sort()).toEqual(['fenced', 'not-holder'])
    world.accept('bob', lease)
    world.say('bob')
    world.meet()
    for (const name of ['alice', 'bob', 'carol'] as const) {
      expect(world.holder(name)).toBe('bob')
      expect(ids(world.writers[name].state)).toEqual(['alice1', 'bob3', 'bob4'])
      expect(beside(world.writers[name].state)).toEqual(['alice2'])
    }
  })

  it('LE5 what a holder says in another log after it let go is fenced, what it said before counts', () => {
    const { world, lease } = handedOver()
    world.accept('bob', lease)
    const { alice } = world.writers
    alice.restart()
    world.say('alice', 0)
    world.meet()
    const { state } = world.writers.bob
    expect(ids(state)).toEqual(['alice1'])
    expect(reasons(state)).toEqual(['fenced'])
  })

  it('LE5 a clock that is hours behind does not put the words of the next holder before those of the last', () => {
    const { world, lease } = handedOver()
    world.writers.bob.skew(-900_000)
    world.meet()
    world.accept('bob', lease)
    world.say('bob')
    world.meet()
    expect(ids(world.writers.alice.state)).toEqual(['alice1', 'bob2'])
  })

  it('LE6 without a ready of its target, of another device, or of an epoch that is not next is none', () => {
    const world = createLeaseWorld()
    world.meet()
    const ready = world.ready('bob')
    world.meet()
    const lied = world.lease('carol', ready)
    const late = world.lease('alice', ready, 5)
    const unready = world.lease('alice', world.say('alice') ? lied : lied)
    world.meet()
    for (const lease of [lied, late, unready]) world.accept('bob', lease)
    world.meet()
    expect(world.holder('carol')).toBe('alice')
  })

  it('LE6 to a device that may not write is none', () => {
    const world = createLeaseWorld()
    world.meet()
    const ready = world.ready('mallory')
    world.meet()
    const lease = world.lease('alice', ready)
    world.meet()
    world.accept('mallory', lease)
    world.meet()
    expect(world.holder('bob')).toBe('alice')
  })

  it('LE7 that its target declines gives the session back, and what was said meanwhile counts', () => {
    const { world, lease } = handedOver()
    world.say('alice', 0)
    world.meet()
    world.decline('bob', lease)
    world.meet()
    expect(world.holder('carol')).toBe('alice')
    expect(ids(world.writers.carol.state)).toEqual(['alice1', 'alice2'])
    // Whoever gave it back has it no more.
    world.accept('bob', lease)
    world.meet()
    expect(world.holder('carol')).toBe('alice')
  })

  it('LE7 nobody else declines or accepts it', () => {
    const { world, lease } = handedOver()
    world.meet()
    world.decline('carol', lease)
    world.accept('carol', lease)
    world.meet()
    expect(world.holder('bob')).toBeUndefined()
    expect(nameOf(world.writers.bob.state.holding.passing?.holder)).toBe('bob')
  })
})

describe('a takeover', () => {
  it('LE8 what it had not seen stands beside, whoever hears of it first', () => {
    const world = createLeaseWorld()
    world.say('alice')
    world.writers.bob.pull(world.writers.alice)
    world.say('alice')
    world.take('bob')
    world.say('bob')
    world.meet()
    for (const name of ['alice', 'bob', 'carol'] as const) {
      const { state } = world.writers[name]
      expect(ids(state)).toEqual(['alice1', 'bob3'])
      expect(beside(state)).toEqual(['alice2'])
      expect(reasons(state)).toContain('split')
    }
  })

  it('LE8 two in a partition: one counts for all, and the other is beside', () => {
    const world = createLeaseWorld()
    world.meet()
    world.take('bob')
    world.take('carol')
    world.say('bob')
    world.say('carol')
    world.meet()
    const winner = world.holder('alice')
    const states = names.slice(0, 3).map((name) => world.writers[name].state)
    expect(winner === 'bob' || winner === 'carol').toBe(true)
    for (const state of states) {
      expect(ids(state)).toEqual([winner === 'bob' ? 'bob1' : 'carol2'])
      expect(beside(state)).toEqual([winner === 'bob' ? 'carol2' : 'bob1'])
    }
  })

  it('LE9 an accepted transfer stands before one that knew no more of who held it', () => {
    const world = createLeaseWorld()
    world.say('alice')
    world.meet()
    const ready = world.ready('bob')
    world.meet()
    // Of other logs it may know more.
    world.writers.carol.set(['config', 'a'], value(1))
    world.take('carol')
    const lease = world.lease('alice', ready)
    world.writers.bob.pull(world.writers.alice)
    world.accept('bob', lease)
    world.say('bob')
    world.say('carol')
    world.meet()
    expect(world.holder('carol')).toBe('bob')
    expect(beside(world.writers.alice.state)).toEqual(['carol3'])
  })

  it('LE9 one that knew more of who held it stands before an accept that surfaces later', () => {
    const world = createLeaseWorld()
    world.meet()
    const ready = world.ready('bob')
    world.meet()
    const lease = world.lease('alice', ready)
    world.writers.bob.pull(world.writers.alice)
    world.accept('bob', lease)
    world.say('bob')
    // Nobody hears of bob for a month; alice goes on with something else, and carol takes over.
    world.writers.alice.set(['config', 'a'], value(1))
    world.writers.carol.pull(world.writers.alice)
    world.take('carol')
    world.say('carol')
    world.meet()
    expect(world.holder('bob')).toBe('carol')
    expect(beside(world.writers.bob.state)).toEqual(['bob1'])
  })

  it('LE9 one of a session that is on its way stands before a transfer that nobody accepted', () => {
    const world = createLeaseWorld()
    world.meet()
    const ready = world.ready('bob')
    world.meet()
    world.lease('alice', ready)
    world.meet()
    world.take('alice')
    world.meet()
    expect(holderOf(world.writers.bob.state.holding)).toBe(deviceOf('alice'))
    expect(world.writers.carol.state.holding.tenures).toHaveLength(2)
  })
})
