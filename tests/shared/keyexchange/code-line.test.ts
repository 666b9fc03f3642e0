/** CL7: a code as it is typed. SEC-46, SEC-47 at the surface. */

import { codeRandomBytes, makeCode, parseCode } from '@baton/shared/keyexchange/code'
import { type CodeLine, emptyCode, typeCode } from '@baton/shared/keyexchange/code-line'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

const typed = (keys: readonly string[]): CodeLine => keys.reduce(typeCode, emptyCode)
const codes = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.uint8Array({ minLength: 6, maxLength: 6 }))
  .map(([nameplate, random]) => makeCode(String(nameplate), random.subarray(0, codeRandomBytes)))

it('CL7 four letters and a blank are enough for a word', () => {
  fc.assert(
    fc.property(codes, (code) => {
      const short = [code.nameplate, ...code.words.map((word) => word.slice(0, 4))].join(' ')
      const line = typed([...short])
      expect(line.complete).toBe(true)
      expect(parseCode(line.text + line.ghost)).toMatchObject({ text: code.text })
    }),
  )
})

it('CL7 case, separators, wide digits and pasting make no difference', () => {
  const code = makeCode('42', Uint8Array.of(1, 2, 3, 4, 5, 6))
  const loud = code.text.toUpperCase().replaceAll('-', ' _ ').replace('42', '４２')
  for (const keys of [[...loud], [loud], [code.text]]) {
    const line = typed(keys)
    expect(parseCode(line.text)).toMatchObject({ text: code.text })
    expect(line.complete).toBe(true)
  }
})

it('CL7 what fits is offered, what fits nothing is told', () => {
  const [word = ''] = makeCode('7', new Uint8Array(6)).words
  const begun = typed(['7', '-', ...word.slice(0, 1)])
  expect(begun.note).toContain(word)
  expect(begun.complete).toBe(false)
  expect(typed(['7', '-', 'q', 'q', 'q']).note).toBe('no word of a code starts like this')
  expect(typed(['x']).note).toBe('a code starts with a number')
})

it('CL7 Tab completes, Backspace takes back, and nothing is complete too early', () => {
  const code = makeCode('7', Uint8Array.of(9, 9, 9, 9, 9, 9))
  const [first = ''] = code.words
  const line = typed(['7', ' ', ...first.slice(0, 4), 'tab'])
  expect(line.text).toBe(`7-${first}-`)
  expect(line.complete).toBe(false)
  expect(typeCode(line, 'backspace').text).toBe(`7-${first}`)
  expect(typeCode(line, 'clear')).toEqual(emptyCode)
})

it('CL7 a link is taken as it is', () => {
  const link = 'baton:412.q83vEjRWeJCrze8SNFZ4kA.signal.example.org'
  expect(typed([link])).toMatchObject({ text: link, complete: true })
  expect(typed([...link])).toMatchObject({ text: link, complete: true })
})
