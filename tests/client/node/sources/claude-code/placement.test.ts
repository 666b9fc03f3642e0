import { readFileSync } from 'node:fs'
import { encodeState } from '@baton/client/node/sources/claude-code/placed-state'
import { createPlacement, droppedTypes } from '@baton/client/node/sources/claude-code/placement'
import { type Bytes, utf8Encode } from '@baton/shared/bytes'
import { expect, it } from 'vitest'
import { createDice } from '../../../../support/corpus/dice.ts'
import { createPen, type Json, settingRecords } from '../../../../support/corpus/records.ts'
import { createDesk, turn } from '../../../../support/corpus/turns.ts'

const line = (value: Json): Bytes => utf8Encode(JSON.stringify(value))
const textOf = (bytes: Bytes) => Buffer.from(bytes).toString()

function place(values: readonly (Json | string)[], options: { as?: string; main?: boolean } = {}) {
  const placement = createPlacement({ main: options.main ?? true, as: options.as })
  const lines = values.map((value) => (typeof value === 'string' ? utf8Encode(value) : line(value)))
  const placed = [...lines.flatMap((each) => placement.step(each)), ...placement.end()]
  return { placed: placed.map(textOf), counts: placement.counts, placement }
}

const user = (uuid: string, parentUuid: string | null, more: Json = {}): Json => ({
  parentUuid,
  type: 'user',
  uuid,
  message: { role: 'user', content: `said ${uuid}` },
  ...more,
})

it.each([...droppedTypes.keys()])('PL1 %s is left out and counted', (type) => {
  const { placed, counts } = place([user('a', null), { type, sessionId: 's' }, user('b', 'a')])
  expect(placed).toHaveLength(2)
  expect(counts).toEqual({ [type]: 1 })
})

it('PL1 what is left out is what the rules name', () => {
  const text = readFileSync(new URL('../../../../../shared/SPEC.md', import.meta.url), 'utf8')
  const named = /\nLeft out:(.*?)\nChanged:/s.exec(text)?.[1] ?? ''
  const types = [...named.matchAll(/`([a-z-]+)`/g)].map(([, type]) => type)
  expect([...droppedTypes.keys()].sort()).toEqual(types.sort())
})

it('PL1 a dropped type is known however it is spelled', () => {
  const spellings = [
    '{"type":"permission\\u002dmode","permissionMode":"plan"}',
    '{"type":"user","\\u0074ype":"permission-mode"}',
    ' \t{ "sessionId" : {}, "type" : "permission-mode" }',
    '\ufeff{"type":"permission-mode"}',
  ]
  expect(place([user('a', null), ...spellings]).counts).toEqual({ 'permission-mode': 4 })
})

it('PL1 the corpus keeps nothing that is live, machine or account bound', () => {
  const pen = createPen(createDice(1), { generation: '2.1.329', session: 's', cwd: '/w' })
  const { placed } = place([...turn(pen, createDesk(pen.dice, '/w')), ...settingRecords(pen)])
  const types = new Set(placed.map((text) => (JSON.parse(text) as { type: string }).type))
  for (const type of droppedTypes.keys()) expect(types).not.toContain(type)
  expect([...types]).toContain('frame-link')
  expect([...types].some((type) => type.startsWith('later-'))).toBe(true)
})

it('PL2 permissionMode becomes default, and no other byte changes', () => {
  const text =
    '{"n":9007199254740993, "permissionMode":"bypassPermissions","type":"user","u":"\\u00e9"}'
  const { placed, counts } = place([text, text.replace('bypassPermissions', 'default')])
  expect(placed[0]).toBe(text.replace('bypassPermissions', 'default'))
  expect(placed[1]).toBe(text.replace('bypassPermissions', 'default'))
  expect(counts).toEqual({ permissionMode: 1 })
})

it('PL2 an attachment that lets tools run unasked is emptied, keeping its place in the chain', () => {
  const grant = { type: 'command_permissions', allowedTools: ['Bash(*)'], model: 'x' }
  const record = { uuid: 'b', parentUuid: 'a', type: 'attachment', attachment: grant }
  const { placed, counts } = place([user('a', null), record])
  expect(JSON.parse(placed[1] as string)).toEqual({
    ...record,
    attachment: { type: 'command_permissions', allowedTools: [] },
  })
  expect(counts).toEqual({ command_permissions: 1 })
  const none = { ...record, attachment: { type: 'command_permissions', allowedTools: [] } }
  expect(place([user('a', null), none]).counts).toEqual({})
})

it('PL3 a line that is not touched is the very same bytes', () => {
  const placement = createPlacement({ main: true, as: undefined })
  const bytes = line(user('a', null))
  expect(placement.step(bytes)[0]).toBe(bytes)
})

it('PL3 what is no object with a type is left out of the placed file', () => {
  const junk = [
    '',
    'x',
    '[]',
    '{"no":"type"}',
    '{"type":7}',
    '{"type":"user"',
    '{"a":1}\r{"type":"mode"}',
  ]
  const { placed, counts } = place([user('a', null), ...junk])
  expect(placed).toHaveLength(1)
  expect(counts).toEqual({ unreadable: junk.length })
})

it.each(['\u2028', '\u2029', '\u0085', '\v', '\f', '\u001e'])(
  'PL3 no record hides between two %j, where some readers end a line',
  (end) => {
    const setting = '{"type":"permission-mode","permissionMode":"bypassPermissions"}'
    const around = (text: string) => [
      `{"type":"user","x":[${end}${text}${end}]}`,
      `{"type":"user","x":["${end}${text}${end}"]}`,
      `{"type":"user","x":${end}${text}${end}}`,
      `{"x":[1${end}${text}${end}1],"type":"user"}`,
    ]
    const hidden = [setting, setting.slice(1, -1), `[}${setting}{]`].flatMap(around)
    const { placed } = place([user('a', null), ...hidden])
    expect(placed).toHaveLength(1)
    // In a string such a character is text like any other.
    const spoken = JSON.stringify({ type: 'user', said: `${end}${setting}${end}` })
    expect(place([spoken]).placed).toEqual([spoken])
  },
)

it('PL4 children of a dropped record hang on its nearest kept ancestor', () => {
  const gone = (uuid: string, parentUuid: string | null): Json => ({
    ...user(uuid, parentUuid),
    type: 'relocated',
  })
  const { placed } = place([
    user('a', null),
    gone('b', 'a'),
    gone('c', 'b'),
    user('d', 'c', { logicalParentUuid: 'b' }),
    gone('e', null),
    user('f', 'e'),
    { type: 'last-prompt', lastPrompt: 'x', leafUuid: 'c' },
  ])
  const records = placed.map((text) => JSON.parse(text) as Json)
  expect(records[1]).toMatchObject({ uuid: 'd', parentUuid: 'a', logicalParentUuid: 'a' })
  expect(records[2]).toMatchObject({ uuid: 'f', parentUuid: null })
  expect(records[3]).toMatchObject({ leafUuid: 'a' })
})

it('PL4 what was dropped is remembered over a stop, and the memory is bounded', () => {
  const first = createPlacement({ main: true, as: undefined })
  first.step(line(user('a', null)))
  for (let i = 0; i < 5000; i++) {
    first.step(line({ ...user(`x${i}`.padEnd(64, 'y'), 'a'.repeat(80)), type: 'relocated' }))
  }
  first.step(line({ ...user('b', 'a'), type: 'relocated' }))
  const state = first.state()
  expect(encodeState({ project: '/'.repeat(4096), ...state }).length).toBeLessThan(64 * 1024)
  const second = createPlacement({ main: true, as: undefined, state })
  expect(textOf(second.step(line(user('c', 'b')))[0] as Bytes)).toContain('"parentUuid":"a"')
})

it('PL5 the first line is an ordinary record; what came before it follows it', () => {
  const notes: Json[] = [
    { type: 'summary', summary: 's', leafUuid: 'gone' },
    { type: 'pr-link', prNumber: 1 },
    { type: 'custom-title', customTitle: 't' },
  ]
  const { placed } = place([...notes, user('a', null), user('b', 'a')])
  const order = placed.map((text) => (JSON.parse(text) as { type: string }).type)
  expect(order).toEqual(['user', 'summary', 'pr-link', 'custom-title', 'user'])
  expect(place(notes).placed).toHaveLength(3)
  expect(place(notes, { main: false }).placed).toEqual(notes.map((note) => JSON.stringify(note)))
})

it('PL6 a branch gets its id in every record, and in no text', () => {
  const as = '22222222-2222-4222-8222-222222222222'
  const old = '11111111-1111-4111-8111-111111111111'
  const record = user('a', null, { sessionId: old, session_id: old, nested: { sessionId: old } })
  const { placed } = place([record], { as })
  expect(JSON.parse(placed[0] as string)).toEqual({ ...record, sessionId: as, session_id: as })
  expect(place([record]).placed).toEqual([JSON.stringify(record)])
})
