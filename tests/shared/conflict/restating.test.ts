/** SU3: what a write names that is said again, of what it had replaced. */

import { noCuts } from '@baton/shared/conflict/cuts'
import { createDocument, nothingKnown } from '@baton/shared/conflict/document'
import { restate, type Standing } from '@baton/shared/conflict/restating'
import { joinLogId } from '@baton/shared/ids'
import type { Dep } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { expect, it } from 'vitest'
import { deviceOf, session } from '../../support/document-world.ts'

const at = (log: number, seq: number): Dep => ({
  log: joinLogId(session, deviceOf('alice'), new Uint8Array(8).fill(log)),
  ...{ seq, hash: new Uint8Array(8) },
})

const write = (place: Dep, to: string, deps: readonly Dep[], again?: readonly Dep[]): Standing => ({
  place,
  entry: {
    ...{ kind: kinds.register, seq: place.seq, stamp: { ms: 5, counter: 0 }, deps },
    ...{ payload: [['x'], to], ...(again && { again }) },
  },
})

it('SU3 what replaced an entry stays where that was said again behind it in the same log', () => {
  const superseded = new Map([[at(1, 9).log, 9]])
  const state = createDocument(session, { ...nothingKnown(noCuts), superseded })
  const again = write(at(2, 5), 'old', [], [at(1, 2)])
  const elsewhere = write(at(3, 4), 'old', [], [at(1, 2)])
  const told = restate(state, [write(at(2, 3), 'new', [at(1, 2)]), again, elsewhere])
  expect(told?.entries.map(({ entry }) => entry.payload)).toEqual([[['x'], 'new']])
  // Naming the place behind it would replace the write itself, where it stood before.
  expect(told?.entries[0]?.deps.map(({ log, seq }) => [log, seq])).toEqual([
    [at(1, 2).log, 2],
    [at(3, 4).log, 4],
  ])
})

it('SU3 a write that is said again twice names neither place as seen, and is said with both', () => {
  const superseded = new Map([[at(1, 9).log, 9]])
  const state = createDocument(session, { ...nothingKnown(noCuts), superseded })
  const first = write(at(2, 3), 'it', [at(9, 4)], [at(1, 2)])
  const twin = write(at(3, 4), 'it', [at(8, 2)], [at(1, 2)])
  const told = restate(state, [first, twin])
  const [only, ...more] = told?.entries ?? []
  expect(more).toEqual([])
  const seen = only?.deps.map(({ log }) => log) ?? []
  expect(seen).toEqual(expect.arrayContaining([at(8, 2).log, at(9, 4).log]))
  // Naming the other place would say that it was replaced; copies that do it to one another lose it.
  expect(seen).toHaveLength(2)
  const [origins = []] = (only?.payload ?? []) as unknown as [[unknown, number, unknown][]?]
  const places = origins.map(([, seq]) => seq)
  expect(places[0]).toBe(2)
  expect(places.slice(1).sort()).toEqual([3, 4])
})
