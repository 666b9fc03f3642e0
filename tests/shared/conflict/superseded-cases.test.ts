/** SU1 to SU5 and RD2, case by case: what a checkpoint does, and what it cannot do. */
import { history } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { candidates, createRegister } from '@baton/shared/conflict/register'
import { canRestate, restate } from '@baton/shared/conflict/restating'
import type { Value } from '@baton/shared/encoding/msgpack'
import { joinLogId, type LogId, splitLogId } from '@baton/shared/ids'
import { maxCheckpointLogs, maxOrigins } from '@baton/shared/limits'
import { encodeAgain } from '@baton/shared/log/again'
import { checkpointHeads } from '@baton/shared/log/checkpoint'
import type { Dep, Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRegister } from '@baton/shared/model/document-entries'
import { describe, expect, it } from 'vitest'
import {
  createDocumentWorld,
  deviceOf,
  fold,
  session,
  value,
} from '../../support/document-world.ts'
import { shown } from '../../support/shown-document.ts'
import { nodePrimitives } from '../../support/signer.ts'

const { sha256 } = nodePrimitives
const digestOf = (state: DocumentState) => Buffer.from(stateDigest(sha256, state)).toString('hex')

describe('what a checkpoint does', () => {
  const live = (state: DocumentState, key = '["x"]') =>
    candidates(state.fields.get(key)?.register ?? createRegister()).map(({ held }) => held)

  function two() {
    const { writers, all } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    bob.pull(alice)
    return { alice, bob, all, mallory: writers.mallory }
  }

  it('SU1 what is said again without a checkpoint behind it counts for nothing', () => {
    const { alice, all } = two()
    alice.set(['x'], value(1))
    alice.set(['y'], value(1))
    const before = shown(fold(all))
    alice.checkpoint(undefined, 2)
    const state = fold(all)
    expect(shown(state)).toEqual(before)
    expect(state.hidden.map(({ reason }) => reason)).toEqual(['not-hidden', 'not-hidden'])
    expect(state.superseded.size).toBe(0)
    // The next attempt takes that log, too.
    alice.checkpoint()
    expect(shown(fold(all))).toEqual(before)
    expect(fold(all).hidden).toEqual([])
    expect(fold(all).superseded.size).toBe(2)
  })

  it('SU2 what was said in part, and replaced since, does not come back with the next checkpoint', () => {
    const { alice, all } = two()
    alice.set(['x'], value('old'))
    alice.set(['y'], value(1))
    alice.checkpoint(undefined, 3)
    expect(alice.seen.at(-1)?.entry).toMatchObject({
      kind: kinds.register,
      payload: [['x'], 'old'],
    })
    alice.set(['x'], value('new'))
    alice.checkpoint()
    expect(live(fold(all))).toEqual([value('new')])
  })

  it('SU2 what was said in part is said once by the next checkpoint, from where it first stood', () => {
    const { alice, all } = two()
    alice.message('m1', undefined, value('one'))
    alice.set(['y'], value(1))
    alice.checkpoint(undefined, 3)
    const part = alice.seen.at(-1)?.log
    expect(all.some(({ log, entry }) => log === part && entry.kind === kinds.message)).toBe(true)
    alice.checkpoint()
    const said = all.filter(({ log, entry }) => {
      return entry.again && entry.kind === kinds.message && log !== part
    })
    expect(said.map(({ entry }) => entry.again?.length)).toEqual([1])
    expect(fold(all).messages.get('m1')?.others).toEqual([])
  })

  it('SU4 what names a place that is superseded does not wait for it, on its way or gone', () => {
    const { alice, bob, all } = two()
    const { log } = alice.set(['x'], value('old'))
    bob.pull(alice)
    bob.set(['x'], value('of bob'))
    alice.checkpoint()
    const state = fold(all.filter((placed) => placed.log !== log))
    expect(state.waiting.list()).toEqual([])
    expect(live(state)).toEqual([value('of bob')])
  })

  it('SU1 what a copy wrote behind the place that is superseded counts as ever', () => {
    const { alice, all } = two()
    const { log } = alice.set(['x'], value('old'))
    alice.set(['y'], value('stays'))
    const copied = alice.seen.at(-1)?.entry.seq ?? 0
    alice.checkpoint()
    const payload = encodeRegister({ path: ['x'], held: value('copy') })
    const entry = {
      kind: kinds.register,
      seq: copied + 1,
      stamp: { ms: 9e6, counter: 0 },
      deps: [],
    }
    const state = fold([...all, { log, entry: { ...entry, payload } }])
    expect([live(state), live(state, '["y"]')]).toEqual([[value('copy')], [value('stays')]])
  })

  it('SU3 whoever replaced what is said again has replaced it, and what that had replaced stays so', () => {
    const { alice, bob, all } = two()
    bob.set(['x'], value('bob first'))
    alice.pull(bob)
    alice.set(['x'], value('saw bob'))
    alice.set(['x'], value('only names itself'))
    bob.pull(alice)
    bob.set(['y'], value(1))
    alice.checkpoint()
    const dropped = fold(all).superseded
    const left = () => all.filter(({ log, entry }) => entry.seq > (dropped.get(log) ?? 0))
    expect(live(fold(left(), undefined, dropped))).toEqual([value('only names itself')])
    // It names the place where that stood before.
    bob.set(['x'], value('bob last'))
    expect(live(fold(left(), undefined, dropped))).toEqual([value('bob last')])
  })

  it('SU5 a device speaks for its own logs alone, and says no other’s words again', () => {
    const { alice, bob, all, mallory } = two()
    const { log } = alice.set(['x'], value('alice'))
    const { incarnation } = splitLogId(log)
    const head = [incarnation, 2, new Uint8Array(32), new Uint8Array(64)]
    bob.append(kinds.checkpoint, [head])
    mallory.append(kinds.checkpoint, [head])
    expect(fold(all).superseded.has(log)).toBe(false)
    alice.checkpoint()
    const told: Entry = {
      kind: kinds.register,
      seq: 1,
      stamp: { ms: 9e6, counter: 0 },
      deps: [],
      payload: [['x'], 'bob'],
    }
    bob.append(kinds.again, encodeAgain([{ log, seq: 3, hash: new Uint8Array(8) }], told))
    const state = fold(all)
    expect(live(state)).toEqual([value('alice')])
    expect(state.hidden.map(({ reason }) => reason)).toEqual(['not-hidden'])
  })

  it('SU5 one that names itself, a log twice, none, too many or anything else is malformed', () => {
    const { alice, all } = two()
    const { log } = alice.set(['x'], value(1))
    const own = splitLogId(log).incarnation
    const head = (byte: number): Value => [
      new Uint8Array(8).fill(byte),
      1,
      new Uint8Array(32),
      new Uint8Array(64),
    ]
    const bad: Value[] = [
      [[own, 1, new Uint8Array(32), new Uint8Array(64)]],
      [head(9), head(9)],
      [],
      'none',
      [[new Uint8Array(8), 0, new Uint8Array(32), new Uint8Array(64)]],
      [[new Uint8Array(8), 1, new Uint8Array(31), new Uint8Array(64)]],
    ]
    for (const each of bad) alice.append(kinds.checkpoint, each)
    alice.append(kinds.drop, [])
    const state = fold(all)
    expect(state.hidden.map(({ reason }) => reason)).toEqual(Array(7).fill('malformed'))
    expect([state.superseded.size, live(state)]).toEqual([0, [value(1)]])
    const many = Array.from({ length: maxCheckpointLogs + 1 }, (_, i) => {
      const [, ...rest] = head(0) as Value[]
      return [
        new Uint8Array(8)
          .fill(3)
          .fill(i % 256, 0, 1)
          .fill(i >> 8, 1, 2),
        ...rest,
      ] as Value
    })
    const entry = (payload: Value) => ({ kind: kinds.checkpoint, payload })
    expect(checkpointHeads(log, entry(many))).toBeUndefined()
    expect(checkpointHeads(log, entry(many.slice(1)))).toHaveLength(maxCheckpointLogs)
  })

  it('SU5 two logs that supersede one another are both gone, whichever came first', () => {
    const { alice, all } = two()
    alice.set(['x'], value(1))
    const first = alice.append(kinds.checkpoint, [
      [new Uint8Array(8).fill(2).fill(0, 0, 1), 9, new Uint8Array(32), new Uint8Array(64)],
    ])
    alice.restart()
    alice.append(kinds.checkpoint, [
      [splitLogId(first.log).incarnation, 9, new Uint8Array(32), new Uint8Array(64)],
    ])
    const [a, b] = [fold(all), fold([...all].reverse().sort((x, y) => x.entry.seq - y.entry.seq))]
    expect(a.superseded.size).toBe(2)
    expect([digestOf(a), a.fields.size]).toEqual([digestOf(b), 0])
  })

  it('RD2 what is taken back is not said again, and its statement stands for it', () => {
    const { alice, all } = two()
    alice.message('m1', undefined, value('secret'))
    alice.message('m2', 'm1', value('on it'))
    alice.redact(1)
    const before = shown(fold(all))
    alice.checkpoint()
    const dropped = fold(all).superseded
    const left = all.filter(({ log, entry }) => entry.seq > (dropped.get(log) ?? 0))
    const state = fold(left, undefined, dropped)
    expect(shown(state)).toEqual(before)
    expect(history(state).map(({ id, redacted }) => [id, redacted])).toEqual([
      ['m1', true],
      ['m2', undefined],
    ])
    expect(JSON.stringify(left.map(({ entry }) => entry.payload))).not.toContain('secret')
  })

  it('SU2 a log with a record, an unreadable entry or one that moved too often is left alone', () => {
    const place = { log: two().alice.set(['x'], value(1)).log, seq: 2, hash: new Uint8Array(8) }
    const entry: Entry = {
      kind: kinds.row,
      seq: 2,
      stamp: { ms: 1, counter: 0 },
      deps: [],
      payload: null,
    }
    expect(canRestate({ place, entry })).toBe(true)
    expect(canRestate({ place, entry: undefined })).toBe(false)
    expect(canRestate({ place, entry: { ...entry, kind: kinds.record } })).toBe(false)
    expect(canRestate({ place, entry: { ...entry, kind: 60 } })).toBe(false)
    expect(
      canRestate({ place, entry: { ...entry, again: Array(maxOrigins - 1).fill(place) } }),
    ).toBe(true)
    expect(canRestate({ place, entry: { ...entry, again: Array(maxOrigins).fill(place) } })).toBe(
      false,
    )
    expect(
      canRestate({
        place,
        entry: { ...entry, again: Array(12).fill(place), payload: new Uint8Array(32_700) },
      }),
    ).toBe(false)
  })

  it('SU3 a write that would have to name more than an entry can leaves everything as it is', () => {
    const { alice } = two()
    const seen = (from: number): Dep[] =>
      Array.from({ length: 30 }, (_, i) => ({
        log: joinLogId(session, deviceOf('bob'), new Uint8Array(8).fill(from + i)),
        ...{ seq: 1, hash: new Uint8Array(8) },
      }))
    const write = (seq: number, deps: Dep[]) => ({
      place: { log: alice.seen[0]?.log as LogId, seq, hash: new Uint8Array(8) },
      entry: {
        kind: kinds.register,
        seq,
        stamp: { ms: seq, counter: 0 },
        deps,
        payload: [['x'], seq],
      },
    })
    expect(restate(alice.state, [write(9, seen(0)), write(10, seen(0))])?.entries).toHaveLength(1)
    expect(restate(alice.state, [write(9, seen(0)), write(10, seen(100))])).toBeUndefined()
  })
})
