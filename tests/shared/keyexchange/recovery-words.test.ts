/** RK: a recovery key as words and as a link. */

import {
  parseRecovery,
  recoveryKeyOf,
  recoveryLinkOf,
  recoveryWordsOf,
} from '@baton/shared/keyexchange/recovery-words'
import { checkDeviceKey, pureVerify, signWith } from '@baton/shared/keyexchange/signature'
import { words } from '@baton/shared/keyexchange/words'
import { pureSha256 } from '@baton/shared/primitives'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const secret = Uint8Array.from({ length: 16 }, (_, i) => i * 17)
const wordsOf = (bytes: Uint8Array) => recoveryWordsOf(pureSha256, bytes)
const read = (text: string) => parseRecovery(pureSha256, text)
const any = fc.uint8Array({ minLength: 16, maxLength: 16 })

it('RK1 thirteen words of the list, and a link, read to the bytes they were made of', () => {
  fc.assert(
    fc.property(any, (bytes) => {
      const shown = wordsOf(bytes)
      expect(shown).toHaveLength(13)
      expect(shown.every((word) => words.includes(word))).toBe(true)
      expect(read(shown.join(' '))).toEqual(bytes)
      expect(read(recoveryLinkOf(bytes))).toEqual(bytes)
    }),
    { numRuns: tries(60) },
  )
  expect(() => wordsOf(secret.slice(1))).toThrow(expect.objectContaining({ code: 'invalid' }))
})

it('RK1 the words of a secret and the key of it never change', () => {
  expect(wordsOf(secret).join(' ')).toMatchInlineSnapshot(
    `"ability midday mongoose meteor freeway dinner canteen culture routine hideaway lettuce zipper postcard"`,
  )
  const { seed, key } = recoveryKeyOf(secret)
  expect(Buffer.from(key).toString('hex')).toMatchInlineSnapshot(
    `"11b0b9e4e76769bb12c97b100a34598d93e6581235832868d07f567d508ece53"`,
  )
  checkDeviceKey(key)
  const message = new Uint8Array([1, 2, 3])
  expect(pureVerify(key, message, signWith(seed, message))).toBe(true)
})

it('RK2 case, separators, numbers beside the words, four letters and one slip are forgiven', () => {
  const shown = wordsOf(secret)
  const forms = [
    shown.map((word) => word.toUpperCase()).join('-'),
    shown.map((word, i) => `${i + 1}. ${word}`).join('\n'),
    shown.map((word) => word.slice(0, 4)).join(', '),
    shown.map((word, i) => (i === 3 ? `${word.slice(0, -1)}${word.at(-1)}x` : word)).join(' '),
    `  ${recoveryLinkOf(secret).replace('baton', 'BATON')} `,
  ]
  for (const form of forms) expect(read(form)).toEqual(secret)
})

it('RK2 a wrong word, one left out and two exchanged are told, and what was typed is not', () => {
  const shown = [...wordsOf(secret)]
  const failure = (text: string) => {
    try {
      read(text)
    } catch (error) {
      return error as Error & { code: string; hint: string }
    }
    throw new Error('it was read')
  }
  const wrong = failure(shown.with(4, 'qqqqqqq').join(' '))
  expect(wrong).toMatchObject({ code: 'code-format', message: expect.stringContaining('word 5 ') })
  const short = failure(shown.slice(1).join(' '))
  expect(short.message).toContain('13 words, not 12')
  const exchanged = failure(
    shown
      .with(0, shown[1] as string)
      .with(1, shown[0] as string)
      .join(' '),
  )
  expect(exchanged.message).toContain('elsewhere')
  expect(failure('baton-recovery:AAAA').message).toContain('damaged')
  expect(failure('x'.repeat(600)).message).toContain('too long')
  for (const { message, hint } of [wrong, short, exchanged]) {
    for (const word of [...shown, 'qqqqqqq']) expect(`${message} ${hint}`).not.toContain(` ${word}`)
  }
})

it('RK2 of a thousand slips to another word of the list next to none is read', () => {
  let passed = 0
  const shown = wordsOf(secret)
  for (let at = 0; at < 1000; at++) {
    const other = words[(at * 2039 + 5) % 2048] as string
    if (shown[at % 13] === other) continue
    try {
      read(shown.with(at % 13, other).join(' '))
      passed += 1
    } catch {
      // What lands here: the check that failed.
    }
  }
  expect(passed).toBeLessThanOrEqual(1)
})
