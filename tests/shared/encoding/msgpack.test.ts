/** EN: MessagePack as written and accepted, against another implementation and hostile bytes. */
import { decode, decodeAs, encode, type Value } from '@baton/shared/encoding/msgpack'
import { isBatonError } from '@baton/shared/errors'
import { maxDecodeValues, maxDepth } from '@baton/shared/limits'
import { decode as otherDecode, encode as otherEncode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { tries } from '../../support/tries.ts'

/** The other implementation has maps with a prototype: `__proto__` is not a name to it. */
const foreign = (input: Value): boolean => /__proto__/.test(JSON.stringify(input))

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    if (isBatonError(error)) return error.code
    throw error
  }
}

const text = fc.string({ unit: 'grapheme', maxLength: 80 })
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double(),
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(text, tie('value'), { maxKeys: 20, noNullPrototype: false }),
  ),
}))

describe('encode', () => {
  it('EN1 and decode give back what was put in', () => {
    fc.assert(
      fc.property(value, (input) => {
        expect(decode(encode(input))).toStrictEqual(bare(input))
      }),
      { numRuns: tries(400) },
    )
  })

  it('EN1 writes what another implementation reads, and the reverse', () => {
    fc.assert(
      fc.property(value, (input) => {
        fc.pre(!foreign(input))
        expect(bare(otherDecode(encode(input)))).toEqual(bare(input))
        expect(decode(otherEncode(input))).toEqual(bare(input))
      }),
      { numRuns: tries(300) },
    )
  })

  it.each([
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [256, 'cd0100'],
    [65536, 'ce00010000'],
    [2 ** 32, 'cb41f0000000000000'],
    [2 ** 53 - 1, 'cb433fffffffffffff'],
    [-1, 'ff'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-129, 'd1ff7f'],
    [-32769, 'd2ffff7fff'],
    [-(2 ** 31) - 1, 'cbc1e0000000200000'],
    [-(2 ** 53) + 1, 'cbc33fffffffffffff'],
    [-0, '00'],
    [1.5, 'cb3ff8000000000000'],
    [Number.NaN, 'cb7ff8000000000000'],
    [2 ** 60, 'cb43b0000000000000'],
    ['', 'a0'],
    [{ b: 1, a: 2 }, '82a16102a16201'],
    [new Uint8Array(1), 'c40100'],
  ] as [Value, string][])('EN2 %o has one form, %s', (input, form) => {
    expect(hexOf(encode(input))).toBe(form)
    expect(decode(encode(input))).toStrictEqual(bare(input))
  })

  it('EN2 the same map has the same bytes in whatever order it was built', () => {
    const one = { z: 1, a: [2], __x: null }
    expect(encode({ __x: null, a: [2], z: 1 })).toEqual(encode(one))
  })

  it.each([
    ['undefined', undefined],
    ['a hole', new Array(2)],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a number array', new Float64Array(1)],
    ['a symbol key', { [Symbol('x')]: 1 }],
    ['a member undefined', { a: undefined }],
    ['a lone surrogate', 'x\ud800'],
    ['a key with a byte order mark', { '\ufeffa': 1 }],
    ['a long lone surrogate', `${'x'.repeat(100)}\udc00`],
    ['a cycle', cycle()],
  ])('EN1 refuses %s', (_, input) => {
    expect(codeOf(() => encode(input as Value))).toBe('invalid')
  })

  it('EN1 keeps a byte order mark at the head of a text of any length', () => {
    for (const length of [1, 20, 100, 70_000]) {
      const input = `\ufeff${'a'.repeat(length)}`
      expect(decode(encode(input))).toBe(input)
    }
  })
})

describe('decode', () => {
  it('EN4 a name like __proto__ is only a name', () => {
    const out = decode(hex('82a95f5f70726f746f5f5fc3ab636f6e7374727563746f7201')) as {
      [key: string]: Value
    }
    expect(Object.keys(out)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(out)).toBeNull()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('EN4 names that look alike stay apart', () => {
    const input = { '': 0, '\u00e9': 1, 'e\u0301': 2, '\0': 3, [`${'k'.repeat(10_000)}`]: 4 }
    expect(decode(encode(input))).toEqual(bare(input))
  })

  it.each([
    ['nothing', ''],
    ['fixext', 'd40000'],
    ['ext 8', 'c70100'],
    ['a timestamp', 'd6ff00000000'],
    ['the unused token', 'c1'],
    ['a number as key', '810101'],
    ['a byte string as key', '81c4016101'],
    ['a key twice', '82a16101a16102'],
    ['a key with a byte order mark', '81a4efbbbf6101'],
    ['a key twice in two forms', '82a16101d9016102'],
    ['something behind', '0000'],
    ['a short text', 'a5616263'],
    ['a short byte string', 'c6ffffffff00'],
    ['a long list of nothing', 'ddffffffff'],
    ['a long map of nothing', 'dfffffffff'],
    ['a cut number', 'cf000000'],
    ['an overlong text', 'a2c080'],
    ['a surrogate in text', 'a3eda080'],
    ['a cut text', 'a1c3'],
    ['a cut long text', `d91e${'61'.repeat(29)}c3`],
    ['2^53', 'cf0020000000000000'],
    ['-2^53', 'd3ffe0000000000000'],
  ])('EN3 refuses %s', (_, input) => {
    expect(codeOf(() => decode(hex(input)))).toBe('invalid')
  })

  it('EN3 takes forms an author would not write', () => {
    expect(decode(hex('cd0001'))).toBe(1)
    expect(decode(hex('d30000000000000001'))).toBe(1)
    expect(decode(hex('ca3fc00000'))).toBe(1.5)
    expect(decode(hex('dd00000001df00000001db00000001610a'))).toEqual([bare({ a: 10 })])
  })

  it('EN5 bounds depth', () => {
    const deep = (n: number) => hex(`${'91'.repeat(n)}00`)
    expect(codeOf(() => decode(deep(maxDepth)))).toBeUndefined()
    expect(codeOf(() => decode(deep(maxDepth + 1)))).toBe('too-large')
    expect(codeOf(() => decode(deep(5_000_000)))).toBe('too-large')
    const deepest = decode(deep(maxDepth))
    expect(codeOf(() => encode(deepest))).toBeUndefined()
    expect(codeOf(() => encode([deepest]))).toBe('invalid')
  })

  it('EN5 bounds bytes and values before it makes any', () => {
    expect(codeOf(() => decode(encode('four'), { maxBytes: 4 }))).toBe('too-large')
    const dense = new Uint8Array(1_000_005)
    dense.set(hex('dd000f4240'))
    expect(codeOf(() => decode(dense))).toBe('too-large')
    expect(decode(dense, { maxValues: 1_000_000 })).toHaveLength(1_000_000)
    const nested = encode(Array.from({ length: 64 }, () => new Array(maxDecodeValues / 64).fill(0)))
    expect(codeOf(() => decode(nested))).toBe('too-large')
    expect(codeOf(() => decode(nested, { maxValues: maxDecodeValues + 64 }))).toBeUndefined()
  })

  it('EN6 byte strings are plain views of the input', () => {
    const bytes = Buffer.from(encode([new Uint8Array([1, 2, 3])]))
    const [out] = decode(bytes) as [Uint8Array]
    expect(out.constructor).toBe(Uint8Array)
    bytes[bytes.length - 1] = 9
    expect([...out]).toEqual([1, 2, 9])
  })

  it('EN3 random bytes give a value or one of two errors, quickly', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect([undefined, 'invalid', 'too-large']).toContain(codeOf(() => decode(bytes)))
      }),
      { numRuns: tries(2000) },
    )
  })

  it('EN3 mutated bytes never get past the boundary', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.nat(255), (input, where, byte) => {
        const bytes = encode(input)
        bytes[where % bytes.length] = byte
        expect([undefined, 'invalid', 'too-large']).toContain(codeOf(() => decode(bytes)))
      }),
      { numRuns: tries(1000) },
    )
  })

  it('EN3 what was accepted has one canonical form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let read: Value
        try {
          read = decode(bytes)
        } catch {
          return
        }
        expect(decode(encode(read))).toStrictEqual(bare(read))
      }),
      { numRuns: tries(2000) },
    )
  })
})

it('EN8 decodeAs accepts the shape asked for and quotes nothing', () => {
  const shape = z.tuple([z.int(), z.string()])
  expect(decodeAs(shape, encode([1, 'a']))).toEqual([1, 'a'])
  try {
    decodeAs(shape, encode([1, 2, 'private']))
    expect.unreachable()
  } catch (error) {
    expect(isBatonError(error) && error.code).toBe('invalid')
    expect(String(error)).not.toContain('private')
  }
})

/** The same value as decoding gives it: maps without a prototype. */
function bare(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(bare)
  if (input instanceof Uint8Array) return new Uint8Array(input)
  if (Object.is(input, -0)) return 0
  if (typeof input !== 'object' || input === null) return input
  const out = Object.create(null) as { [key: string]: unknown }
  for (const [key, member] of Object.entries(input)) out[key] = bare(member)
  return out
}

function cycle(): Value {
  const list: Value[] = []
  list.push(list)
  return list
}
