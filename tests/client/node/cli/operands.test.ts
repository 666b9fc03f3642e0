/** CL38: ids that begin with a dash are no options. */
import { asTyped, disguise } from '@baton/client/node/cli/operands'
import { expect, it } from 'vitest'

it('CL38 an id that begins with a dash goes past the parser, and options do not', () => {
  const ids = ['-bdsdsbW', '-bdsdsbWtRH1T_x-9', '-_IE4x-Fq']
  for (const id of ids) {
    const [word = ''] = disguise([id])
    expect(word.startsWith('-')).toBe(false)
    expect(asTyped(word)).toBe(id)
  }
  const options = ['-a', '-ay', '--json', '--carry-only', '-', '--', 'b_I4LF7l', 'a-b-c-d-e']
  expect(disguise(options)).toEqual(options)
  expect(options.map(asTyped)).toEqual(options)
})
