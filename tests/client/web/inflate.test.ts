/** The page's inflate against zlib's deflate, and what damage does to it (rules PF3, PF4). */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { inflateRaw } from '@baton/client/web/inflate'
import { equalBytes } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const strategies = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FIXED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
]
const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'done'
  } catch (error) {
    return isBatonError(error) ? error.code : String(error)
  }
}

/** Bytes of few or many values, and of what repeats near and far. */
const content = fc
  .tuple(
    fc.uint8Array({ maxLength: 4000 }),
    fc.integer({ min: 1, max: 256 }),
    fc.integer({ min: 1, max: 40 }),
  )
  .map(([bytes, values, times]) => {
    const part = bytes.map((byte) => byte % values)
    return Uint8Array.from({ length: part.length * times }, (_, i) => part[i % part.length] ?? 0)
  })

it('PF3 it undoes every kind of deflating, also of what is longer than its first guess', () => {
  fc.assert(
    fc.property(
      content,
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(...strategies),
      (bytes, level, strategy) => {
        const packed = deflateRawSync(bytes, { level, strategy })
        expect(equalBytes(inflateRaw(packed, bytes.length), bytes)).toBe(true)
        expect(equalBytes(inflateRaw(packed, bytes.length + 1), bytes)).toBe(true)
      },
    ),
    { numRuns: tries(100) },
  )
  const long = new Uint8Array(3_000_000).fill(7)
  expect(equalBytes(inflateRaw(deflateRawSync(long), long.length), long)).toBe(true)
})

it('PF4 one byte less than it takes is too-large; what is cut or goes on behind its end is invalid', () => {
  fc.assert(
    fc.property(content, fc.integer({ min: 0, max: 9 }), (bytes, level) => {
      const packed = deflateRawSync(bytes, { level })
      if (bytes.length > 0)
        expect(codeOf(() => inflateRaw(packed, bytes.length - 1))).toBe('too-large')
      for (const cut of [0, 1, packed.length >> 1, packed.length - 1].filter(
        (n) => n < packed.length,
      )) {
        expect(codeOf(() => inflateRaw(packed.subarray(0, cut), bytes.length))).toBe('invalid')
      }
      expect(codeOf(() => inflateRaw(Uint8Array.of(...packed, 0), bytes.length))).toBe('invalid')
    }),
    { numRuns: tries(50) },
  )
  expect(codeOf(() => inflateRaw(Uint8Array.of(7, 255, 1), 100))).toBe('invalid')
})

it('PF4 whatever comes ends in bytes within the bound, or in a code: never in what zlib reads otherwise', () => {
  const packed = deflateRawSync(
    Buffer.from('the same words, and the same words again, and again'.repeat(20)),
  )
  const damaged = fc
    .array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const bytes = Uint8Array.from(packed)
      for (const [at, value] of changes) bytes[at] = value
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), (bytes) => {
      const bound = 5000
      let ours: Uint8Array | undefined
      try {
        ours = inflateRaw(bytes, bound)
      } catch (error) {
        expect(isBatonError(error) && ['invalid', 'too-large'].includes(error.code)).toBe(true)
      }
      let theirs: Uint8Array | undefined
      try {
        theirs = new Uint8Array(inflateRawSync(bytes, { maxOutputLength: bound }))
      } catch {
        // zlib refuses some that are incomplete and never use what they lack.
      }
      if (ours) expect(ours.length).toBeLessThanOrEqual(bound)
      if (ours && theirs) expect(equalBytes(ours, theirs)).toBe(true)
    }),
    { numRuns: tries(400) },
  )
})
