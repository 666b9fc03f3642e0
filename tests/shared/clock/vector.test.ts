import { compareVectors, mergeVectors, missing, type Vector } from '@baton/shared/clock/vector'
import type { LogId } from '@baton/shared/ids'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const vector = (of: Record<string, number>): Vector =>
  new Map(Object.entries(of) as [LogId, number][])
const any = fc
  .dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(3), { noNullPrototype: true })
  .map(vector)

it('CK6 compares in all four ways, and 0 is the same as not named', () => {
  expect(compareVectors(vector({ a: 1 }), vector({ a: 1, b: 0 }))).toBe('equal')
  expect(compareVectors(vector({ a: 1 }), vector({ a: 2 }))).toBe('before')
  expect(compareVectors(vector({ a: 1, b: 1 }), vector({ b: 1 }))).toBe('after')
  expect(compareVectors(vector({ a: 1 }), vector({ b: 1 }))).toBe('concurrent')
})

it('CK6 merge is the least upper bound', () => {
  fc.assert(
    fc.property(any, any, (a, b) => {
      const both = mergeVectors(a, b)
      expect(compareVectors(both, mergeVectors(b, a, b))).toBe('equal')
      for (const part of [a, b]) expect(['equal', 'before']).toContain(compareVectors(part, both))
      for (const [log, seq] of both) expect([a.get(log), b.get(log)]).toContain(seq)
    }),
  )
})

it('CK6 what is missing, added to what is held, is all of it', () => {
  fc.assert(
    fc.property(any, any, (have, want) => {
      const list = missing(have, want)
      expect(list.every(({ log, after, to }) => (have.get(log) ?? 0) === after && to > after)).toBe(
        true,
      )
      const filled = mergeVectors(have, new Map(list.map(({ log, to }) => [log, to])))
      expect(compareVectors(filled, mergeVectors(have, want))).toBe('equal')
    }),
  )
})
