/** CU1 to CU4: what stands beyond the cut of its log, in documents and transcripts, in every order. */
import { branches, ownBranch } from '@baton/shared/conflict/branches'
import { history } from '@baton/shared/conflict/conflicts'
import { type CutReason, type Cuts, nearest } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { mainHistory } from '@baton/shared/conflict/history'
import { besides } from '@baton/shared/conflict/messages'
import { winner } from '@baton/shared/conflict/register'
import { policyPath } from '@baton/shared/conflict/strategy'
import { decodeTranscript, encodeTranscript } from '@baton/shared/conflict/transcript-cache'
import { createTranscript } from '@baton/shared/conflict/transcript-state'
import { type LogId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { mainFile } from '@baton/shared/model/carried-path'
import { pathKey } from '@baton/shared/model/document-entries'
import { lastModified } from '@baton/shared/model/metadata'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentWorld, order, shuffled } from '../../support/document-histories.ts'
import { createDocumentWorld, fold, value } from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { shuffledWritten, transcriptWorld } from '../../support/transcript-histories.ts'
import {
  createTranscriptWorld,
  foldAll,
  readLines,
  session,
} from '../../support/transcript-world.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')

const cutsOf =
  (at: ReadonlyMap<string, number>, reason: CutReason = 'revoked'): Cuts =>
  (log) => {
    const seq = at.get(log)
    return seq === undefined ? undefined : { seq, reason }
  }

/** Some of the logs of a set cut somewhere, the author's own too. */
function someCuts(placed: readonly { readonly log: LogId }[], rolls: readonly number[]): Cuts {
  const logs = [...new Set(placed.map(({ log }) => log))].sort()
  const at = new Map<string, number>()
  for (const [i, log] of logs.entries()) {
    const roll = rolls[i % rolls.length] ?? 0
    if (roll % 3 > 0) at.set(log, roll % 13)
  }
  return cutsOf(at)
}

const rolls = fc.array(fc.nat(1000), { minLength: 3, maxLength: 9 })

describe('what is beyond a cut', () => {
  it('CU1 is hidden with the reason, whatever its stamp, and in nobody’s way', () => {
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    alice.set(['x'], value('alice'))
    bob.pull(alice)
    bob.set(['y'], value('before'))
    const at = bob.seen.at(-1)
    bob.skew(-900_000)
    bob.set(['x'], value('backdated'))
    bob.skew(7e12)
    bob.set(['x'], value('far ahead'))
    bob.row('tabs', 'k', value(1))
    bob.inbox('i', value(1))
    bob.append(kinds.register, 'poison')
    bob.restart()
    bob.set(['x'], value('another life'))
    const lives = [...new Set(bob.seen.map(({ log }) => log))].filter(
      (log) => splitLogId(log).device === splitLogId(at?.log as LogId).device,
    )
    const cuts = cutsOf(new Map(lives.map((log) => [log, log === at?.log ? at.entry.seq : 0])))
    const state = fold(all, cuts)
    expect([...state.fields.keys()].sort()).toEqual([pathKey(['x']), pathKey(['y'])])
    const { register } = state.fields.get(pathKey(['x'])) ?? {}
    expect(register?.live.map(({ held }) => held)).toEqual([value('alice')])
    expect([state.rows.size, state.inbox.size]).toEqual([0, 0])
    expect(state.hidden.map(({ reason }) => reason)).toEqual(Array(7).fill('revoked'))
    expect(state.waiting.list()).toEqual([])
    // A clock of the year 2200 in what does not count says nothing of when the document changed.
    expect(lastModified(state)).toBe(at?.entry.stamp.ms)
  })

  it('CU1 neither a beginning nor a grant beyond a cut says who may write', () => {
    const { writers, all } = createDocumentWorld()
    writers.alice.grant('bob')
    writers.bob.set(['x'], value(1))
    const log = all[0]?.log as LogId
    expect(fold(all, cutsOf(new Map([[log, 1]]))).fields.size).toBe(0)
    const none = fold(all, cutsOf(new Map([[log, 0]]), 'forked'))
    expect(none.author).toBeUndefined()
    expect(new Set(none.hidden.map(({ reason }) => reason))).toEqual(
      new Set(['forked', 'not-permitted']),
    )
  })

  it('CU1 of two cuts of one log the nearest to its beginning counts', () => {
    const log = 'log' as LogId
    const [far, near] = [cutsOf(new Map([[log, 9]])), cutsOf(new Map([[log, 4]]), 'forked')]
    for (const both of [nearest(far, near), nearest(near, far)]) {
      expect(both(log)).toEqual({ seq: 4, reason: 'forked' })
    }
    expect(nearest(far, cutsOf(new Map([[log, 9]]), 'forked'))(log)?.reason).toBe('revoked')
    expect(nearest()(log)).toBeUndefined()
  })
})

describe('the set and the cuts decide', () => {
  it('CU2 the same entries under the same cuts fold to the same bytes, in any order', () => {
    fc.assert(
      fc.property(documentWorld, rolls, order, ({ all }, at, rest) => {
        const cuts = someCuts(all, at)
        const whole = fold(all, cuts)
        const other = fold(shuffled(all, rest), cuts)
        expect(digestOf(other)).toBe(digestOf(whole))
        const rows = ({ hidden }: DocumentState) =>
          hidden.map(({ log, seq, reason }) => `${log} ${seq} ${reason}`).sort()
        expect(rows(other)).toEqual(rows(whole))
        expect(history(other).map(({ id }) => id)).toEqual(history(whole).map(({ id }) => id))
      }),
      { numRuns: tries(150) },
    )
  })

  it('CU2 a transcript too, from a cache taken anywhere, and a cache under other cuts is none', () => {
    fc.assert(
      fc.property(transcriptWorld, rolls, order, fc.nat(), ({ entries }, at, rest, when) => {
        const cuts = someCuts(entries, at)
        const anew = () => createTranscript(session, cuts)
        const whole = encodeTranscript(sha256, foldAll(entries, anew()))
        const other = foldAll(shuffledWritten(entries, rest), anew())
        expect(encodeTranscript(sha256, other)).toEqual(whole)
        const half = entries.slice(0, when % (entries.length + 1))
        const early = encodeTranscript(sha256, foldAll(half, anew()))
        const kept = decodeTranscript(sha256, session, early, cuts)
        expect(encodeTranscript(sha256, foldAll(entries, kept))).toEqual(whole)
        const beyond = half.some(({ log, entry }) => entry.seq > (cuts(log)?.seq ?? entry.seq))
        expect(decodeTranscript(sha256, session, early) === undefined).toBe(beyond)
      }),
      { numRuns: tries(60) },
    )
  })
})

describe('what others wrote who had seen it', () => {
  it('CU3 a register shows what nobody who counts saw and replaced, against the model', () => {
    fc.assert(
      fc.property(documentWorld, rolls, ({ all, modelled }, at) => {
        const cuts = someCuts(all, at)
        const state = fold(all, cuts)
        const counted = modelled.filter(
          ({ log, entry }) =>
            state.writers.has(splitLogId(log).device) && entry.seq <= (cuts(log)?.seq ?? entry.seq),
        )
        for (const path of new Set(counted.map((each) => each.path))) {
          const own = counted.filter((each) => each.path === path)
          const kept = own.filter((each) => !own.some(({ saw }) => saw.has(each)))
          expect(
            state.fields
              .get(path)
              ?.register.live.map(({ log, seq }) => `${log} ${seq}`)
              .sort(),
          ).toEqual(kept.map(({ log, entry }) => `${log} ${entry.seq}`).sort())
        }
        for (const key of state.fields.keys()) {
          expect(counted.some(({ path }) => path === key)).toBe(true)
        }
      }),
      { numRuns: tries(150) },
    )
  })

  it('CU3 what a hidden write replaced comes back, unless someone who saw that one replaced it too', () => {
    const { writers, all } = createDocumentWorld()
    const { alice, bob, carol, mallory } = writers
    for (const name of ['bob', 'carol', 'mallory'] as const) alice.grant(name)
    const keys = ['a', 'b', 'c']
    for (const key of keys) alice.set([key], value('good'))
    bob.pull(alice)
    mallory.pull(alice)
    const until = [bob, mallory].map((writer) => writer.append(kinds.row, ['c', 'k', 1]))
    for (const key of keys) bob.set([key], value('bad'))
    mallory.pull(bob)
    mallory.set(['c'], value('worse'))
    for (const from of [alice, bob, mallory]) carol.pull(from)
    for (const key of ['b', 'c']) carol.set([key], value('mended'))
    const state = fold(all, cutsOf(new Map(until.map(({ log, entry }) => [log, entry.seq]))))
    const shown = keys.map((key) => {
      const { register } = state.fields.get(pathKey([key])) ?? {}
      return [register?.live.length, winner(register as never)?.held]
    })
    expect(shown).toEqual([
      [1, value('good')],
      [1, value('mended')],
      [1, value('mended')],
    ])
  })

  it('CU3 a line of messages goes on behind one that is hidden, and no branch is made of its parts', () => {
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    alice.set(policyPath('strategy', 'history'), value('timestamp'))
    alice.message('1', undefined, value('one'))
    bob.pull(alice)
    const until = bob.append(kinds.row, ['c', 'k', 1])
    bob.message('2', '1', value('two'))
    bob.message('3', '2', value('three'))
    alice.pull(bob)
    alice.message('4', '3', value('four'))
    const state = fold(all, cutsOf(new Map([[until.log, until.entry.seq]])))
    const line = history(state)
    expect(line.map(({ id }) => id)).toEqual(['1', '4'])
    expect(besides(state.messages, line, state.passedMessages)).toEqual([])
  })

  it('CU3 a transcript shows hidden records only where one that counts goes on from them', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob, carol } = writers
    alice.append('one')
    bob.take(alice.shelf())
    bob.append('two')
    const at = entries.at(-1)
    bob.append('three')
    bob.append('four')
    bob.whole('tool-results/a.txt', 'late')
    const cuts = cutsOf(new Map([[at?.log as string, at?.entry.seq ?? 0]]))
    const alone = foldAll(entries, createTranscript(session, cuts))
    const [branch, ...more] = branches(alone)
    expect(more).toEqual([])
    expect(readLines(entries, branch?.files[0]?.history)).toEqual(['one', 'two'])
    expect(branch?.wholes).toEqual([])
    expect(ownBranch(alone, bob.device)?.records).toBe(1)
    carol.take(bob.shelf())
    carol.rewind(3)
    carol.append('honest')
    const gone = foldAll(entries, createTranscript(session, cuts))
    const shown = branches(gone).map(({ device, files }) => [
      device,
      readLines(entries, files[0]?.history),
    ])
    expect(shown).toEqual([[carol.device, ['one', 'two', 'three', 'honest']]])
    alice.adopt(carol)
    const main = mainHistory(foldAll(entries, createTranscript(session, cuts))).get(mainFile)
    expect(readLines(entries, main)).toEqual(['one', 'two', 'three', 'honest'])
  })

  it('CU3 the author’s own last word is the last that counts', () => {
    const { entries, writers } = createTranscriptWorld()
    writers.alice.append('one')
    const at = entries.at(-1)
    writers.alice.append('two')
    const cuts = cutsOf(new Map([[at?.log as string, at?.entry.seq ?? 0]]))
    const main = mainHistory(foldAll(entries, createTranscript(session, cuts))).get(mainFile)
    expect(readLines(entries, main)).toEqual(['one'])
  })

  it('CU4 an entry that names what is beyond a cut waits only for what counts', () => {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    bob.pull(alice)
    const { log } = bob.append(kinds.row, ['c', 'k', 1])
    bob.append(kinds.row, ['c', 'k', 2])
    alice.append(kinds.register, [['x'], 1], [{ log, seq: 9, hash: new Uint8Array(8) }])
    const early = bob.seen.filter((each) => each.log === log).slice(0, 1)
    const foldedTo = (cut: number) => fold([...alice.seen, ...early], cutsOf(new Map([[log, cut]])))
    expect(foldedTo(0).fields.size).toBe(1)
    expect(foldedTo(1).fields.size).toBe(1)
    expect(foldedTo(2).waiting.list()).toMatchObject([{ missing: [{ seq: 2 }] }])
    expect(fold([...alice.seen, ...early]).waiting.list()).toMatchObject([
      { missing: [{ seq: 9 }] },
    ])
  })

  it('CU4 four thousand hidden writes of one field, each seen by the next, take no quadratic time', () => {
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    bob.pull(alice)
    const first = bob.append(kinds.row, ['c', 'k', 1])
    for (let i = 0; i < 4000; i++) bob.append(kinds.register, [['x'], i])
    alice.append(
      kinds.register,
      [['x'], 'mine'],
      [{ log: first.log, seq: 3900, hash: new Uint8Array(8) }],
    )
    const began = performance.now()
    const state = fold(all, cutsOf(new Map([[first.log, first.entry.seq]])))
    expect(performance.now() - began).toBeLessThan(1000)
    expect(state.fields.get(pathKey(['x']))?.register.live).toHaveLength(1)
    expect(state.logs.get(first.log)?.hiddenCount).toBe(4000)
  })
})
