import {
  carriedParts,
  encodeProjectDir,
  isRecordFile,
  parseSessionId,
} from '@baton/client/node/sources/claude-code/layout'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../../../support/tries.ts'

it.each([
  ['/tmp/x/work A/my.project_x', '-tmp-x-work-A-my-project-x'],
  ['/home/me/é', '-home-me--'],
  ['/home/me/🙂', '-home-me---'],
  ['C:\\Users\\me\\p', 'C--Users-me-p'],
  [`/${'a'.repeat(199)}`, `-${'a'.repeat(199)}`],
])('PL7 the folder of %s is %s', (path, folder) => {
  expect(encodeProjectDir(path)).toBe(folder)
})

it('PL7 beyond 200 units the name is cut and hashed, over the path as it is', () => {
  const path = `/home/${'deep/'.repeat(50)}end`
  const folder = encodeProjectDir(path)
  expect(folder).toBe(`${path.replace(/\//g, '-').slice(0, 200)}-${hashOf(path)}`)
  expect(encodeProjectDir(path.replace('end', 'eng'))).not.toBe(folder)
})

/** String.hashCode of Java in base 36, by another way than the code: with big integers. */
function hashOf(path: string): string {
  let hash = 0n
  for (let i = 0; i < path.length; i++) {
    hash = BigInt.asIntN(32, hash * 31n + BigInt(path.charCodeAt(i)))
  }
  return (hash < 0n ? -hash : hash).toString(36)
}

it.each([
  ...['../../../etc/passwd', '', 'abc', '1234', '*'],
  ...['b1946ac9-2492-4d23-9f0a-6f6b1d1b0000/..', 'b1946ac9-2492-4d23-9f0a-6f6b1d1b000'],
  ...['b1946ac9-2492-4d23-9f0a-6f6b1d1b0000\n', 'b1946ac924924d239f0a6f6b1d1b0000'],
])('SO4 %j is no session id', (id) => {
  expect(() => parseSessionId(id)).toThrow(expect.objectContaining({ code: 'invalid' }))
})

it('SO4 a UUID is a session id', () => {
  const id = 'b1946ac9-2492-4d23-9f0a-6f6b1d1b0000'
  expect(parseSessionId(id)).toBe(id)
})

it.each([
  ...['', '/etc/passwd', '../x', 'a/../b', 'a//b', 'a/', './a', '.hidden', 'a/.credentials.json'],
  ...['a\\b', 'C:x', 'a:stream', 'nul', 'COM1.txt', 'a/aux.md', 'trailing.', 'blank ', 'a\u0000b'],
  ...[
    'line\nbreak',
    'rtl\u202etxt',
    'a/history.jsonl',
    'a/.claude.json',
    'q?',
    'a/b/c/d/e/f/g/h/i',
  ],
  ...['sessions/1.json', 'x'.repeat(129)],
  'hi\u017ftory.jsonl',
  'COM\u00b9',
])('SO5 %j is not carried', (file) => {
  expect(carriedParts(file)).toBeUndefined()
})

it.each([
  ['subagents/agent-a2898e3.jsonl', true],
  ['subagents/workflows/run-1/agent-0.jsonl', true],
  ['subagents/agent-a2898e3.meta.json', false],
  ['tool-results/bd1f.txt', false],
  ['workflows/run.jsonl', false],
  ['tool-results/résumé 🙂.txt', false],
])('SO5 %j is carried; made of records: %s', (file, records) => {
  const parts = carriedParts(file)
  expect(parts).toEqual(file.split('/'))
  expect(isRecordFile(parts ?? [])).toBe(records)
})

/** Any code point; fast-check's own `binary` first lists all of Unicode, which takes a second. */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map((at) => String.fromCodePoint(at))

it('SO5 no carried path leads out of its folder on any platform', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 30 }), (file) => {
      for (const part of carriedParts(file) ?? []) {
        expect(part).not.toMatch(/[\\/:]|^\.{1,2}$/)
      }
    }),
    { numRuns: tries(150) },
  )
})
