/** The hash of a page against the general one and against what is published (rule WB51). */
import { sha256 } from '@baton/client/web/sha256'
import { toHex, utf8Encode } from '@baton/shared/bytes'
import { pureSha256 } from '@baton/shared/primitives'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

it('WB51 the hashes of FIPS 180-4 and its examples', () => {
  const hash = (text: string) => toHex(sha256(utf8Encode(text)))
  expect(hash('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(hash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hash('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  )
})

it('WB51 it is what the general one gives: every length around two blocks, in any parts', () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => i * 37)
  for (let length = 0; length <= bytes.length; length++) {
    const part = bytes.subarray(0, length)
    expect(sha256(part)).toEqual(pureSha256(part))
  }
  const parts = fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 6 })
  fc.assert(
    fc.property(parts, (all) => {
      expect(sha256(...all)).toEqual(pureSha256(...all))
    }),
    { numRuns: tries(300) },
  )
})
