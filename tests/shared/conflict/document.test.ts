/** The document fold over every order of its logs; what waits, and what does not count. */

import { createDocument, type DocumentState } from '@baton/shared/conflict/document'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { winner } from '@baton/shared/conflict/register'
import { kinds } from '@baton/shared/log/kinds'
import { pathKey } from '@baton/shared/model/document-entries'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentWorld, order, shuffled } from '../../support/document-histories.ts'
import {
  createDocumentWorld,
  fold,
  names,
  nextOf,
  session,
  value,
} from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')

describe('the set decides', () => {
  it('DO1 the same entries in any order, told repeatedly, fold to the same bytes', () => {
    fc.assert(
      fc.property(documentWorld, order, order, ({ all }, first, second) => {
        const whole = digestOf(fold(all))
        expect(digestOf(fold(shuffled(all, first)))).toBe(whole)
        expect(digestOf(fold(shuffled(all, second)))).toBe(whole)
      }),
      { numRuns: tries(300) },
    )
  })

  it('DO1 devices that have seen the same show the same, whatever each saw first', () => {
    fc.assert(
      fc.property(documentWorld, ({ writers, all }) => {
        for (let round = 0; round < 4; round++) {
          for (const to of names) for (const from of names) writers[to].pull(writers[from])
        }
        const digests = new Set(names.map((each) => digestOf(writers[each].state)))
        expect([...digests]).toEqual([digestOf(fold(all))])
        for (const each of names) expect(writers[each].state.waiting.list()).toEqual([])
      }),
      { numRuns: tries(150) },
    )
  })

  it('DO1 of a device’s two words about its row the later counts, and of an input the first', () => {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    alice.row('tabs', 'k', value('early'))
    alice.inbox('i', value('first'))
    const early = [...alice.seen]
    alice.restart()
    alice.row('tabs', 'k', value('late'))
    bob.inbox('i', value('second'))
    const late = alice.seen.slice(early.length)
    for (const order of [
      [...early, ...late, ...bob.seen],
      [...late, ...bob.seen, ...early],
    ]) {
      const { rows, inbox } = fold(order)
      const [row] = rows.values()
      expect([...(row?.writes.values() ?? [])].map(({ held }) => held)).toEqual([value('late')])
      expect(inbox.get('i')?.held).toEqual(value('first'))
    }
  })
})

describe('what has to wait, and what does not count', () => {
  const far = (log: string, seq: number) => ({ log: log as never, seq, hash: new Uint8Array(8) })

  it('DO2 an entry that names what is not held waits; what follows it does not', () => {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    const other = bob.append(kinds.row, ['c', 'k', 1]).log
    alice.append(kinds.register, [['waits'], 1], [far(other, 9)])
    alice.set(['follows'], value(2))
    const state = fold([...alice.seen])
    expect(state.fields.has(pathKey(['waits']))).toBe(false)
    expect(state.fields.has(pathKey(['follows']))).toBe(true)
    expect(state.waiting.list()).toMatchObject([{ missing: [{ seq: 9 }] }])
    // The last of these is the one it names: with the genesis before them bob's log is at 9.
    for (let i = 0; i < 7; i++) bob.append(kinds.row, ['c', 'k', i])
    expect(bob.seen.at(-1)?.entry.seq).toBe(9)
    expect(fold([...alice.seen, ...bob.seen]).fields.has(pathKey(['waits']))).toBe(true)
  })

  it('DO3 of each log 64 wait, then the log itself: nobody else is held up, and none is lost', () => {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    const other = writers.carol.append(kinds.row, ['c', 'k', 1]).log
    for (let i = 0; i < 100; i++) bob.append(kinds.register, [[`w${i}`], i], [far(other, 2 + i)])
    alice.set(['free'], value(1))
    const held = [...alice.seen, ...bob.seen]
    const state = fold(held)
    expect(state.waiting.list()).toHaveLength(64)
    expect(state.fields.size).toBe(1)
    const bobLog = bob.seen[0]?.log as never
    expect(state.logs.get(bobLog)?.seq).toBe(1 + 64)
    for (let i = 0; i < 101; i++) writers.carol.append(kinds.row, ['c', 'k', i])
    const after = fold([...held, ...writers.carol.seen])
    expect(after.waiting.list()).toEqual([])
    expect(after.fields.size).toBe(101)
  })

  it('DO3 what no longer waits gives its room back', () => {
    const { alice, carol } = createDocumentWorld().writers
    const other = carol.append(kinds.row, ['c', 'k', 1]).log
    const waits = (from: number) => {
      for (let i = from; i < from + 64; i++) {
        alice.append(kinds.register, [[`w${i}`], i], [far(other, i < 64 ? 3 : 4)])
      }
    }
    waits(0)
    carol.append(kinds.row, ['c', 'k', 2])
    alice.pull(carol)
    waits(64)
    expect(alice.state.fields.size).toBe(64)
    expect(alice.state.waiting.list()).toHaveLength(64)
  })

  it('DO3 of a session 36 MiB wait, however many logs there are', () => {
    const { all, writers } = createDocumentWorld()
    const other = writers.carol.append(kinds.row, ['c', 'k', 1]).log
    for (let life = 0; life < 17; life++) {
      writers.alice.restart()
      for (let i = 0; i < 64; i++) {
        writers.alice.append(kinds.register, [['w'], i], [far(other, 9)])
      }
    }
    expect(fold(all).waiting.list()).toHaveLength(1024)
  })

  it('DO4 what is malformed, unknown, of another session or not permitted is listed and in nobody’s way', () => {
    const { writers, all } = createDocumentWorld()
    const { alice, mallory } = writers
    const elsewhere = `${'A'.repeat(22)}${(alice.append(kinds.row, ['c', 'k', 1]).log as string).slice(22)}`
    alice.append(kinds.register, ['no path'])
    alice.append(49, 'later version')
    alice.append(kinds.register, [['x'], 1], [far(elsewhere, 1)])
    mallory.grant('mallory')
    mallory.set(['x'], value('mine'))
    alice.set(['x'], value('good'))
    const state = fold(all)
    const counts: Record<string, number> = {}
    for (const { reason } of state.hidden) counts[reason] = (counts[reason] ?? 0) + 1
    expect(counts).toEqual({
      malformed: 1,
      'unknown-kind': 1,
      'other-session': 1,
      'not-author': 1,
      'not-permitted': 1,
    })
    expect(winner(state.fields.get(pathKey(['x']))?.register as never)?.held).toEqual(value('good'))
  })

  it('DO5 who may write counts for what was written before it was known', () => {
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    bob.set(['x'], value('early'))
    alice.append(kinds.row, ['c', 'k', 1])
    const before = createDocument(session)
    for (const { log, entry } of all) foldDocument(before, sha256, log, nextOf(entry))
    expect(before.fields.size).toBe(0)
    alice.grant('bob', 'copy')
    expect(fold(all).fields.size).toBe(0)
    alice.grant('bob')
    expect(fold(all).fields.size).toBe(1)
  })
})
