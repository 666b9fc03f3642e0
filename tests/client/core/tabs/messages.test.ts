/** What comes over the broadcast of an origin (rule WB29). */
import { maxTabDepth } from '@baton/client/core/tabs/limits'
import { isWithin, readTabMessage, tabVersion } from '@baton/client/core/tabs/messages'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../../support/tries.ts'

const ours = { baton: tabVersion, from: '0123456789abcdef' }
const to = 'fedcba9876543210'
const whole = [
  { ...ours, kind: 'mode_change', mode: 'popup', front: true, fresh: true },
  { ...ours, kind: 'mode_closing', mode: 'sidepanel' },
  { ...ours, kind: 'sync_request' },
  {
    ...ours,
    kind: 'session_update',
    term: 3,
    device: 'A'.repeat(43),
    change: { kind: 'notice', message: 'm' },
  },
  { ...ours, kind: 'handoff_init' },
  { ...ours, kind: 'ask', to, ask: 0, name: 'devices', args: [] },
  { ...ours, kind: 'answer', to, ask: 0, value: [{ bytes: new Uint8Array(3), gone: undefined }] },
  {
    ...ours,
    kind: 'events',
    to,
    ask: 0,
    events: [1],
    over: true,
    error: { code: 'c', message: 'm' },
  },
  { ...ours, kind: 'more', to, ask: 0 },
  { ...ours, kind: 'cancel', to, ask: 0, drop: false },
  { ...ours, kind: 'reply', to, ask: 0, yes: true },
]

it('WB29 each message is read as it was said, also after the clone of a browser', () => {
  for (const each of whole) expect(readTabMessage(structuredClone(each))).toEqual(each)
})

it('WB29 what is foreign, of another version or malformed is nobody’s', () => {
  const foreign = fc.property(
    fc.anything({ withMap: true, withSet: true, withBigInt: true }),
    (raw) => {
      expect(readTabMessage(raw)).toBeUndefined()
    },
  )
  fc.assert(foreign, { numRuns: tries(500) })
  for (const each of whole) {
    expect(readTabMessage({ ...each, baton: tabVersion + 1 })).toBeUndefined()
    expect(readTabMessage({ ...each, kind: `${each.kind}s` })).toBeUndefined()
    expect(readTabMessage({ ...each, kind: '__proto__' })).toBeUndefined()
    for (const name of Object.keys(each)) {
      const optional = ['fresh', 'device', 'change', 'value', 'error'].includes(name)
      for (const wrong of [null, -1, 1.5, 'x'.repeat(40), {}, () => {}]) {
        const read = readTabMessage({ ...each, [name]: wrong })
        if (name !== 'value' && name !== 'args') expect(read).toBeUndefined()
      }
      const { [name as 'kind']: _, ...less } = each
      if (!optional) expect(readTabMessage(less)).toBeUndefined()
    }
  }
})

it('WB29 what is too large, too deep, contains itself or is no plain value is dropped, and soon', () => {
  const ask = (arg: unknown) =>
    readTabMessage({ ...ours, kind: 'ask', to, ask: 0, name: 'say', args: [arg] })
  const deep = (depth: number) => {
    let value: unknown = 0
    for (let i = 0; i < depth; i++) value = [value]
    return value
  }
  const itself: unknown[] = []
  itself.push(itself, itself)
  const began = performance.now()
  expect(ask('x'.repeat(1_000_000))).toBeDefined()
  expect(ask(deep(maxTabDepth - 3))).toBeDefined()
  for (const hostile of [
    'x'.repeat(3_000_000),
    new Uint8Array(3_000_000),
    new Array(100_000_000),
    Array.from({ length: 500_000 }, () => 0),
    deep(maxTabDepth),
    deep(100_000),
    itself,
    new Map([[1, 2]]),
    new Date(),
    new ArrayBuffer(8),
    Object.create({ inherited: true }),
  ]) {
    expect(ask(hostile)).toBeUndefined()
  }
  // A word has less room than a question.
  expect(readTabMessage({ ...whole[2], more: 'x'.repeat(10_000) })).toBeUndefined()
  expect(performance.now() - began).toBeLessThan(2_000)
})

it('WB29 units are counted over all of a value, whatever its form', () => {
  const law = fc.property(fc.jsonValue(), (value) => {
    const count = (each: unknown): number =>
      8 +
      (typeof each === 'string'
        ? each.length
        : Array.isArray(each)
          ? each.reduce((all: number, part) => all + count(part), 0)
          : typeof each === 'object' && each !== null
            ? Object.entries(each).reduce((all, [name, part]) => all + name.length + count(part), 0)
            : 0)
    expect(isWithin(value, count(value))).toBe(true)
    expect(isWithin(value, count(value) - 1)).toBe(false)
  })
  fc.assert(law, { numRuns: tries(200) })
})
