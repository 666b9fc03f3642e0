import {
  replaceValues,
  scanMembers,
  stringValue,
  wantKeys,
} from '@baton/client/node/sources/claude-code/json-members'
import { utf8Encode } from '@baton/shared/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../../../support/tries.ts'

const names = ['type', 'uuid']
const wanted = wantKeys(names)
const scan = (text: string) => scanMembers(utf8Encode(text), wanted)
const values = (text: string) =>
  scan(text)?.map(({ key, start, end }) => [
    key,
    Buffer.from(utf8Encode(text)).subarray(start, end).toString(),
  ])

it('PL3 an object that JSON.parse reads has the members JSON.parse sees', () => {
  const key = fc.oneof(fc.constantFrom('type', 'uuid', '__proto__', 'ty"pe', 'typ'), fc.string())
  const object = fc.dictionary(key, fc.jsonValue(), { maxKeys: 6 })
  const space = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(object, space, (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      const parsed = JSON.parse(text) as Record<string, unknown>
      const seen = Object.fromEntries(
        (values(text) ?? []).map(([k, v]) => [k, JSON.parse(v as string)]),
      )
      for (const name of names) {
        expect(Object.hasOwn(seen, name)).toBe(Object.hasOwn(parsed, name))
        expect(JSON.stringify(seen[name])).toBe(JSON.stringify(parsed[name]))
      }
    }),
    { numRuns: tries(500) },
  )
})

it('PL3 escapes, doubles, blanks and a byte order mark hide no key', () => {
  expect(values('{"\\u0074ype":1,"t\\u0079pe":"\\u0061"}')).toEqual([
    ['type', '1'],
    ['type', '"\\u0061"'],
  ])
  expect(values('\ufeff \t{ "a\\"b" : {"type":2} , "type" :\n[1,"]}"] } \r')).toEqual([
    ['type', '[1,"]}"]'],
  ])
  const [member] = scan('{"type":"\\u0061\\"b"}') ?? []
  expect(member && stringValue(utf8Encode('{"type":"\\u0061\\"b"}'), member)).toBe('a"b')
})

it.each([
  ...['', ' ', 'null', '[]', '"x"', '{', '{"type"', '{"type":', '{"type":"a', '{"type":{"a":1}'],
  ...['{"a":1}{"type":"x"}', '{"a":1}\r{"type":"x"}', '{"a":\r1}', 'x{"type":1}', '{"a":1} x'],
  ...['{"a":1,}x', '{a:1}', '{"a" 1}', '\0\0\0'],
])('PL3 %j is not one object', (text) => {
  expect(scan(text)).toBeUndefined()
})

it('PL3 any bytes at all end the scan', () => {
  const soup = fc.array(fc.constantFrom(...'{}[]":,\\u0type 1\n'), { maxLength: 40 })
  fc.assert(
    fc.property(soup, (chars) => {
      const text = chars.join('')
      const found = scan(text)
      let parsed: unknown
      try {
        parsed = JSON.parse(text)
      } catch {
        return
      }
      const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      if (isObject) expect(found).toBeDefined()
    }),
    { numRuns: tries(2000) },
  )
})

it('PL3 replacing a value leaves every other byte', () => {
  const text = '{"uuid":"é","n":9007199254740993,"type":"x","uuid":"y"}'
  const line = utf8Encode(text)
  const members = scanMembers(line, wanted) ?? []
  const edits = members.filter(({ key }) => key === 'uuid').map((member) => [member, '7'] as const)
  expect(Buffer.from(replaceValues(line, edits)).toString()).toBe(
    '{"uuid":7,"n":9007199254740993,"type":"x","uuid":7}',
  )
})
