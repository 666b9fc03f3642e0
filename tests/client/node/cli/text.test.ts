/** CL4, CL5, CL11: what is written fits the terminal and cannot play tricks on it. */
import { createPaint, wantsColour } from '@baton/client/node/cli/paint'
import { safeLine } from '@baton/client/node/cli/safe-text'
import { linesOf } from '@baton/client/node/cli/show'
import { type Column, table } from '@baton/client/node/cli/table'
import { ago, bytes, clockLeft, shortPath, took } from '@baton/client/node/cli/units'
import { cutTo, pad, widthOf, wrap } from '@baton/client/node/cli/width'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { aRecord } from '../../../support/fake-mesh.ts'

const words = fc.stringMatching(/^[a-z 日本🐙é]{0,60}$/u)

it('CL5 width counts what the terminal draws', () => {
  expect(['abc', '日本', '🐙', '👩‍👩‍👧', 'e\u0301', ''].map(widthOf)).toEqual([3, 4, 2, 2, 1, 0])
})

it('CL5 cut and padded text has the width asked for', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 40 }), (text, columns) => {
      expect(widthOf(cutTo(text, columns))).toBeLessThanOrEqual(columns)
      expect(widthOf(pad(cutTo(text, columns), columns))).toBe(columns)
    }),
  )
})

it('CL5 wrapped lines fit, and lose no word', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 4, max: 40 }), (text, columns) => {
      const lines = wrap(text, columns)
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns)
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    }),
  )
})

it('CL5 a table fits 40 to 200 columns, whatever is in it', () => {
  const columns: Column<string[]>[] = [
    { title: 'id', value: ([id = '']) => id.slice(0, 8) },
    { title: 'title', value: ([, title = '']) => title, min: 8 },
    { title: 'size', value: ([, , size = '']) => size.slice(0, 8), align: 'right', drop: 1 },
    { title: 'project', value: ([, , , project = '']) => project, min: 8, drop: 2 },
  ]
  const rows = fc.array(fc.array(words, { minLength: 4, maxLength: 4 }), { maxLength: 8 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 40, max: 200 }), (given, room) => {
      const lines = table(given, columns, room, (text) => text)
      expect(lines).toHaveLength(given.length === 0 ? 0 : given.length + 1)
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(room)
    }),
  )
})

it('CL5 the wide column shrinks before a column goes', () => {
  const columns: Column<string>[] = [
    { title: 'a', value: (row) => row, min: 4 },
    { title: 'b', value: () => '12345678', drop: 1 },
  ]
  expect(table(['x'.repeat(60)], columns, 40, String)[1]).toBe(`${'x'.repeat(29)}…  12345678`)
  expect(table(['x'.repeat(60)], columns, 12, String)[1]).toBe(`${'x'.repeat(11)}…`)
})

it('CL5 no line of a table ends in spaces, and a column without a title where nothing stands is none', () => {
  const columns = [
    { title: 'name', value: (row: string) => row },
    { title: '', value: () => '' },
  ]
  expect(table(['a', 'longer'], columns, 40, String)).toEqual(['name', 'a', 'longer'])
  const marks = [columns[0], { title: '', value: (row: string) => (row === 'a' ? '' : 'mark') }]
  expect(table(['a', 'longer'], marks as typeof columns, 40, String)).toEqual([
    ...['name', 'a', 'longer  mark'],
  ])
})

it('CL4 NO_COLOR, a dumb terminal and a pipe get no colour', () => {
  expect(wantsColour({}, true)).toBe(true)
  expect(wantsColour({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false)
  expect(wantsColour({ TERM: 'dumb' }, true)).toBe(false)
  expect(wantsColour({}, false)).toBe(false)
  expect(wantsColour({ FORCE_COLOR: '1' }, false)).toBe(true)
})

it('CL11 what others wrote cannot move the cursor or turn around what is read', () => {
  const text = 'rm \u001b[2J\u202egnp.exe\u0007 \u200bok\r\n\u001b]0;title\u0007end'
  const record = { ...aRecord, text }
  const shown = linesOf(record, 80, createPaint(false)).join('\n')
  expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u.exec(shown.replaceAll('\n', ''))?.[0] ?? /$^/)
  expect(shown).toContain('end')
  expect(safeLine("cd '/a  b\u001b[1m'")).toBe("cd '/a  b\ufffd[1m'")
})

it('CL5 sizes and times are short', () => {
  expect([0, 999, 1000, 59_466, 999_999, 12_345_678, 5e12].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '59 kB',
    '1.0 MB',
    '12 MB',
    '5.0 TB',
  ])
  expect([0.4, 240, 1400, 59_000, 180_000].map(took)).toEqual([
    '0 ms',
    '240 ms',
    '1.4 s',
    '59.0 s',
    '3 min',
  ])
  expect([0, 59_000, 245_000].map((ms) => clockLeft(ms))).toEqual(['0:00', '0:59', '4:05'])
  const hour = 3_600_000
  expect([0, 90_000, 3 * hour, 60 * hour].map((ms) => ago(0, ms))).toEqual([
    'just now',
    '1 min ago',
    '3 h ago',
    '2 d ago',
  ])
  expect(shortPath('/home/a/x', '/home/a')).toBe('~/x')
  expect(shortPath('/home/ab/x', '/home/a')).toBe('/home/ab/x')
})
