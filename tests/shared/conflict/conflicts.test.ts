/** What conflicts, how each strategy settles it, and that every device lists the same. */
import { type Conflict, conflicts, historyPick, shownOf } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { parseStrategy, policyOf, policyPath } from '@baton/shared/conflict/strategy'
import type { Value } from '@baton/shared/encoding/msgpack'
import { type Path, pathKey } from '@baton/shared/model/document-entries'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentWorld, order, shuffled } from '../../support/document-histories.ts'
import { createDocumentWorld, deviceOf, fold, value } from '../../support/document-world.ts'
import { tries } from '../../support/tries.ts'

/** Alice and bob write one register without having seen each other; alice's clock is ahead. */
function parted(of: { alice: Value; bob: Value; path?: Path }, policy: Record<string, Value> = {}) {
  const world = createDocumentWorld()
  const { alice, bob } = world.writers
  const { path = ['config', 'model'] } = of
  alice.grant('bob')
  for (const [part, told] of Object.entries(policy)) {
    alice.set(policyPath(part as never), value(told))
  }
  bob.pull(alice)
  bob.set(path, value(of.bob))
  alice.set(path, value(of.alice))
  bob.pull(alice)
  alice.pull(bob)
  const shown = (state: DocumentState) => {
    const field = state.fields.get(pathKey(path))
    const held = field && shownOf(state, field)
    return held?.at === 'value' ? held.value : held?.at
  }
  return { ...world, alice, bob, path, shown }
}

const values = (conflict: Conflict | undefined) =>
  conflict?.kind === 'field' ? conflict.sides.map(({ held }) => 'value' in held && held.value) : []

describe('names of strategies', () => {
  it('CF1 three names are the clock, three are their own, any other is refused with those that are', () => {
    for (const name of ['timestamp', 'timestamp_precedence', 'latest-wins']) {
      expect(parseStrategy(name)).toBe('timestamp')
    }
    for (const name of ['merge', 'manual', 'user_choice']) expect(parseStrategy(name)).toBe(name)
    for (const name of ['', 'latest', '__proto__', 'Merge']) {
      expect(() => parseStrategy(name)).toThrow(expect.objectContaining({ code: 'invalid' }))
    }
  })

  it('CF1 a name that this version does not know is read as manual: nothing is decided by chance', () => {
    for (const name of ['vote', '__proto__', 7, null]) {
      const { alice } = parted({ alice: 1, bob: 2 }, { strategy: name })
      expect(policyOf(alice.state, 'config').strategy).toBe('manual')
      expect(conflicts(alice.state)).toHaveLength(1)
    }
  })

  it('CF2 a field goes by its own word, then by that of the session; policies by the clock', () => {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    expect(policyOf(alice.state, 'config')).toEqual({
      strategy: 'merge',
      auto_resolve: true,
      merge_fields: undefined,
    })
    alice.grant('bob')
    alice.set(policyPath('strategy'), value('timestamp'))
    bob.pull(alice)
    alice.set(policyPath('strategy', 'config'), value('manual'))
    bob.set(policyPath('strategy', 'config'), value('merge'))
    alice.pull(bob)
    bob.pull(alice)
    for (const { state } of [alice, bob]) {
      expect(policyOf(state, 'config').strategy).toBe('merge')
      expect(policyOf(state, 'other').strategy).toBe('timestamp')
      expect(conflicts(state)).toEqual([])
    }
    alice.set(policyPath('strategy'), value('manual'))
    bob.set(policyPath('strategy'), value('user_choice'))
    alice.pull(bob)
    expect(policyOf(alice.state, 'other').strategy).toBe('user_choice')
    expect(conflicts(alice.state)).toEqual([])
  })
})

describe('what each strategy does', () => {
  it('CF3 timestamp shows the latest and lists nothing, unless it is not to settle by itself', () => {
    const settled = parted({ alice: 'late', bob: 'early' }, { strategy: 'timestamp' })
    expect(settled.shown(settled.bob.state)).toBe('late')
    expect(conflicts(settled.bob.state)).toEqual([])
    const { bob, shown } = parted(
      { alice: 'late', bob: 'early' },
      { strategy: 'timestamp', auto_resolve: false },
    )
    expect(shown(bob.state)).toBe('late')
    expect(conflicts(bob.state).map(values)).toEqual([['late', 'early']])
  })

  it('CF5 merge unites maps, deep, and the winner stands where both say something', () => {
    const { bob, shown } = parted(
      { alice: { a: 1, same: { x: 1, k: 'alice' } }, bob: { b: 2, same: { y: 2, k: 'bob' } } },
      { strategy: 'merge' },
    )
    expect(shown(bob.state)).toEqual({ a: 1, b: 2, same: { x: 1, y: 2, k: 'alice' } })
    expect(conflicts(bob.state)).toEqual([])
  })

  it('CF5 of two lists the longer stays when it goes on from the other; else the winner', () => {
    const longer = parted({ alice: [1, { a: 2 }], bob: [1, { a: 2 }, 3] })
    expect(longer.shown(longer.alice.state)).toEqual([1, { a: 2 }, 3])
    const other = parted({ alice: [1, 5], bob: [1, 2, 3] })
    expect(other.shown(other.alice.state)).toEqual([1, 5])
    const kinds = parted({ alice: 'text', bob: { a: 1 } })
    expect(kinds.shown(kinds.alice.state)).toBe('text')
  })

  it('CF5 fields that merge_fields does not name go by the clock', () => {
    const policy = { strategy: 'merge', merge_fields: ['history', 'ui'] }
    const { alice, shown } = parted({ alice: { a: 1 }, bob: { b: 2 } }, policy)
    expect(shown(alice.state)).toEqual({ a: 1 })
    const named = parted({ alice: { a: 1 }, bob: { b: 2 }, path: ['ui', 'popup'] }, policy)
    expect(named.shown(named.alice.state)).toEqual({ a: 1, b: 2 })
  })

  it('CF3 merge that is not to settle by itself shows the merged value and lists the sides', () => {
    const { alice, shown } = parted(
      { alice: { a: 1 }, bob: { b: 2 } },
      { strategy: 'merge', auto_resolve: false },
    )
    expect(shown(alice.state)).toEqual({ a: 1, b: 2 })
    expect(conflicts(alice.state).map(values)).toEqual([[{ a: 1 }, { b: 2 }]])
  })

  it.each(['manual', 'user_choice'])(
    'CF6 %s stays open until a write that saw all sides',
    (name) => {
      const { alice, bob, path, shown } = parted({ alice: 'A', bob: 'B' }, { strategy: name })
      for (const { state } of [alice, bob]) {
        expect(conflicts(state)).toMatchObject([
          {
            kind: 'field',
            path,
            strategy: name,
            shown: value('A'),
            sides: [{ device: deviceOf('alice') }, { device: deviceOf('bob') }],
          },
        ])
      }
      bob.set(path, value('B'))
      expect(conflicts(bob.state)).toEqual([])
      // One who had not seen it yet writes beside it: open again, for everyone.
      alice.set(path, value('C'))
      alice.pull(bob)
      bob.pull(alice)
      for (const { state } of [alice, bob]) {
        expect(conflicts(state).map(values)).toEqual([['C', 'B']])
        expect(shown(state)).toBe('C')
      }
    },
  )

  it('CF4 equal values are no conflict, whatever their key order; a deletion beside a value is', () => {
    const same = parted({ alice: { a: 1, b: [2] }, bob: { b: [2], a: 1 } }, { strategy: 'manual' })
    expect(conflicts(same.alice.state)).toEqual([])
    const { alice, bob, path } = parted({ alice: 1, bob: 1 }, { strategy: 'manual' })
    alice.set(path, { at: 'absent' })
    bob.set(path, value(2))
    alice.pull(bob)
    expect(conflicts(alice.state)).toMatchObject([{ sides: [{ held: { at: 'value' } }, {}] }])
  })

  it('CF4 everyone with the same entries lists the same, whatever came first', () => {
    fc.assert(
      fc.property(documentWorld, order, fc.boolean(), ({ all, writers }, rolls, auto) => {
        writers.alice.set(policyPath('strategy'), value(auto ? 'timestamp' : 'user_choice'))
        writers.alice.set(policyPath('auto_resolve'), value(false))
        const whole = conflicts(fold(all))
        expect(conflicts(fold(shuffled(all, rolls)))).toEqual(whole)
      }),
      { numRuns: tries(150) },
    )
  })
})

describe('histories that parted', () => {
  function histories(strategy: string) {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    alice.set(policyPath('strategy', 'history'), value(strategy))
    alice.message('1', undefined, value('one'))
    bob.pull(alice)
    bob.message('b', '1', value('from bob'))
    alice.message('a', '1', value('from alice'))
    bob.pull(alice)
    alice.pull(bob)
    return { alice, bob }
  }

  it('CF7 are open until one line was picked, and again when another appears', () => {
    const { alice, bob } = histories('user_choice')
    for (const { state } of [alice, bob]) {
      expect(conflicts(state)).toMatchObject([
        { kind: 'history', tips: [{ id: 'a' }, { id: 'b' }] },
      ])
    }
    bob.set(historyPick, value(['b', 'a']))
    expect(conflicts(bob.state)).toEqual([])
    alice.message('c', '1', value('another'))
    alice.pull(bob)
    expect(conflicts(alice.state)).toMatchObject([
      { kind: 'history', tips: [{ id: 'b' }, { id: 'a' }, { id: 'c' }] },
    ])
  })

  it('CF7 are no conflict where they are merged, or the holder’s line is shown', () => {
    for (const strategy of ['merge', 'timestamp']) {
      expect(conflicts(histories(strategy).alice.state)).toEqual([])
    }
  })
})
