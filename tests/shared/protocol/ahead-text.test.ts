/** TF1: text between what is signed and what was said. */
import { aheadFrameBytes } from '@baton/shared/limits'
import { isWellFormed, utf8Bytes } from '@baton/shared/model/stream-text'
import { createAheadText } from '@baton/shared/protocol/ahead-text'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const words = fc.string({ unit: 'grapheme', maxLength: 12 }).filter(isWellFormed)

it('TF1 what follows any place between two code points is what was added behind it', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.array(words), fc.nat(), fc.nat(60), (from, parts, cut, most) => {
      const text = createAheadText(from)
      for (const part of parts) text.add(part)
      const points = [...parts.join('')]
      const before = points.slice(0, cut % (points.length + 1)).join('')
      const offset = from + utf8Bytes(before)
      const rest = parts.join('').slice(before.length)
      expect(text.after(offset)).toBe(rest)
      const some = text.after(offset, most) ?? ''
      expect(rest.startsWith(some) && utf8Bytes(some) <= most).toBe(true)
      const [next] = rest.slice(some.length)
      if (next) expect(utf8Bytes(some + [...rest.slice(some.length)][0])).toBeGreaterThan(most)
      text.drop(offset)
      expect([text.from, text.after(offset), text.upTo]).toEqual([
        ...[offset, rest, from + utf8Bytes(parts.join(''))],
      ])
    }),
    { numRuns: tries(300) },
  )
})

it('TF1 a place inside a code point, before its beginning or behind its end gives nothing', () => {
  const text = createAheadText(10)
  text.add('a😀b')
  for (const offset of [9, 12, 13, 14, 17]) expect(text.after(offset)).toBeUndefined()
  expect([text.after(11), text.after(15), text.after(16)]).toEqual(['😀b', 'b', ''])
  text.drop(13)
  expect([text.from, text.after(15), text.after(16)]).toEqual([16, undefined, ''])
  text.drop(40)
  expect([text.from, text.upTo, text.cost, text.after(40)]).toEqual([40, 40, 0, ''])
  text.add('on')
  expect(text.after(40)).toBe('on')
})

it('TF1 a long text is held in parts, none of them cut inside a pair', () => {
  const long = `x${'😀'.repeat(aheadFrameBytes)}`
  const text = createAheadText(0)
  text.add(long)
  expect(text.after(0)).toBe(long)
  const first = text.after(0, aheadFrameBytes) ?? ''
  expect(isWellFormed(first)).toBe(true)
  expect(utf8Bytes(first)).toBeGreaterThan(aheadFrameBytes - 4)
})
