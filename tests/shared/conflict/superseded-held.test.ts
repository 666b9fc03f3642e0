/** RD2 and LE4: a session that is handed around, logs that are said again, and messages taken back. */
import { history } from '@baton/shared/conflict/conflicts'
import type { Cuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { type LogId, splitLogId } from '@baton/shared/ids'
import { depOfKey, encodeAgain } from '@baton/shared/log/again'
import type { Dep } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRedaction } from '@baton/shared/model/redaction'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { order, shuffled } from '../../support/document-histories.ts'
import { createDocumentWorld, depOf, deviceOf, fold, value } from '../../support/document-world.ts'
import { createLeaseWorld, type LeaseWorld, leaseWorld } from '../../support/lease-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')
const inHistory = (state: DocumentState) => history(state).map(({ id }) => id)
const beside = (state: DocumentState) => [...state.beside.messages.keys()].sort()
const back = (state: DocumentState) =>
  [...state.messages.values(), ...state.beside.messages.values()]
    .flatMap(({ id, redacted }) => (redacted ? [id] : []))
    .sort()

type Writers = LeaseWorld['writers']
type Name = 'alice' | 'bob' | 'carol'

/** A device takes back one of its messages, as it sees it, in the history or beside it. */
function redact(writers: Writers, name: Name, which: number): string | undefined {
  const { state } = writers[name]
  const own = [...state.messages.values(), ...state.beside.messages.values()].filter(
    ({ write, redacted }) => write.device === deviceOf(name) && !redacted,
  )
  const node = own[which % (own.length || 1)]
  if (!node) return undefined
  const { id, parent, epoch, consumes, write } = node
  const first = write.again?.[0]
  const deps: Dep[] = [depOf(write), ...(first ? [depOfKey(first)] : [])]
  const payload = encodeRedaction({ id, parent, epoch, consumes, stamp: write.stamp })
  writers[name].append(kinds.redact, payload, deps)
  return id
}

const step = fc.record({
  name: fc.constantFrom<Name>('alice', 'bob', 'carol'),
  op: fc.constantFrom('checkpoint', 'redact', 'pull'),
  which: fc.nat(9),
})

it('RD2 LE4 what is taken back stays in the history or beside it, however often it was said again', () => {
  fc.assert(
    fc.property(leaseWorld, fc.array(step, { maxLength: 12 }), order, (world, steps, rolls) => {
      const { all, writers } = world
      world.meet()
      const before = fold(all)
      const gone: string[] = []
      for (const { name, op, which } of steps) {
        if (!before.writers.has(deviceOf(name))) continue
        if (op === 'checkpoint') writers[name].checkpoint((log) => ((which >> log) & 1) === 0)
        else if (op === 'pull') world.meet()
        else gone.push(...[redact(writers, name, which)].flatMap((id) => id ?? []))
      }
      const whole = fold(all)
      expect([inHistory(whole), beside(whole)]).toEqual([inHistory(before), beside(before)])
      expect(back(whole)).toEqual([...new Set(gone)].sort())
      const stays = ({ log, seq }: { log: LogId; seq: number }) =>
        seq > (whole.superseded.get(log) ?? 0)
      const left = all.filter(({ log, entry }) => stays({ log, seq: entry.seq }))
      const other = fold(shuffled(left, rolls), undefined, whole.superseded)
      expect(digestOf(other)).toBe(digestOf(whole))
    }),
    { numRuns: tries(150) },
  )
})

/** Alice said something, and gave the session to Bob. */
function handedOver() {
  const world = createLeaseWorld()
  const { alice, bob } = world.writers
  const id = world.say('alice')
  alice.restart()
  bob.pull(alice)
  const ready = world.ready('bob')
  alice.pull(bob)
  const lease = world.lease('alice', ready)
  bob.pull(alice)
  world.accept('bob', lease)
  alice.pull(bob)
  alice.restart()
  return { ...world, alice, id }
}

it('RD2 LE4 what a former holder said beyond its time, and takes back, stays beside the history', () => {
  const { writers, all, alice, id, say } = handedOver()
  const late = say('alice', 0)
  for (let times = 0; times < 3; times++) {
    if (times === 1) redact(writers, 'alice', 1)
    const state = fold(all)
    expect([inHistory(state), beside(state), back(state)]).toEqual([
      [id],
      [late],
      times > 0 ? [late] : [],
    ])
    alice.checkpoint()
  }
  expect([inHistory(fold(all)), beside(fold(all))]).toEqual([[id], [late]])
})

it('RD2 LE4 what a former holder said again twice, and takes back then, stays in the history', () => {
  const { writers, all, alice, id } = handedOver()
  alice.checkpoint()
  alice.checkpoint()
  redact(writers, 'alice', 0)
  for (let times = 0; times < 2; times++) {
    const state = fold(all)
    expect(state.beside.messages.size).toBe(0)
    expect(history(state).map((node) => [node.id, node.redacted])).toEqual([[id, true]])
    expect(splitLogId(history(state)[0]?.write.log as LogId).device).toBe(deviceOf('alice'))
    alice.checkpoint()
  }
})

it.each([
  ['after', undefined],
  ['before', (nth: number) => 200 - nth],
])(
  'RD2 what was said again while it was taken back is shown nowhere, in logs %s',
  (_, numbered) => {
    const { writers, all } = createDocumentWorld(undefined, numbered)
    const { alice } = writers
    const { log, entry } = alice.message('m', undefined, value('secret'))
    alice.checkpoint()
    const of = { stamp: entry.stamp, epoch: 0, id: 'm', parent: undefined, consumes: undefined }
    alice.append(kinds.redact, encodeRedaction(of), [depOf({ log, seq: entry.seq })])
    expect(fold(all).messages.get('m')?.redacted).toBe(true)
  },
)

it.each([
  ['after', undefined],
  ['before', (nth: number) => 200 - nth],
])(
  'RD2 CX8 what was taken back does not come back with a backup that says it again, in logs %s',
  (_, numbered) => {
    const { writers, all } = createDocumentWorld(undefined, numbered)
    const { alice, bob } = writers
    alice.grant('bob')
    alice.message('m', undefined, value('secret'))
    // Another process goes on from the disk as it is now.
    const backup = alice.seen.length
    alice.checkpoint()
    redact(writers, 'alice', 0)
    alice.checkpoint()
    bob.pull(alice)
    const restored = createDocumentWorld(undefined, (nth) => (numbered?.(nth) ?? nth) ^ 0x40)
    restored.writers.alice.pull({ seen: alice.seen.slice(0, backup) })
    restored.writers.alice.checkpoint()
    const both = [...all, ...restored.all]
    for (const entries of [both, shuffled(both, [1, 4]), shuffled(both, [2])]) {
      expect(fold(entries).messages.get('m')?.redacted).toBe(true)
    }
    const dropped = fold(both).superseded
    const left = both.filter(({ log, entry }) => entry.seq > (dropped.get(log) ?? 0))
    expect(fold(left, undefined, dropped).messages.get('m')?.redacted).toBe(true)
  },
)

it.each([
  ['after', undefined],
  ['before', (nth: number) => 200 - nth],
])(
  'RD2 FK7 what was taken back behind a fork is not shown by who says it again, in logs %s',
  (_, numbered) => {
    const { writers, all } = createDocumentWorld(undefined, numbered)
    const { alice } = writers
    const { log, entry } = alice.message('m', undefined, value('secret'))
    const place = depOf({ log, seq: entry.seq })
    const of = { stamp: entry.stamp, epoch: 0, id: 'm', parent: undefined, consumes: undefined }
    alice.restart()
    // One copy takes it back, the other one does not know.
    alice.append(kinds.redact, encodeRedaction(of), [place])
    alice.restart()
    alice.append(kinds.again, encodeAgain([place], entry))
    const cuts: Cuts = (at) => (at === log ? { seq: 1, reason: 'forked', agreed: 1 } : undefined)
    for (const entries of [all, shuffled(all, [1, 4]), shuffled(all, [2])]) {
      expect(fold(entries, cuts).messages.get('m')?.redacted).toBe(true)
    }
  },
)
