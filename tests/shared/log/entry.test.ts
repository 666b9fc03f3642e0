/** LG1 to LG4, LG10: bodies as written, as read, and what is refused. */
import { decode, encode, type Value } from '@baton/shared/encoding/msgpack'
import { isBatonError } from '@baton/shared/errors'
import { logId } from '@baton/shared/ids'
import { maxDeps, maxEntryBytes, maxInlineBytes } from '@baton/shared/limits'
import { type Dep, decodeEntry, type Entry, encodeEntry } from '@baton/shared/log/entry'
import { genesisPayload, parseGenesis } from '@baton/shared/log/genesis'
import { isWriterKind, kinds } from '@baton/shared/log/kinds'
import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { expect, it } from 'vitest'

const log = logId(new Uint8Array(56).fill(7))
const dep: Dep = { log, seq: 12, hash: new Uint8Array(8).fill(9) }
const entry = (more: Partial<Entry> = {}): Entry => ({
  kind: kinds.record,
  seq: 3,
  stamp: { ms: 1_790_000_000_123, counter: 4 },
  deps: [dep],
  payload: ['transcript.jsonl', new Uint8Array([1, 2, 3])],
  ...more,
})

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    if (isBatonError(error)) return error.code
    throw error
  }
}

it('LG1 a body is [kind, seq, stamp, deps, payload] and reads back', () => {
  const body = encodeEntry(entry())
  expect(decode(body)).toHaveLength(5)
  expect(decodeEntry(body, 3)).toEqual(entry())
})

it('LG1 an entry without deps costs 14 bytes beside its payload', () => {
  const payload = new Uint8Array(100)
  expect(encodeEntry(entry({ deps: [], payload })).length - encode(payload).length).toBe(14)
})

it('LG2 a body in another encoding of the same meaning reads the same', () => {
  const foreign = new Packr({ useRecords: false, moreTypes: false })
  const loose = new Uint8Array(foreign.pack(decode(encodeEntry(entry()))))
  expect(decodeEntry(loose, 3)).toEqual(entry())
})

it('LG3 an unknown kind is read like any other', () => {
  for (const kind of [31, 63, 200, 2 ** 40]) {
    expect(decodeEntry(encodeEntry(entry({ kind })), 3).kind).toBe(kind)
  }
  expect([1, 4, 31].every(isWriterKind)).toBe(true)
  expect([0, 32, 64].some(isWriterKind)).toBe(false)
})

it('LG3 the numbers of kinds are frozen', () => {
  expect(kinds).toEqual({
    genesis: 0,
    record: 1,
    message: 2,
    tool: 3,
    stream: 4,
    grant: 32,
    receipt: 33,
    adopt: 34,
    file: 35,
    register: 36,
    inbox: 37,
    row: 38,
    capture: 39,
    lease: 40,
    ready: 41,
    accept: 42,
    decline: 43,
    checkpoint: 44,
    redact: 45,
    again: 46,
    drop: 47,
    rosterAdd: 64,
    rosterRename: 65,
    rosterRole: 66,
    rosterRevoke: 67,
    rosterRecovery: 68,
    rosterRestore: 69,
  })
})

it('LG4 an author puts at most 32 KiB and 40 deps into an entry', () => {
  const bin = (length: number) => new Uint8Array(length)
  const deps = Array.from({ length: maxDeps }, () => dep)
  const largest = encodeEntry(entry({ deps, payload: bin(maxInlineBytes) }))
  expect(largest.length).toBeLessThanOrEqual(maxEntryBytes)
  expect(decodeEntry(largest, 3).deps).toHaveLength(maxDeps)
  expect(codeOf(() => encodeEntry(entry({ payload: bin(maxInlineBytes + 200) })))).toBe('too-large')
  expect(codeOf(() => encodeEntry(entry({ deps: [...deps, dep] })))).toBe('too-large')
})

it.each([
  ['not a list', 5],
  ['four fields', [1, 3, new Uint8Array(8), []]],
  ['six fields', [1, 3, new Uint8Array(8), [], null, null]],
  ['another seq', [1, 4, new Uint8Array(8), [], null]],
  ['seq 0', [1, 0, new Uint8Array(8), [], null]],
  ['a negative kind', [-1, 3, new Uint8Array(8), [], null]],
  ['a broken kind', [1.5, 3, new Uint8Array(8), [], null]],
  ['a short stamp', [1, 3, new Uint8Array(7), [], null]],
  ['deps that are none', [1, 3, new Uint8Array(8), 'x', null]],
  [
    'a dep with a short log',
    [1, 3, new Uint8Array(8), [[new Uint8Array(55), 1, new Uint8Array(8)]], null],
  ],
  [
    'a dep with a long hash',
    [1, 3, new Uint8Array(8), [[new Uint8Array(56), 1, new Uint8Array(9)]], null],
  ],
  [
    'a dep on nothing',
    [1, 3, new Uint8Array(8), [[new Uint8Array(56), 0, new Uint8Array(8)]], null],
  ],
  [
    'a dep with a field more',
    [1, 3, new Uint8Array(8), [[new Uint8Array(56), 1, new Uint8Array(8), 1]], null],
  ],
  [
    'too many deps',
    [
      1,
      3,
      new Uint8Array(8),
      Array.from({ length: 41 }, () => [new Uint8Array(56), 1, new Uint8Array(8)]),
      null,
    ],
  ],
] as [string, Value][])('LG2 refuses %s', (_, value) => {
  expect(codeOf(() => decodeEntry(encode(value), 3))).toBe('invalid')
})

it('LG2 a body over its size is refused unread', () => {
  expect(codeOf(() => decodeEntry(new Uint8Array(maxEntryBytes + 1), 1))).toBe('too-large')
})

it('LG2 any bytes give an entry or one of two errors', () => {
  const body = encodeEntry(entry())
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.nat(255), (at, byte) => {
      const bytes = body.slice()
      bytes[at] = byte
      expect([undefined, 'invalid', 'too-large']).toContain(codeOf(() => decodeEntry(bytes, 3)))
    }),
  )
})

const own = new Uint8Array(8).fill(1)
const before = { incarnation: new Uint8Array(8).fill(2), seq: 40, hash: new Uint8Array(32).fill(3) }

it('LG10 a genesis names its predecessor and, first in a session, the descriptor', () => {
  const full = { predecessor: before, descriptor: { kind: 'agent', __proto: 1, later: [1] } }
  const read = parseGenesis(decode(encode(genesisPayload(full))), own)
  expect(read).toEqual(full)
  const empty = { predecessor: undefined, descriptor: undefined }
  expect(parseGenesis(decode(encode(genesisPayload(empty))), own)).toEqual(empty)
})

it.each([
  ['nothing', null],
  ['one field', [null]],
  ['itself as predecessor', [[own, 1, new Uint8Array(32)], null]],
  ['a predecessor without entries', [[before.incarnation, 0, new Uint8Array(32)], null]],
  ['a list as descriptor', [null, []]],
  ['bytes as descriptor', [null, new Uint8Array(2)]],
] as [string, Value][])('LG10 refuses a genesis with %s', (_, payload) => {
  expect(codeOf(() => parseGenesis(payload, own))).toBe('invalid')
})
