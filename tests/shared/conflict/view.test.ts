/** What a document shows: nested registers, united rows, and the changes that write them. */
import { policyPath } from '@baton/shared/conflict/strategy'
import {
  blobsOf,
  nodeAt,
  ownRows,
  unitedRows,
  valueAt,
  valuesBelow,
  viewOf,
} from '@baton/shared/conflict/view'
import type { LogId } from '@baton/shared/ids'
import { maxDeps } from '@baton/shared/limits'
import { type Change, encodeChange, sawOf, setAt, unsetAt } from '@baton/shared/model/changes'
import {
  parseCapture,
  parseInbox,
  parseMessage,
  parseRegister,
  parseRow,
  parseTool,
} from '@baton/shared/model/document-entries'
import { isCarried, readFields, readMap, timeField, timeText } from '@baton/shared/model/fields'
import { lastModified, syncMetadata } from '@baton/shared/model/metadata'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { apply, sync } from '../../support/apply-changes.ts'
import { documentWorld, order, shuffled } from '../../support/document-histories.ts'
import { createDocumentWorld, deviceOf, fold, value } from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const blob = new Uint8Array(32).fill(9)

function two() {
  const { writers, all } = createDocumentWorld()
  const { alice, bob } = writers
  alice.grant('bob')
  bob.pull(alice)
  return { ...writers, all }
}

describe('registers by their paths', () => {
  it('VW1 a register shows at its path, and what was written below it beside that', () => {
    const { alice } = two()
    alice.set(['a'], value(1))
    alice.set(['a', 'b'], value({ x: 2 }))
    alice.set(['a', 'c', 'd'], value(3))
    alice.set(['a', 'gone'], value(4))
    alice.set(['a', 'gone'], { at: 'absent' })
    const { root } = viewOf(alice.state)
    expect(valueAt(root, ['a'])).toBe(1)
    expect(valueAt(root, ['a', 'c'])).toBeUndefined()
    expect(valueAt(root, ['a', 'c', 'd'])).toBe(3)
    expect(valueAt(root, ['a', 'gone'])).toBeUndefined()
    expect(nodeAt(root, ['a', 'gone'])?.held).toEqual({ at: 'absent' })
    expect([...valuesBelow(root, ['a'])]).toEqual([['b', { x: 2 }]])
    expect(nodeAt(root, ['nothing', 'there'])).toBeUndefined()
  })

  it('VW1 what stands beside each other is shown as its policy says', () => {
    const { alice, bob } = two()
    alice.set(policyPath('strategy', 'clock'), value('timestamp'))
    bob.pull(alice)
    for (const field of ['clock', 'merged']) {
      bob.set([field, 'k'], value({ b: 2 }))
      alice.set([field, 'k'], value({ a: 1 }))
    }
    sync(alice, bob)
    for (const { state } of [alice, bob]) {
      const { root } = viewOf(state)
      expect(valueAt(root, ['clock', 'k'])).toEqual({ a: 1 })
      expect(valueAt(root, ['merged', 'k'])).toEqual({ a: 1, b: 2 })
    }
  })

  it('VW1 a blob is its hash and size, and its content where that is given', () => {
    const { alice } = two()
    alice.set(['big'], { at: 'blob', blob, bytes: 70_000 })
    alice.row('logs', 'big', { at: 'blob', blob, bytes: 70_000 })
    const closed = viewOf(alice.state)
    expect(valueAt(closed.root, ['big'])).toEqual({ blob, bytes: 70_000 })
    expect(unitedRows(closed, 'logs')).toMatchObject([{ value: { blob, bytes: 70_000 } }])
    const open = viewOf(alice.state, (hash) => (hash[0] === 9 ? 'content' : undefined))
    expect(valueAt(open.root, ['big'])).toBe('content')
    expect(unitedRows(open, 'logs')).toMatchObject([{ value: 'content' }])
    alice.capture('a.org', { at: 'blob', blob, bytes: 70_000 })
    expect(blobsOf(alice.state)).toEqual([blob, blob, blob])
  })

  it('VW2 any text is only a name', () => {
    const { alice } = two()
    const names = ['__proto__', 'constructor', 'toString', '', '\0', 'a","b']
    for (const name of names) {
      alice.set(['x', name], value(name))
      alice.set([name, '__proto__'], value(7))
      alice.row('__proto__', `${name}k`, value(name))
    }
    const view = viewOf(alice.state)
    expect(new Map(valuesBelow(view.root, ['x']))).toEqual(new Map(names.map((n) => [n, n])))
    for (const name of names) expect(valueAt(view.root, [name, '__proto__'])).toBe(7)
    expect(
      unitedRows(view, '__proto__')
        .map((row) => row.value)
        .sort(),
    ).toEqual([...names].sort())
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })
})

describe('rows', () => {
  it('VW3 of one key the latest word of any device counts, with who said it', () => {
    const { alice, bob } = two()
    alice.row('agents', 'k', value('old'))
    bob.row('agents', 'k', value('new'))
    bob.row('agents', 'gone', value('new'))
    alice.row('agents', 'gone', { at: 'absent' })
    sync(alice, bob)
    for (const { state } of [alice, bob]) {
      const view = viewOf(state)
      expect(unitedRows(view, 'agents')).toMatchObject([
        { key: 'k', device: deviceOf('bob'), value: 'new' },
      ])
      expect(ownRows(view, 'agents').map(({ key, value: of }) => [key, of])).toEqual([
        ['gone', 'new'],
        ['k', 'new'],
        ['k', 'old'],
      ])
      expect(unitedRows(view, 'other')).toEqual([])
    }
  })

  it('VW4 a reading depends on the set of entries alone', () => {
    fc.assert(
      fc.property(documentWorld, order, ({ all }, rolls) => {
        const whole = viewOf(fold(all))
        const other = viewOf(fold(shuffled(all, rolls)))
        expect(other).toEqual(whole)
        // Lists are made from these, so that their order counts too.
        expect([...(nodeAt(other.root, ['config'])?.below.keys() ?? [])]).toEqual([
          ...(nodeAt(whole.root, ['config'])?.below.keys() ?? []),
        ])
        expect(ownRows(other, 'tabs')).toEqual(ownRows(whole, 'tabs'))
      }),
      { numRuns: tries(100) },
    )
  })
})

describe('changes', () => {
  it('VW5 a change reads back as the entry it stands for', () => {
    const held = value({ a: 1 })
    const payload = (change: Change) => encodeChange(change, 3).payload
    expect(parseRegister(payload(setAt(['a', 'b'], 1)))).toEqual({
      path: ['a', 'b'],
      held: value(1),
    })
    expect(parseRegister(payload(unsetAt(['a'])))?.held).toEqual({ at: 'absent' })
    const row = { collection: 'c', key: 'k', held }
    expect(parseRow(payload({ kind: 'row', ...row }))).toEqual(row)
    const message = { id: 'm', parent: undefined, consumes: 'i', held }
    expect(parseMessage(payload({ kind: 'message', ...message }))).toEqual({ ...message, epoch: 3 })
    expect(parseInbox(payload({ kind: 'inbox', id: 'i', held }))).toEqual({ id: 'i', held })
    const tool = { call: 'c', status: 'ok' as const, held }
    expect(parseTool(payload({ kind: 'tool', ...tool }))).toEqual({ ...tool, epoch: 3 })
    const capture = { origin: 'o', held }
    expect(parseCapture(payload({ kind: 'capture', ...capture, saw: [] }))).toEqual(capture)
  })

  it('VW6 a change names what its register shows and what it says it saw, one place of each log', () => {
    const { alice, bob } = two()
    alice.set(['k'], value(1))
    bob.set(['k'], value(2))
    const other = bob.set(['other'], value(3))
    sync(alice, bob)
    const change: Change = { kind: 'register', path: ['k'], held: value(4), saw: [] }
    const [a, b] = [alice.seen.at(-1)?.log, other.log]
    const named = sawOf(alice.state, change)
    expect(named).toHaveLength(2)
    expect(new Set(named.map(({ log }) => log))).toEqual(new Set([alice.seen[0]?.log, b]))
    expect(a).toBe(b)
    expect(sawOf(alice.state, change, b).map(({ log }) => log)).toEqual([alice.seen[0]?.log])
    const also = { log: other.log, seq: other.entry.seq, hash: new Uint8Array(8) }
    expect(sawOf(alice.state, { ...change, saw: [also] })).toContainEqual(also)
    const before = { ...also, seq: 1 }
    expect(sawOf(alice.state, { ...change, saw: [also, before] })).toContainEqual(also)
    expect(sawOf(alice.state, { kind: 'row', collection: 'c', key: 'k', held: value(1) })).toEqual(
      [],
    )
    apply(alice, [change])
    expect(valueAt(viewOf(alice.state).root, ['k'])).toBe(4)
    expect(alice.state.fields.get('["k"]')?.register.live).toHaveLength(1)
  })

  it('VW6 places beyond what an entry may name are not named: they stay beside it', () => {
    const { alice } = two()
    const hash = new Uint8Array(8)
    const saw = Array.from({ length: 99 }, (_, i) => ({ log: `log ${i}` as LogId, seq: 1, hash }))
    const change: Change = { kind: 'capture', origin: 'o', held: value(1), saw }
    expect(sawOf(alice.state, change)).toEqual(saw.slice(0, maxDeps))
  })
})

describe('what others wrote', () => {
  const shape = { name: z.string(), size: z.number() }

  it('VW7 what fits no schema is left out and counted, alone; what none names is handed on', () => {
    const tally = { malformed: 0 }
    const entries = Object.entries(JSON.parse('{"name":7,"size":3,"__proto__":{"x":1},"more":[1]}'))
    const { known, extra } = readFields(shape, entries as never, tally)
    expect(known).toEqual({ size: 3 })
    expect(tally.malformed).toBe(1)
    expect(Object.keys(extra)).toEqual(['__proto__', 'more'])
    expect(Object.getPrototypeOf(extra)).toBeNull()
    expect(readFields(shape, [['toString', 1]], tally).extra).toEqual({ toString: 1 })
  })

  it('VW7 whatever a value is, reading it throws nothing', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        const tally = { malformed: 0 }
        const read = readMap({ ...shape, at: timeField }, anything as never, tally)
        expect(read === undefined ? tally.malformed : 1).toBeGreaterThan(0)
        expect(typeof isCarried(anything)).toBe('boolean')
      }),
      { numRuns: tries(300) },
    )
  })

  it('VW7 times are kept as they were written, and are dates', () => {
    for (const told of [
      '2026-02-06T10:00:00Z',
      '2026-02-06T10:00:00.123+02:00',
      '2026-02-06T10:00Z',
    ]) {
      expect(timeField.safeParse(told).success).toBe(true)
    }
    for (const told of ['', 'yesterday', '2026-02-06', '2026-13-06T10:00:00Z', 7, null]) {
      expect(timeField.safeParse(told).success).toBe(false)
    }
    expect(timeText(0)).toBe('1970-01-01T00:00:00.000Z')
    for (const ms of [Number.NaN, -1, 1e300]) expect(timeText(ms)).toBe(timeText(0))
  })

  it('VW8 what an entry can carry is known before it is written', () => {
    let deep: unknown = 1
    for (let i = 0; i < 40; i++) deep = [deep]
    const carried = [null, 1, -0, 'text', [1, { a: [] }], { __proto__: null, a: 1 }, blob]
    const not = [
      undefined,
      '\ud800',
      { '\ud800': 1 },
      [undefined],
      new Array(2),
      new Date(),
      { a: new Map() },
      deep,
      { '\ufeffmark': 1 },
      1n,
      () => 1,
    ]
    for (const each of carried) expect(isCarried(each)).toBe(true)
    for (const each of not) expect(isCarried(each)).toBe(false)
  })

  it('VW9 version counts the entries folded, the checksum is equal for equal documents', () => {
    const { alice, bob } = two()
    alice.set(['k'], value(1))
    expect(syncMetadata(alice.state, sha256, 'now')).toMatchObject({ version: 3, last_sync: 'now' })
    expect(lastModified(alice.state)).toBe(alice.seen.at(-1)?.entry.stamp.ms)
    const before = syncMetadata(bob.state, sha256, '').checksum
    bob.pull(alice)
    const { checksum } = syncMetadata(bob.state, sha256, '')
    expect(checksum).toMatch(/^[0-9a-f]{64}$/)
    expect(checksum).not.toBe(before)
    expect(checksum).toBe(syncMetadata(alice.state, sha256, '').checksum)
  })

  it('VW9 a device that may not write changes no time', () => {
    const { alice, mallory } = two()
    mallory.pull(alice)
    mallory.skew(7e12)
    mallory.set(['k'], value(1))
    const before = lastModified(alice.state)
    alice.pull(mallory)
    expect(lastModified(alice.state)).toBe(before)
  })
})
