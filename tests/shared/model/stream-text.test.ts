/** SW1, SW2: payloads of streams, there and back, and text cut into pieces. */
import { decode, encode } from '@baton/shared/encoding/msgpack'
import { encodeStream, parseStream, type StreamPayload } from '@baton/shared/model/stream-entries'
import { createTextPieces } from '@baton/shared/model/stream-text'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const id = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
const maybe = fc.option(id, { nil: undefined })
const epoch = fc.integer({ min: 0, max: 2 ** 48 })
const hash32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const payload: fc.Arbitrary<StreamPayload> = fc.oneof(
  fc.record({
    ...{ at: fc.constant('beginning' as const), epoch, id, parent: maybe, consumes: maybe },
    fields: fc.dictionary(id, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
  }),
  fc
    .record({
      at: fc.constantFrom('piece' as const, 'end' as const, 'broken-off' as const),
      ...{ epoch, id, offset: fc.nat(60_000_000), hash: hash32 },
      text: fc.string({ minLength: 1, unit: 'grapheme' }),
    })
    .map((of) => ({ ...of, hash: of.at === 'end' ? of.hash : undefined })),
)

it('SW1 beginnings, pieces and ends read back as they were written', () => {
  fc.assert(
    fc.property(payload, (of) => {
      expect(parseStream(decode(encode(encodeStream(of))))).toEqual(of)
    }),
    { numRuns: tries(150) },
  )
  const rest = { epoch: 0, id: 'm', offset: 3, text: '' }
  for (const of of [
    { at: 'end', ...rest, hash: new Uint8Array(32) },
    { at: 'broken-off', ...rest, hash: undefined },
  ] as const) {
    expect(parseStream(encodeStream(of))).toEqual(of)
  }
})

it('SW1 DE2 what is malformed in any part is nothing', () => {
  const hash = new Uint8Array(32)
  const most = 64 * 1024 * 1024
  for (const bad of [
    [],
    [0, 'm'],
    [0, 'm', null],
    [0, 'm', null, null, null],
    [0, 'm', null, null, null, []],
    [0, 'm', null, null, null, 'fields'],
    [0, 'm', null, '', null, {}],
    [0, 'm', null, null, 7, {}],
    [0, 'm', null, null, null, {}, 1],
    [-1, 'm', 0, 'text'],
    [0, '', 0, 'text'],
    [0, 'm', 0, ''],
    [0, 'm', 0, 7],
    [0, 'm', -1, 'text'],
    [0, 'm', 0.5, 'text'],
    [0, 'm', 0, '\ud83d'],
    [0, 'm', most, 'x'],
    [0, 'm', most - 1, 'é'],
    [0, 'm', 0, 'text', hash.subarray(1)],
    [0, 'm', 0, 'text', undefined],
    [0, 'm', 0, 'text', hash, 1],
  ]) {
    expect(parseStream(bad)).toBeUndefined()
  }
  expect(parseStream([0, 'm', most - 1, 'x'])).toBeDefined()
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (any) => void parseStream(any)))
})

const bytesOf = (text: string) => new TextEncoder().encode(text).length
/** What it says once it is UTF-8: a surrogate that stands alone is none. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const said = (text: string) => decoder.decode(new TextEncoder().encode(text))

it('SW2 wherever it is split, cut and handed over, the pieces are the text, and each is whole', () => {
  const unit = fc.constantFrom('a', 'é', '€', '😀', '\ud83d', '\ude00', '\ufeff')
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 60 }).map((units) => units.join('')),
      fc.array(fc.nat(80), { maxLength: 12 }),
      fc.array(fc.nat(80), { maxLength: 4 }),
      fc.integer({ min: 4, max: 20 }),
      (text, splits, rests, most) => {
        const pieces = createTextPieces(most)
        const out: string[] = []
        const cuts = [...new Set([0, ...splits, text.length])].filter((at) => at <= text.length)
        cuts.sort((a, b) => a - b)
        for (const [i, at] of cuts.entries()) {
          out.push(...pieces.add(text.slice(at, cuts[i + 1])))
          expect(pieces.bytes).toBeLessThanOrEqual(most)
          if (rests.includes(at)) out.push(pieces.rest())
        }
        out.push(pieces.rest(true))
        expect(out.join('')).toBe(said(text))
        for (const each of out) {
          expect(bytesOf(each)).toBeLessThanOrEqual(most + 3)
          expect(said(each)).toBe(each)
        }
      },
    ),
    { numRuns: tries(400) },
  )
})

it('SW2 a piece is full before it is given out, and nothing is kept of what was', () => {
  const pieces = createTextPieces(8)
  expect(pieces.add('123456')).toEqual([])
  expect(pieces.add('789😀x')).toEqual(['12345678'])
  expect(pieces.bytes).toBe(6)
  expect(pieces.add('\ud83d')).toEqual([])
  expect(pieces.rest()).toBe('9😀x')
  expect(pieces.add('\ude00')).toEqual([])
  expect([pieces.rest(), pieces.rest(true), pieces.bytes]).toEqual(['😀', '', 0])
})
