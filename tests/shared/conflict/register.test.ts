/** Registers of a document against a model of who had seen what. */

import { candidates, winner } from '@baton/shared/conflict/register'
import type { LogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { pathKey } from '@baton/shared/model/document-entries'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentWorld } from '../../support/document-histories.ts'
import { createDocumentWorld, fold, value } from '../../support/document-world.ts'
import { tries } from '../../support/tries.ts'

describe('registers', () => {
  it('RG1 show what nobody saw and replaced, against a model of who had seen what', () => {
    fc.assert(
      fc.property(documentWorld, ({ all, modelled }) => {
        const state = fold(all)
        const counted = modelled.filter(({ log }) => {
          const device = state.logs.get(log)?.device
          return device !== undefined && state.writers.has(device)
        })
        for (const { path, register } of state.fields.values()) {
          const own = counted.filter((each) => each.path === pathKey(path))
          const kept = own.filter((each) => !own.some(({ saw }) => saw.has(each)))
          const place = (log: string, seq: number) => `${log} ${seq}`
          expect(register.live.map(({ log, seq }) => place(log, seq)).sort()).toEqual(
            kept.map(({ log, entry }) => place(log, entry.seq)).sort(),
          )
        }
      }),
      { numRuns: tries(300) },
    )
  })

  it('RG1 of one log only the last write stands, though its author named none before it', () => {
    const { writers } = createDocumentWorld()
    const { alice } = writers
    alice.set(['k'], value(1))
    alice.append(kinds.register, [['k'], 2])
    const field = alice.state.fields.get(pathKey(['k']))
    expect(field?.register.live.map(({ held }) => held)).toEqual([value(2)])
  })

  it.each(['alice', 'bob'] as const)(
    'RG2 the greatest stamp is shown, when it is of %s',
    (last) => {
      const { writers, all } = createDocumentWorld()
      writers.alice.grant('bob')
      for (const name of [last === 'bob' ? 'alice' : 'bob', last] as const) {
        writers[name].set(['k'], value(name))
      }
      const { register } = fold(all).fields.get(pathKey(['k'])) ?? {}
      expect(candidates(register as never).map(({ held }) => held)[0]).toEqual(value(last))
      expect(winner(register as never)?.held).toEqual(value(last))
    },
  )

  it('RG2 cause and clock at odds have one winner in all six orders', () => {
    // a before b by cause, b before c before a by clock: compared in pairs they go round in a ring.
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    alice.grant('carol')
    for (const each of [bob, writers.carol]) each.pull(alice)
    alice.skew(10_000)
    alice.set(['k'], value('a'))
    bob.pull(alice)
    bob.skew(-10_000)
    bob.set(['k'], value('b'))
    writers.carol.set(['k'], value('c'))
    const logs = [...new Set(all.map(({ log }) => log))]
    const shown = new Set<unknown>()
    for (const first of logs) {
      for (const second of logs.filter((log) => log !== first)) {
        const rank = (log: LogId) =>
          [first, second].indexOf(log) + 3 * Number(log !== first && log !== second)
        const state = fold(all.toSorted((a, b) => rank(a.log) - rank(b.log)))
        const field = state.fields.get(pathKey(['k']))
        expect(candidates(field?.register as never)).toHaveLength(2)
        shown.add(JSON.stringify(winner(field?.register as never)?.held))
      }
    }
    expect([...shown]).toEqual([JSON.stringify({ at: 'value', value: 'c' })])
  })

  it('RG3 a clock of the year 2200 wins over nothing that was written after it was seen', () => {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    bob.pull(alice)
    bob.skew(6e12)
    bob.set(['k'], value('far'))
    alice.pull(bob)
    alice.set(['k'], value('now'))
    const field = fold([...alice.seen]).fields.get(pathKey(['k']))
    expect(candidates(field?.register as never).map(({ held }) => held)).toEqual([value('now')])
  })

  it('RG4 paths are only names: __proto__, empty, NUL, long, and twins in another normal form', () => {
    const { writers } = createDocumentWorld()
    const { alice } = writers
    const paths = [
      ['__proto__'],
      ['constructor'],
      ['toString'],
      [''],
      ['', ''],
      ['a', 'b'],
      ['a,b'],
      ['a/b'],
      ['"a"'],
      ['\0'],
      ['x'.repeat(10_240)],
      ['\u00e9'],
      ['e\u0301'],
      ['hasOwnProperty', '__proto__'],
    ]
    for (const [i, path] of paths.entries()) alice.set(path, value({ ['__proto__']: i, n: i }))
    const state = fold([...alice.seen])
    expect(state.fields.size).toBe(paths.length)
    for (const [i, path] of paths.entries()) {
      const { held } = winner(state.fields.get(pathKey(path))?.register as never) ?? {}
      expect(held).toMatchObject({ value: { n: i } })
    }
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    expect(({} as { n?: unknown }).n).toBeUndefined()
  })

  it('RG4 a delete is a write: what was written beside it stays a candidate', () => {
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    alice.set(['k'], value(1))
    bob.pull(alice)
    bob.set(['k'], { at: 'absent' })
    alice.set(['k'], value(2))
    const state = fold(all)
    expect(candidates(state.fields.get(pathKey(['k']))?.register as never)).toHaveLength(2)
    alice.pull(bob)
    alice.set(['k'], { at: 'absent' })
    alice.set(['gone'], { at: 'absent' })
    const after = fold(all)
    for (const path of [['k'], ['gone']]) {
      expect(winner(after.fields.get(pathKey(path))?.register as never)?.held).toEqual({
        at: 'absent',
      })
    }
  })
})
