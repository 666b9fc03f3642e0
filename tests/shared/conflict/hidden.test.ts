/** Entries that do not count, and what the fold makes of a set whichever log comes first. */
import { branches } from '@baton/shared/conflict/branches'
import { mainHistory } from '@baton/shared/conflict/history'
import { foldUnreadable } from '@baton/shared/conflict/transcript'
import { encodeTranscript } from '@baton/shared/conflict/transcript-cache'
import { kinds } from '@baton/shared/log/kinds'
import { mainFile } from '@baton/shared/model/carried-path'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../support/signer.ts'
import {
  createTranscriptWorld,
  descriptor,
  foldAll,
  readLines,
  type Written,
} from '../../support/transcript-world.ts'

const { sha256 } = nodePrimitives

describe('what does not count', () => {
  it('BR2 is kept with its reason and is in nobody’s way', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob } = writers
    alice.append('one')
    alice.raw(kinds.record, 'poison')
    alice.raw(kinds.file, [0, mainFile, new Uint8Array(1)])
    alice.raw(kinds.adopt, null)
    alice.raw(kinds.grant, [new Uint8Array(31), 'copy'])
    alice.raw(1000, null)
    alice.raw(kinds.genesis, [null, null])
    alice.append('two')
    bob.raw(kinds.record, [0, mainFile, null, new Uint8Array(1)])
    const state = foldAll(entries)
    expect(state.hidden.map(({ reason }) => reason)).toEqual([
      'unknown-kind',
      ...Array(4).fill('malformed'),
      'unknown-kind',
      'malformed',
      'no-base',
    ])
    expect(readLines(entries, mainHistory(state).get(mainFile))).toEqual(['one', 'two'])
  })

  it('BR2 an entry whose body cannot be read is counted, and the list of them is bounded', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice } = writers
    alice.append('one')
    const state = foldAll(entries)
    const log = alice.log as NonNullable<typeof alice.log>
    const from = state.logs.get(log)?.seq ?? 0
    for (let seq = from + 1; seq <= from + 150; seq++) foldUnreadable(state, log, seq)
    foldUnreadable(state, log, from + 1)
    expect(state.logs.get(log)).toMatchObject({ seq: from + 150, hiddenCount: 151 })
    expect(state.hidden).toHaveLength(100)
  })

  it('BR1 what is listed of hidden entries does not depend on which log came first', () => {
    const { entries, writers } = createTranscriptWorld()
    for (let i = 0; i < 120; i++)
      for (const who of ['alice', 'bob'] as const) writers[who].raw(99, i)
    const mine = entries.filter(({ log }) => log === writers.alice.log)
    const rest = entries.filter(({ log }) => log !== writers.alice.log)
    const bytes = [
      [...mine, ...rest],
      [...rest, ...mine],
    ].map((order) => encodeTranscript(sha256, foldAll(order)))
    expect(bytes[0]).toEqual(bytes[1])
  })

  it('BR1 an author that described the session twice is taken at one word, in any order', () => {
    const worlds = [0, 1, 2, 3].map((lives) => createTranscriptWorld([], lives))
    const told = worlds.map(({ entries, writers }, i) => {
      writers.alice.append('one')
      const [genesis, ...rest] = entries as [Written, ...Written[]]
      const payload = [null, { ...descriptor, title: `life ${i}` }]
      return [{ ...genesis, entry: { ...genesis.entry, payload } }, ...rest]
    })
    const titles = [told, told.toReversed()].map((order) => foldAll(order.flat()).descriptor?.title)
    expect(titles[0]).toBeDefined()
    expect(titles[1]).toBe(titles[0])
  })

  it('BR2 nobody describes a session that another device began', () => {
    const other = createTranscriptWorld()
    other.writers.alice.append('one')
    const { entries, writers } = createTranscriptWorld()
    writers.bob.raw(99, null)
    const [genesis] = entries
    const forged = {
      ...genesis,
      entry: { ...genesis?.entry, payload: [null, descriptor] },
    } as Written
    const state = foldAll([forged])
    expect(state.author).toBeUndefined()
    expect(state.hidden).toMatchObject([{ seq: 1, reason: 'not-author' }])
    expect(mainHistory(state).size).toBe(0)
    expect(branches(state)).toEqual([])
  })
})
