/** Payloads of an agent session, and the paths in them: what is taken, and that nothing throws. */
import { decode, encode, type Value } from '@baton/shared/encoding/msgpack'
import { joinLogId, splitLogId } from '@baton/shared/ids'
import { maxContentBytes, maxInlineBytes } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import {
  type Content,
  encodeAdopt,
  encodeFile,
  encodeGrant,
  encodePosition,
  encodeRecord,
  fileStart,
  type Position,
  parseAdopt,
  parseContent,
  parseFile,
  parseGrant,
  parsePosition,
  parseRecord,
} from '@baton/shared/model/agent-entries'
import { readBeginning } from '@baton/shared/model/beginning'
import { isCarriedPath, mainFile } from '@baton/shared/model/carried-path'
import { mintSessionId } from '@baton/shared/model/session-id'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nodePrimitives, signer } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const { device } = signer(1)
const nonce = new Uint8Array(16).fill(4)
const session = mintSessionId(sha256, device, nonce)
const log = joinLogId(session, device, new Uint8Array(8).fill(5))

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const place: fc.Arbitrary<Position> = fc
  .record({ record: hash, seq: fc.integer({ min: 1, max: 2 ** 40 }), records: fc.nat() })
  .map(({ record, seq, records }) => ({
    record,
    at: { log, seq },
    records: records + 1,
    bytes: records * 7 + 9,
  }))
const position = fc.oneof(fc.constant(fileStart), place)
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((inline) => ({ inline })),
  fc.record({ blob: hash, bytes: fc.nat(maxContentBytes) }),
)
const paths = ['a.txt', 'tool-results/ü (1).txt', 'a/b/c', mainFile, '名/ファイル']

/** As it comes out of a log: through the wire's encoding and back. */
const carried = (payload: Value): unknown => decode(encode(payload))

it('MO3 a record, a file, an adoption and a grant read back as they were written', () => {
  fc.assert(
    fc.property(
      position,
      content,
      fc.nat(),
      fc.constantFrom(...paths),
      (point, held, epoch, file) => {
        const record = { epoch, file, base: point, content: held }
        expect(parseRecord(carried(encodeRecord(record)))).toEqual(record)
        const follows = { ...record, base: undefined }
        expect(parseRecord(carried(encodeRecord(follows)))).toEqual(follows)
        const whole = { epoch, file, content: held }
        const read = parseFile(carried(encodeFile(whole)))
        expect(read).toEqual(file === mainFile ? undefined : whole)
        const adopt = { epoch, file, to: point }
        expect(parseAdopt(carried(encodeAdopt(adopt)))).toEqual(adopt)
      },
    ),
  )
  const grant = { device, kind: 'copy' } as const
  expect(parseGrant(carried(encodeGrant(grant)))).toEqual(grant)
})

it('MO4 no payload throws, whatever is in it, and what is malformed is nothing', () => {
  const anything = fc.anything({
    withTypedArray: true,
    maxDepth: 3,
    values: [fc.constant(log), fc.constant(mainFile), fc.nat(), hash, fc.constant(null)],
  })
  const shaped = fc.array(anything, { maxLength: 5 })
  const parsers = [parseRecord, parseFile, parseAdopt, parseGrant, parseContent, parsePosition]
  fc.assert(
    fc.property(fc.oneof(anything, shaped), (payload) => {
      for (const parse of parsers) expect(() => parse(payload)).not.toThrow()
    }),
    { numRuns: tries(500) },
  )
})

it('MO4 each part of a record out of bounds makes it malformed', () => {
  const good = encodeRecord({
    epoch: 0,
    file: mainFile,
    base: fileStart,
    content: { inline: new Uint8Array(3) },
  }) as Value[]
  expect(parseRecord(good)).toBeDefined()
  const bad: [number, Value][] = [
    [0, -1],
    [0, 0.5],
    [0, '0'],
    [1, '../x'],
    [1, 7],
    [1, -0.5],
    [2, 'start'],
    [2, [new Uint8Array(31), null, 0, 0]],
    [3, new Uint8Array(maxInlineBytes + 1)],
    [3, [new Uint8Array(32), maxContentBytes + 1]],
    [3, [new Uint8Array(31), 1]],
    [3, [new Uint8Array(32), -1]],
    [3, 'text'],
  ]
  for (const [at, value] of bad) expect(parseRecord(good.with(at, value))).toBeUndefined()
  expect(parseRecord([...good, null])).toBeUndefined()
  expect(parseFile([0, 'a', 'text'])).toBeUndefined()
  expect(parseFile([0, 'a'])).toBeUndefined()
  expect(parseAdopt([0, mainFile, null])).toBeUndefined()
  expect(parseGrant([new Uint8Array(32), 'write'])).toBeUndefined()
})

it('MO4 nowhere is the start of a file and nothing else is', () => {
  const start = encodePosition(fileStart) as Value[]
  expect(parsePosition(start)).toEqual(fileStart)
  const at: Value = [new Uint8Array(56), 1]
  const bad: Value[][] = [
    start.with(0, new Uint8Array(32).fill(1)),
    start.with(2, 1),
    start.with(3, 1),
    start.with(1, at),
    [new Uint8Array(32).fill(1), [new Uint8Array(56), 0], 1, 1],
    [new Uint8Array(32).fill(1), [new Uint8Array(55), 1], 1, 1],
    [new Uint8Array(32).fill(1), [new Uint8Array(56)], 1, 1],
    [new Uint8Array(32).fill(1), at, 2, 1],
    [new Uint8Array(32).fill(1), at, 2 ** 50, 2 ** 50],
  ]
  for (const form of bad) expect(parsePosition(form)).toBeUndefined()
})

it('MO1 a carried path neither leaves its folder nor surprises a file system', () => {
  for (const path of paths) expect(isCarriedPath(path)).toBe(true)
  const bad = [
    '',
    '/a',
    'a/',
    'a//b',
    '..',
    'a/../b',
    './a',
    '.hidden',
    'a/.git',
    'a\\b',
    'c:d',
    'a*',
    'a?',
    'a"b',
    'a<b',
    'a|b',
    'a\0',
    'a\nb',
    'a\u202eb',
    '\ud800',
    'a.',
    'a ',
    'con',
    'NUL.txt',
    'x/lpt1.log',
    'a'.repeat(129),
    Array(13).fill('a').join('/'),
    `${'a'.repeat(100)}/`.repeat(5) + 'a'.repeat(20),
  ]
  for (const path of bad) expect(isCarriedPath(path)).toBe(false)
})

it('MO2 a session id commits to its author, and only that device’s genesis describes it', () => {
  const descriptor = { kind: 'agent', nonce, agent: 'claude-code', agentSession: 'x', created: 1 }
  const entry = (payload: Value, seq = 1) => ({
    kind: kinds.genesis,
    seq,
    stamp: { ms: 1, counter: 0 },
    deps: [],
    payload,
  })
  const read = (payload: Value, seq = 1, of = log) => readBeginning(sha256, of, entry(payload, seq))
  expect(read([null, descriptor])).toMatchObject({ at: 'read', descriptor })
  expect(read([null, null])).toMatchObject({ at: 'read', descriptor: undefined })
  expect(read([null])).toMatchObject({ at: 'read', descriptor: undefined })
  const other = joinLogId(session, signer(2).device, new Uint8Array(8).fill(5))
  expect(read([null, descriptor], 1, other).at).toBe('not-author')
  expect(read([null, { ...descriptor, nonce: nonce.map((byte) => byte ^ 1) }]).at).toBe(
    'not-author',
  )
  expect(read([null, { ...descriptor, agent: '../x' }]).at).toBe('malformed')
  expect(read([null, descriptor], 2).at).toBe('malformed')
  expect(read('x').at).toBe('malformed')
  const before = new Uint8Array(8).fill(6)
  const own = splitLogId(log).incarnation
  expect(read([[before, 1, new Uint8Array(32)], null])).toMatchObject({
    predecessor: joinLogId(session, device, before),
  })
  for (const odd of [own, new Uint8Array(7), 'x']) {
    expect(read([[odd, 1, new Uint8Array(32)], null])).toMatchObject({ predecessor: undefined })
  }
})
