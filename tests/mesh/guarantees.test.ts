/** A judgement that cannot fail proves nothing: each of them is shown a history that breaks its rule. */
import type { DeviceId, LogId } from '@baton/shared/ids'
import { joinLogId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import {
  atomicBatches,
  broken,
  lost,
  monotonicReads,
  monotonicWrites,
  noPhantoms,
  readYourWrites,
  writesFollowReads,
} from '../sim/guarantees.ts'
import { createHistory, type History, type Look, type Node } from '../sim/history.ts'
import { session, signer } from '../support/signer.ts'

const [alice, bob] = [signer(1).device, signer(2).device]
const logOf = (device: DeviceId): LogId => joinLogId(session(1), device, new Uint8Array(8).fill(1))
const path = '["config","a"]'

/** An entry of a device: of a register, or of one that is only shown. */
function entry(
  history: History,
  device: DeviceId,
  seq: number,
  value: string,
  more: Partial<Node> = {},
): string {
  const log = logOf(device)
  const key = `${log} ${seq} ${value}`
  const before = [...history.nodes.values()].find(
    (each) => each.log === log && each.seq === seq - 1,
  )
  history.written.add(value)
  history.nodes.set(key, {
    key,
    log,
    seq,
    device,
    path: undefined,
    value,
    saw: [],
    before: before?.key,
    ...more,
  })
  return key
}

function look(history: History, step: number, shown: Partial<Look>, process = 1): void {
  history.looks.push({
    process,
    device: `of process ${process}`,
    step,
    fields: new Map(),
    items: new Set(),
    waiting: new Set(),
    ...shown,
  })
}

const fields = (...keys: string[]) => ({ fields: new Map([[path, keys]]) })
const items = (...values: string[]) => ({ items: new Set(values) })
const told = (history: History, value: string, step: number, process = 1) =>
  history.acknowledged.push({ value, device: 'alice', process, begun: step, step })

it('SM3 a process reads what it wrote, or what replaced it', () => {
  const history = createHistory()
  const first = entry(history, alice, 1, 'first', { path })
  const second = entry(history, bob, 1, 'second', { path, saw: [first] })
  entry(history, alice, 2, 'message')
  told(history, 'first', 1)
  told(history, 'message', 2)
  look(history, 2, { ...fields(first), ...items() })
  look(history, 3, { ...fields(second), ...items('message') })
  look(history, 3, {}, 2)
  expect(readYourWrites(history)).toBe(undefined)
  look(history, 4, items('message'))
  expect(readYourWrites(history)).toContain('does not read what it wrote: first')
  history.looks.pop()
  look(history, 4, fields(second))
  expect(readYourWrites(history)).toContain('does not read what it wrote: message')
})

it('SM3 a process never reads an older state', () => {
  const history = createHistory()
  const first = entry(history, alice, 1, 'first', { path })
  const second = entry(history, bob, 1, 'second', { path, saw: [first] })
  entry(history, alice, 2, 'message')
  look(history, 1, { ...fields(first), ...items('message') })
  look(history, 2, { ...fields(second), ...items('message') })
  look(history, 3, fields(first), 2)
  expect(monotonicReads(history)).toBe(undefined)
  look(history, 4, { ...fields(first), ...items('message') })
  expect(monotonicReads(history)).toContain('an older state')
  history.looks.pop()
  look(history, 4, fields(second))
  expect(monotonicReads(history)).toContain('no longer reads message')
  history.cloned.add(alice)
  expect(monotonicReads(history)).toBe(undefined)
})

it('SM3 writes of a log are read in their order', () => {
  const history = createHistory()
  entry(history, alice, 1, 'one')
  entry(history, alice, 2, 'two')
  entry(history, bob, 1, 'other')
  look(history, 1, items('other'))
  look(history, 2, items('one', 'other'))
  expect(monotonicWrites(history)).toBe(undefined)
  look(history, 3, items('two'))
  expect(monotonicWrites(history)).toContain('without the one before it: one')
})

it('SM3 a write stands not beside what its author had seen', () => {
  const history = createHistory()
  const first = entry(history, alice, 1, 'first', { path })
  const second = entry(history, bob, 1, 'second', { path, saw: [first] })
  const third = entry(history, bob, 2, 'third', { path })
  const beside = entry(history, alice, 2, 'beside', { path: '["config","b"]' })
  look(history, 1, fields(second, beside))
  expect(writesFollowReads(history)).toBe(undefined)
  look(history, 2, { ...fields(first, third), waiting: new Set([second]) })
  expect(writesFollowReads(history)).toBe(undefined)
  look(history, 3, fields(first, third))
  expect(writesFollowReads(history)).toContain('beside the one it replaced')
})

it('SM3 what was written together is read together', () => {
  const history = createHistory()
  history.pairs.push(['one', 'two'])
  look(history, 1, items('one', 'two'))
  look(history, 1, items())
  expect(atomicBatches(history)).toBe(undefined)
  look(history, 2, items('two'))
  expect(atomicBatches(history)).toContain('one of two')
  // Of what copies signed twice some is hidden until it is said again.
  entry(history, alice, 1, 'one')
  entry(history, alice, 2, 'two')
  expect(atomicBatches(history)).toContain('one of two')
  history.cloned.add(alice)
  expect(atomicBatches(history)).toBe(undefined)
})

it('SM3 nothing acknowledged is lost but what only a restored disk had', () => {
  const history = createHistory()
  told(history, 'kept', 1)
  told(history, 'gone', 1)
  told(history, 'excused', 1)
  history.excused.add('excused')
  expect(lost(history, new Set(['kept'])).map(({ value }) => value)).toEqual(['gone'])
})

it('SM3 nothing is read that nobody wrote', () => {
  const history = createHistory()
  const first = entry(history, alice, 1, 'first', { path })
  look(history, 1, { ...fields(first), ...items('first') })
  expect(noPhantoms(history)).toBe(undefined)
  look(history, 2, items('strange'))
  expect(noPhantoms(history)).toContain('nobody wrote: strange')
  history.looks.pop()
  look(history, 2, fields('no entry'), 2)
  expect(noPhantoms(history)).toContain('is no entry')
  expect(broken(history)).toContain('is no entry')
})

it('SM3 no place is signed twice, but by copies of one device', () => {
  const history = createHistory()
  history.signed(logOf(alice), 1, 'aa')
  history.signed(logOf(alice), 1, 'aa')
  history.signed(logOf(alice), 2, 'bb')
  expect(() => history.signed(logOf(alice), 1, 'bb')).toThrow('signed twice')
  history.cloned.add(alice)
  history.signed(logOf(alice), 1, 'bb')
  history.signed(logOf(bob), 1, 'aa')
  expect(() => history.signed(logOf(bob), 1, 'bb')).toThrow('signed twice')
})
