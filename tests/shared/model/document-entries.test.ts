/** DE: payloads of a document's entries, there and back, and whatever else could stand in their place. */
import { decode, encode, type Value } from '@baton/shared/encoding/msgpack'
import {
  encodeCapture,
  encodeInbox,
  encodeMessage,
  encodeRegister,
  encodeRow,
  encodeTool,
  type Held,
  parseCapture,
  parseInbox,
  parseMessage,
  parseRegister,
  parseRow,
  parseTool,
  toolStatuses,
} from '@baton/shared/model/document-entries'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const parsers = [parseRegister, parseRow, parseInbox, parseMessage, parseTool, parseCapture]

const id = fc
  .string({ minLength: 1, maxLength: 1024, unit: 'grapheme' })
  .filter((s) => s.length <= 1024)
const present: fc.Arbitrary<Held> = fc.oneof(
  fc
    .oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string({ unit: 'grapheme' }))
    .map((value): Held => ({ at: 'value', value })),
  fc.record({
    at: fc.constant('blob' as const),
    blob: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    bytes: fc.integer({ min: 1, max: 67_108_864 }),
  }),
)
const held = fc.oneof(present, fc.constant<Held>({ at: 'absent' }))
const epoch = fc.integer({ min: 0, max: 2 ** 48 })
const path = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 })
const through = (value: Value): unknown => decode(encode(value))

describe('payloads', () => {
  it('DE1 read back as they were written', () => {
    const check = <T>(
      arbitrary: fc.Arbitrary<T>,
      to: (of: T) => Value,
      from: (of: unknown) => unknown,
    ) =>
      fc.assert(
        fc.property(arbitrary, (of) => {
          expect(from(through(to(of)))).toEqual(of)
        }),
        { numRuns: tries(60) },
      )
    check(fc.record({ path, held }), encodeRegister, parseRegister)
    check(fc.record({ collection: id, key: id, held }), encodeRow, parseRow)
    check(fc.record({ id, held: present }), encodeInbox, parseInbox)
    check(fc.record({ origin: id, held: present }), encodeCapture, parseCapture)
    const status = fc.constantFrom(...toolStatuses)
    check(fc.record({ epoch, call: id, status, held }), encodeTool, parseTool)
    const maybe = fc.option(id, { nil: undefined })
    check(
      fc.record({ epoch, id, parent: maybe, consumes: maybe, held: present }),
      encodeMessage,
      parseMessage,
    )
  })

  it('DE2 that are malformed in any part are nothing', () => {
    const hash = new Uint8Array(32)
    const bad: [number, unknown][] = [
      [0, []],
      [0, [[]]],
      [0, ['path', 1]],
      [0, [[1], 1]],
      [0, [Array(9).fill('a'), 1]],
      [0, [['x'.repeat(16_385)], 1]],
      [0, [['a'], hash, 0]],
      [0, [['a'], hash, 2 ** 40]],
      [0, [['a'], hash.subarray(1), 5]],
      [0, [['a'], 1, 2]],
      [0, [['a'], 1, 2, 3]],
      [1, ['', 'k', 1]],
      [1, ['c', '', 1]],
      [1, ['c', 'x'.repeat(1025), 1]],
      [1, ['c']],
      [2, ['id']],
      [2, [7, 1]],
      [3, [0, 'id', null, null]],
      [3, [-1, 'id', null, null, 1]],
      [3, [2 ** 49, 'id', null, null, 1]],
      [3, [0.5, 'id', null, null, 1]],
      [3, [0, 'id', '', null, 1]],
      [3, [0, 'id', null, 7, 1]],
      [3, [0, 'id', undefined, null, 1]],
      [4, [0, 'c', 7, 1]],
      [4, [0, 'c', -1, 1]],
      [4, [0, 'c', 1.5, 1]],
      [4, [0, '', 1]],
      [5, ['origin']],
      [5, [null, 1]],
    ]
    for (const [which, payload] of bad) expect(parsers[which]?.(payload)).toBeUndefined()
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        for (const parse of parsers) parse(value)
      }),
    )
  })
})
