/** RT2: address literals, held against Node's own parser. */
import { isIP } from 'node:net'
import { isUnicast, parseIp } from '@baton/shared/protocol/ip'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

it('RT2 reads exactly what the platform calls an address', () => {
  const messy = fc
    .array(fc.constantFrom('1', '0', 'ff', 'abcd', '255', '256', '12345', ':', '::', '.', 'g'), {
      maxLength: 18,
    })
    .map((parts) => parts.join(''))
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), messy)
  fc.assert(
    fc.property(text, (address) => {
      expect(parseIp(address)?.length === 16 ? 6 : parseIp(address) ? 4 : 0).toBe(isIP(address))
    }),
    { numRuns: tries(2000) },
  )
})

it.each([
  ['0.0.0.0', false],
  ['0.1.2.3', false],
  ['224.0.0.251', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::ffff:0.0.0.0', false],
  ['::ffff:224.0.0.1', false],
  ['::1.2.3.4', false],
  ['ff02::fb', false],
  ['::1', true],
  ['127.0.0.1', true],
  ['::ffff:10.0.0.1', true],
  ['fe80::1', true],
  ['64:ff9b::c000:201', true],
])('RT2 %s names one host: %s', (address, unicast) => {
  expect(isUnicast(parseIp(address) ?? new Uint8Array(4))).toBe(unicast)
})
