import { toHex, utf8Decode } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import { codeRandomBytes, makeCode, parseCode, type WordCode } from '@baton/shared/keyexchange/code'
import { makeLink } from '@baton/shared/keyexchange/code-link'
import { words } from '@baton/shared/keyexchange/words'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const failure = (text: string) => {
  try {
    parseCode(text)
  } catch (error) {
    if (isBatonError(error)) return error
  }
  throw new Error('was read')
}
const prsOf = (text: string) => utf8Decode(parseCode(text).prs)
const corrected = (text: string) => (parseCode(text) as WordCode).corrected

describe('making', () => {
  it('CD2 a code is the nameplate and three words, and reads back as itself', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999 }),
        fc.uint8Array({ minLength: codeRandomBytes, maxLength: codeRandomBytes }),
        (nameplate, random) => {
          const code = makeCode(String(nameplate), random)
          expect(code.text).toBe([nameplate, ...code.words].join('-'))
          expect(parseCode(code.text)).toEqual(code)
        },
      ),
      { numRuns: tries(50) },
    )
  })

  it('CD2 each word is drawn evenly: every one has 32 of the 65,536 draws, in every place', () => {
    const counts = [0, 1, 2].map(() => new Map<string, number>())
    for (let draw = 0; draw < 65_536; draw++) {
      const [high, low] = [draw >> 8, draw & 255]
      const { words: drawn } = makeCode('7', Uint8Array.of(high, low, high, low, high, low))
      for (const [place, word] of drawn.entries())
        counts[place]?.set(word, (counts[place].get(word) ?? 0) + 1)
    }
    for (const count of counts) {
      expect(count.size).toBe(words.length)
      expect([...count.values()].every((times) => times === 32)).toBe(true)
    }
  })

  it('CD2 too few random bytes and a nameplate that is no number are refused', () => {
    expect(() => makeCode('7', new Uint8Array(5))).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
    for (const nameplate of ['', '0', 'x', '1234567890', '-1'])
      expect(() => makeCode(nameplate, new Uint8Array(6))).toThrow(
        expect.objectContaining({ code: 'code-format' }),
      )
  })
})

describe('reading', () => {
  const plain = '7-anchor-meadow-copper'

  it.each([
    plain,
    '7 anchor meadow copper',
    '7_anchor.meadow+copper',
    ' \t7 - Anchor -  MEADOW – copper\r\n',
    '７－ＡＮＣＨＯＲ－ｍｅａｄｏｗ－ｃｏｐｐｅｒ',
    '07, anchor; meadow/copper.',
    '7anchor-meadow-copper',
    '“7-anchor-meadow-copper”',
    '7-anc\u00adhor-mea\u200bdow-copper',
    '7—anchor—meadow—copper!',
  ])('CD3 %j is the same code', (text) => {
    expect(parseCode(text)).toEqual(parseCode(plain))
    expect(prsOf(text)).toBe('anchor-meadow-copper')
    expect(corrected(text)).toEqual([])
  })

  it('CD3 the nameplate is no part of the secret', () => {
    expect(prsOf('8-anchor-meadow-copper')).toBe(prsOf(plain))
    expect(parseCode('8-anchor-meadow-copper').nameplate).toBe('8')
  })

  it('CD4 first letters and single slips are mended and flagged by position', () => {
    expect(parseCode('7-anch-meadow-copp')).toEqual({ ...parseCode(plain), corrected: [1, 3] })
    expect(parseCode('7-anchro-meadow-copper')).toEqual({ ...parseCode(plain), corrected: [1] })
    expect(parseCode('7-anchor-medow-copper')).toEqual({ ...parseCode(plain), corrected: [2] })
    expect(parseCode('7-anchor-meadow-coppper')).toEqual({ ...parseCode(plain), corrected: [3] })
  })

  it('CD5 an unknown word is refused by position, with words close to it and no other', () => {
    const error = failure('7-anchor-xqzzk-copper')
    expect(error.code).toBe('code-format')
    expect(error.message).toBe('failed to read the code: word 2 is not in the list')
    const shown = `${failure('7-anchor-meadow-crosswind').message} ${failure('7-anchor-meadow-crosswind').hint}`
    expect(shown).toContain('word 3')
    expect(shown).toContain('crossbar')
    expect(shown).not.toMatch(/anchor|meadow|crosswind/)
  })

  it('CD5 a wrong number of words, no number, and text without end are refused', () => {
    expect(failure('7-anchor-meadow').message).toContain('not 2')
    expect(failure('7-anchor-meadow-copper-anchor').message).toContain('not 4')
    expect(failure('anchor-meadow-copper').message).toContain('number')
    for (const text of ['', '7', '-', '0-anchor-meadow-copper', '7'.repeat(10), '🦊', '7-🦊-🦊-🦊'])
      expect(failure(text).code).toBe('code-format')
    expect(failure(`${plain}${' '.repeat(600)}`).code).toBe('code-format')
  })

  it('CD5 no text at all makes it fail otherwise, or quotes what was typed', () => {
    const word = fc.constantFrom(...words)
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc
        .array(fc.oneof(word, fc.string({ maxLength: 6 })), { maxLength: 5 })
        .map((p) => p.join('-')),
      fc.string({ maxLength: 60 }).map((rest) => `baton:${rest}`),
    )
    // What the messages say themselves, whatever was typed.
    const strange = [
      '',
      '7',
      'qqqq',
      '7-qqqq',
      'qqqq-wwww-zzzz',
      '7-qq-ww-zz-xx',
      'baton:',
      'baton:x',
    ]
    const own = new Set(
      strange.flatMap((typed) => {
        const { message, hint } = failure(typed)
        return `${message} ${hint}`.split(/[^a-z]+/)
      }),
    )
    fc.assert(
      fc.property(text, (typed) => {
        try {
          parseCode(typed)
        } catch (error) {
          if (!isBatonError(error) || error.code !== 'code-format') throw error
          const parts = typed.toLowerCase().split(/[^a-z]+/)
          for (const part of parts.filter((p) => words.includes(p) && !own.has(p)))
            expect(`${error.message} ${error.hint}`.split(/[^a-z]+/)).not.toContain(part)
        }
      }),
      { numRuns: tries(150) },
    )
  })
})

describe('links', () => {
  const secret = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 ^ (i * 37))
  const code = { nameplate: '412', prs: secret, server: 'https://signal.example.org' }
  const link = makeLink(code)
  const body = link.slice('baton:'.length)

  it.each([
    'https://signal.example.org',
    'https://signal.example.org:8443/baton/v1',
    'http://192.168.1.5:8787',
    'http://[fe80::1]:8787',
    'http://localhost:3000',
    'https://a-b.example',
  ])('CD7 a link to %s reads back as itself', (server) => {
    expect(parseCode(makeLink({ ...code, server }))).toEqual({ ...code, method: 'qr', server })
    const page = makeLink({ ...code, server }, 'https://page.example/p')
    expect(page).toMatch(/^https:\/\/page\.example\/p#/)
    expect(parseCode(page)).toEqual({ ...code, method: 'qr', server })
  })

  it('CD7 the secret stands behind the hash of a URL, and the text fits a small QR code', () => {
    expect(makeLink(code, 'https://page.example/p').split('#')[0]).toBe('https://page.example/p')
    const long = { ...code, nameplate: '123456789', server: `https://${'a'.repeat(63)}.org` }
    expect(makeLink(long)).toHaveLength(106)
  })

  it('CD7 case, blanks and slashes around a link do not matter', () => {
    for (const text of [
      ` ${link}\n`,
      `BATON:${body}`,
      `baton://${body}`,
      `baton:#${body}`,
      `${link}/`,
    ])
      expect(parseCode(text)).toEqual({ ...code, method: 'qr' })
    const upper = makeLink({ ...code, server: 'HTTPS://Signal.Example.ORG/' })
    expect(upper).toBe(link)
  })

  it.each([
    ['no service', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.'],
    ['a user in the service', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.me@evil.example'],
    ['a query', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.a.example?x=1'],
    ['a second fragment', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.a.example#x'],
    ['another scheme', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.javascript://a'],
    ['a blank', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.a example'],
    ['a port beyond the last', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.a.example:65536'],
    ['dots in a row', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.a..example'],
    ['an escape', 'baton:412.AAAAAAAAAAAAAAAAAAAAAA.a.example/%2e%2e'],
    ['a short secret', 'baton:412.AAAAAAAAAAAAAAAAAAAAA.a.example'],
    ['a long secret', 'baton:412.AAAAAAAAAAAAAAAAAAAAAAA.a.example'],
    ['stray bits', 'baton:412.AAAAAAAAAAAAAAAAAAAAAB.a.example'],
    ['no number', 'baton:x.AAAAAAAAAAAAAAAAAAAAAA.a.example'],
    ['words', 'baton:7-anchor-meadow-copper'],
    ['a page without fragment', 'https://page.example/p'],
    ['the secret in the query', 'https://page.example/p?412.AAAAAAAAAAAAAAAAAAAAAA.a.example'],
    ['no end', `baton:412.AAAAAAAAAAAAAAAAAAAAAA.${'a'.repeat(600)}`],
  ])('CD8 a link with %s is refused and not quoted', (_, text) => {
    const error = failure(text)
    expect(error.code).toBe('code-format')
    expect(`${error.message} ${error.hint}`).not.toMatch(/AAAA|evil|412|anchor/)
  })

  it('CD8 nothing can be made that would not be read', () => {
    for (const change of [
      { nameplate: '0' },
      { nameplate: '4a' },
      { prs: secret.subarray(1) },
      { server: 'ftp://a.example' },
      { server: 'https://me@a.example' },
      { server: 'a.example' },
      { server: `https://${'a'.repeat(300)}` },
    ])
      expect(() => makeLink({ ...code, ...change })).toThrow(
        expect.objectContaining({ code: 'invalid' }),
      )
  })

  it('CD8 words and a link are told apart, so the method of a code is never in doubt', () => {
    expect(parseCode('7-anchor-meadow-copper').method).toBe('words')
    expect(parseCode(link).method).toBe('qr')
    expect(toHex(parseCode(link).prs)).toBe(toHex(secret))
  })
})
