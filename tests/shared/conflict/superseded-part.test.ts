/** SU6: logs said again of which the checkpoint is not here yet, or comes just now. */

import { noCuts } from '@baton/shared/conflict/cuts'
import { createDocument, type DocumentState, nothingKnown } from '@baton/shared/conflict/document'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { candidates, createRegister, type Write } from '@baton/shared/conflict/register'
import type { LogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRedaction } from '@baton/shared/model/redaction'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkpointWorld, order, shuffled } from '../../support/document-histories.ts'
import {
  createDocumentWorld,
  depOf,
  fold,
  nextOf,
  type Placed,
  session,
  value,
} from '../../support/document-world.ts'
import { shown } from '../../support/shown-document.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives

const live = (state: DocumentState, key = '["x"]') =>
  candidates(state.fields.get(key)?.register ?? createRegister()).map(({ held }) => held)

function two(numbered?: (nth: number) => number) {
  const { writers, all } = createDocumentWorld(undefined, numbered)
  const { alice, bob } = writers
  alice.grant('bob')
  bob.pull(alice)
  return { alice, bob, all }
}

it('SU6 who saw what is said again saw what it says, also where its checkpoint is not held', () => {
  const { alice, bob, all } = two()
  alice.set(['x'], value('old'))
  alice.capture('https://example.org', value('old'))
  alice.checkpoint()
  bob.pull(alice)
  bob.set(['x'], value('new'))
  bob.capture('https://example.org', value('new'))
  const part = all.filter(({ entry }) => entry.kind !== kinds.checkpoint)
  for (const rolls of [[0], [1], [2, 1], [7, 5, 3]]) {
    for (const state of [fold(shuffled(part, rolls)), fold(shuffled(all, rolls))]) {
      expect(live(state)).toEqual([value('new')])
      const capture = state.captures.get('https://example.org') ?? createRegister()
      expect(candidates(capture).map(({ held }) => held)).toEqual([value('new')])
    }
  }
})

it('SU6 over any number of times that it was said again, and of writes between', () => {
  const { alice, bob, all } = two()
  alice.set(['x'], value('old'))
  alice.checkpoint()
  alice.checkpoint()
  bob.pull(alice)
  bob.set(['x'], value('of bob'))
  alice.pull(bob)
  alice.set(['x'], value('new'))
  const part = all.filter(({ entry }) => entry.kind !== kinds.checkpoint)
  expect(live(fold(part))).toEqual([value('new')])
})

it('SU6 that a log went is believed once what says it again is here', () => {
  const { alice, all } = two()
  alice.set(['x'], value('old'))
  alice.set(['x'], value('new'))
  alice.checkpoint()
  const { log, entry } = all.at(-1) as Placed
  alice.append(kinds.drop, entry.payload, [depOf({ log, seq: entry.seq })])
  // A disk that went back to a backup has the old log, and hears of the drop first.
  const part = all.filter((placed) => placed.log !== log)
  for (const rolls of [[0], [1], [2, 1], [7, 5, 3]]) {
    const state = fold(shuffled(part, rolls))
    expect(live(state)).toEqual([value('new')])
    expect(state.superseded.size).toBe(0)
    const whole = fold([...shuffled(part, rolls), ...all])
    expect(live(whole)).toEqual([value('new')])
    expect(whole.superseded.size).toBe(1)
  }
})

it('SU6 what a copy wrote at the same place is not what was seen', () => {
  const { alice, bob, all } = two()
  const { log, entry } = alice.set(['x'], value('old'))
  alice.checkpoint()
  bob.pull(alice)
  bob.set(['x'], value('new'))
  // This device holds another history of that log, and does not know yet.
  let state = createDocument(session, nothingKnown(noCuts))
  const hash = (of: number) => new Uint8Array(32).fill(of)
  const take = (placed: Placed, of: number) =>
    foldDocument(state, sha256, placed.log, { ...nextOf(placed.entry), hash: hash(of) })
  for (const placed of all) {
    if (placed.entry.kind === kinds.checkpoint) continue
    const other = placed.log === log && placed.entry.seq === entry.seq
    take(other ? { log, entry: { ...entry, payload: [['x'], 'copy'] } } : placed, other ? 9 : 0)
    if (state.stale) state = createDocument(session, state)
  }
  expect(live(state)).toContainEqual(value('copy'))
})

it.each([
  ['after', undefined],
  ['before', (nth: number) => 200 - nth],
])(
  'SU6 RD2 what is taken back where it is said again is shown nowhere, whatever is held: in logs %s',
  (_, numbered) => {
    const { alice, all } = two(numbered)
    const { log: first } = alice.message('m', undefined, value('secret'))
    alice.checkpoint()
    const said = alice.seen.find(({ entry }) => entry.again && entry.kind === kinds.message)
    const { log, entry } = said as Placed
    expect(log < first).toBe(numbered !== undefined)
    const of = { stamp: entry.stamp, epoch: 0, id: 'm', parent: undefined, consumes: undefined }
    alice.append(kinds.redact, encodeRedaction(of), [depOf({ log, seq: entry.seq })])
    const part = all.filter((placed) => placed.entry.kind !== kinds.checkpoint)
    for (const entries of [part, all, shuffled(part, [3, 1]), shuffled(part, [0, 4])]) {
      expect(fold(entries).messages.get('m')?.redacted).toBe(true)
    }
  },
)

const modelOf = (write: Write): string => {
  const [log, seq] = write.again?.[0]?.split(' ') ?? [write.log, write.seq]
  return `${log} ${seq}`
}

it('SU6 whatever is held of each log, no write stands beside one that its author had seen', () => {
  const lengths = fc.array(fc.nat(12), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(checkpointWorld, order, lengths, ({ all, modelled }, rolls, keeps) => {
      const logs = [...new Set(all.map(({ log }) => log))].sort()
      const most = (log: LogId) => keeps[logs.indexOf(log) % keeps.length] as number
      const state = fold(
        shuffled(
          all.filter(({ log, entry }) => entry.seq <= most(log)),
          rolls,
        ),
      )
      const saw = new Map(modelled.map((each) => [`${each.log} ${each.entry.seq}`, each.saw]))
      for (const { register } of state.fields.values()) {
        for (const one of register.live) {
          for (const other of register.live) {
            const seen = [...(saw.get(modelOf(one)) ?? [])].map(
              ({ log, entry }) => `${log} ${entry.seq}`,
            )
            expect(seen).not.toContain(modelOf(other))
          }
        }
      }
    }),
    { numRuns: tries(400) },
  )
})

it('SU6 nothing of what comes with a checkpoint shows before all of it does', () => {
  const { alice, bob, all } = two()
  alice.set(['x'], value('first'))
  const { log, entry } = alice.message('m1', undefined, value('one'))
  alice.checkpoint()
  bob.pull(alice)
  bob.message('m2', 'm1', value('two'))
  const isLate = (each: Placed) => each.log === log && each.entry.seq >= entry.seq
  const state = createDocument(session, fold([]))
  const rest = [...all.filter((each) => !isLate(each)), ...all.filter(isLate)]
  const known = rest.findIndex((each) => each.entry.kind === kinds.checkpoint)
  for (const each of rest.slice(0, known)) foldDocument(state, sha256, each.log, nextOf(each.entry))
  const before = shown(state)
  for (const each of rest.slice(known)) foldDocument(state, sha256, each.log, nextOf(each.entry))
  expect([state.stale, shown(state)]).toEqual([true, before])
  expect(shown(fold(all)).history).toEqual(['m1', 'm2'])
})

it('SU6 until a fold that learns of a checkpoint is made anew it shows what it showed', () => {
  fc.assert(
    fc.property(checkpointWorld, order, ({ all }, rolls) => {
      const entries = shuffled(all, rolls)
      let state = createDocument(session, nothingKnown(noCuts))
      let before: unknown
      for (const placed of entries) {
        if (state.stale && !state.learnt) state = createDocument(session, state)
        if (!state.learnt) before = shown(state)
        foldDocument(state, sha256, placed.log, nextOf(placed.entry))
        if (state.learnt) expect(shown(state)).toEqual(before)
      }
      expect(state.learnt).toBe(fold(all).superseded.size > 0)
    }),
    { numRuns: tries(100) },
  )
})
