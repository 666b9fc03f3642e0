import { type Bytes, concat, equalBytes, utf8Decode, utf8Encode } from '@baton/shared/bytes'
import { lvCat } from '@baton/shared/encoding/lv'
import {
  createOpener,
  createSealer,
  maxSealable,
  openSealed,
  type SealOptions,
  sealAt,
} from '@baton/shared/keyexchange/seal'
import { label } from '@baton/shared/labels'
import { sealedSizes } from '@baton/shared/limits'
import { gcm } from '@noble/ciphers/aes.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const options: SealOptions = {
  key: new Uint8Array(32).fill(1),
  direction: 'joiner',
  context: new Uint8Array(32).fill(2),
}
const text = (bytes: Bytes | undefined) => bytes && utf8Decode(bytes)
const three = () => {
  const sealer = createSealer(options)
  return ['a', 'b', 'c'].map((word) => sealer.seal(utf8Encode(word))) as [Bytes, Bytes, Bytes]
}

it('SE1 every message opens as it was, and only the listed sizes occur', () => {
  const sealer = createSealer(options)
  const opener = createOpener(options)
  const edges = sealedSizes.flatMap((size) => [size - 24, size - 23]).slice(0, -1)
  const length = fc.oneof(fc.constantFrom(0, 1, ...edges), fc.nat({ max: maxSealable }))
  fc.assert(
    fc.property(length, fc.nat({ max: 255 }), (bytes, fill) => {
      const message = new Uint8Array(bytes).fill(fill)
      const sealed = sealer.seal(message)
      expect(sealed.length).toBe(sealedSizes.find((size) => bytes + 24 <= size))
      const opened = opener.open(sealed)
      expect(opened && equalBytes(opened, message)).toBe(true)
    }),
    { numRuns: tries(24) },
  )
})

it('SE1 a message beyond the largest size is refused before it is sealed', () => {
  const sealer = createSealer(options)
  expect(() => sealer.seal(new Uint8Array(maxSealable + 1))).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
  expect(text(createOpener(options).open(sealer.seal(utf8Encode('next'))))).toBe('next')
})

it.each<[string, Partial<SealOptions>]>([
  ['another key', { key: new Uint8Array(32).fill(9) }],
  ['the other direction', { direction: 'inviter' }],
  ['another context', { context: new Uint8Array(32).fill(9) }],
  ['a context that is cut', { context: new Uint8Array(31).fill(2) }],
])('SE2 a message sealed for %s does not open', (_, change) => {
  const foreign = createSealer({ ...options, ...change }).seal(utf8Encode('x'))
  expect(createOpener(options).open(foreign)).toBeUndefined()
})

it('SE2 a message reflected to its sender does not open, even under one shared key', () => {
  const [first] = three()
  expect(createOpener({ ...options, direction: 'inviter' }).open(first)).toBeUndefined()
})

it('SE3 a replay is dropped, and so is what comes after a later one', () => {
  const [a, b, c] = three()
  const opener = createOpener(options)
  expect([a, a, c, b, c, a].map((sealed) => text(opener.open(sealed)))).toEqual([
    'a',
    undefined,
    'c',
    undefined,
    undefined,
    undefined,
  ])
})

it('SE3 a lost message leaves a gap that later ones may cross', () => {
  const [, , c] = three()
  expect(text(createOpener(options).open(c))).toBe('c')
})

it('SE3 a changed counter does not open and moves nothing', () => {
  const [a, b] = three()
  const opener = createOpener(options)
  const forged = Uint8Array.from(a)
  forged.set([0xff, 0xff, 0xff, 0xff], 0)
  expect(opener.open(forged)).toBeUndefined()
  expect(text(opener.open(a))).toBe('a')
  expect(text(opener.open(b))).toBe('b')
})

it('SE3 a sealer never uses a counter twice and refuses one out of range', () => {
  const sealer = createSealer(options)
  const counters = Array.from({ length: 5 }, () => sealer.seal(new Uint8Array(0))[3])
  expect(counters).toEqual([0, 1, 2, 3, 4])
  for (const counter of [-1, 0.5, 2 ** 32])
    expect(() => sealAt(options, counter, new Uint8Array(0))).toThrow()
  const last = sealAt(options, 2 ** 32 - 1, utf8Encode('last'))
  expect(text(openSealed(options, last, 0)?.message)).toBe('last')
})

it('SE4 garbage of any size is dropped without an error', () => {
  const opener = createOpener(options)
  const [a] = three()
  for (const length of [0, 1, 4, 15, 16, 20, 23, 24, 1023, 1025, 40_000, ...sealedSizes])
    expect(opener.open(new Uint8Array(length))).toBeUndefined()
  for (const junk of [undefined, null, 'text', [...a], {}])
    expect(opener.open(junk as unknown as Bytes)).toBeUndefined()
  expect(opener.open(a.subarray(0, 1008))).toBeUndefined()
  expect(text(opener.open(a))).toBe('a')
})

it('SE4 what the key’s holder seals to another size, or with a length that is not so, is dropped', () => {
  const counter = new Uint8Array(4)
  const sealed = (plain: Bytes): Bytes => {
    const aad = lvCat(label('seal'), utf8Encode(options.direction), counter, options.context)
    return concat(counter, gcm(options.key, new Uint8Array(12), aad).encrypt(plain))
  }
  const plain = (size: number, length: number): Bytes => {
    const bytes = new Uint8Array(size - 20)
    new DataView(bytes.buffer).setUint32(0, length)
    return bytes
  }
  const open = (size: number, length: number) =>
    createOpener(options).open(sealed(plain(size, length)))
  const [smallest = 0] = sealedSizes
  expect(open(smallest, smallest - 24)).toHaveLength(smallest - 24)
  for (const length of [smallest - 23, smallest, 2 ** 31, 2 ** 32 - 1])
    expect(open(smallest, length)).toBeUndefined()
  for (const size of [24, 100, smallest - 1, smallest + 1, 40_000])
    expect(open(size, 0)).toBeUndefined()
})

it('SE4 one bit changed anywhere is dropped', () => {
  const [a] = three()
  fc.assert(
    fc.property(fc.nat({ max: a.length * 8 - 1 }), (bit) => {
      const altered = Uint8Array.from(a)
      altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(createOpener(options).open(altered)).toBeUndefined()
    }),
    { numRuns: tries(200) },
  )
})

it('SE4 a view into a larger buffer opens like a copy', () => {
  const [a] = three()
  const buffer = new Uint8Array(a.length + 7)
  buffer.set(a, 7)
  expect(text(createOpener(options).open(buffer.subarray(7)))).toBe('a')
})
