import { leb128, lvCat } from '@baton/shared/encoding/lv'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

// Values from draft-irtf-cfrg-cpace-21, appendix on lv_cat and prepend_len.
it('EN7 lengths are LEB128', () => {
  expect(hexOf(leb128(0))).toBe('00')
  expect(hexOf(leb128(127))).toBe('7f')
  expect(hexOf(leb128(128))).toBe('8001')
  expect(hexOf(leb128(16384))).toBe('808001')
  expect(hexOf(lvCat(Buffer.from('1234'), Buffer.from('5'), new Uint8Array()))).toBe(
    '0431323334013500',
  )
})

it('EN7 different lists never meet', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 3, max: 3 }), { maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const same = JSON.stringify(a.map(hexOf)) === JSON.stringify(b.map(hexOf))
      expect(hexOf(lvCat(...a)) === hexOf(lvCat(...b))).toBe(same)
    }),
  )
})
