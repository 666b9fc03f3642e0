/** CL17, CL18: `baton recovery`, and where its words are shown and come from. */
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { DeviceRow, RecoveryRow } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { recovery } from '@baton/client/node/cli/recovery'
import { makePaper, typeState, typeWord } from '@baton/client/node/cli/recovery-words'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { widthOf } from '@baton/client/node/cli/width'
import { expect, it } from 'vitest'
import { alice, aliceId, bob, bobId } from '../../../support/fake-mesh.ts'

interface Setting {
  readonly rows?: readonly DeviceRow[]
  readonly keys?: readonly RecoveryRow[]
  /** What is piped in, where no terminal is. */
  readonly piped?: string
  /** By what a person sees, what they press. */
  readonly answers?: readonly (readonly [RegExp, string])[]
  readonly json?: boolean
}

function world({ rows = [alice, bob], keys = [], piped, answers, json = false }: Setting = {}) {
  const asked: unknown[][] = []
  const isTTY = answers !== undefined
  const stdin = Object.assign(new PassThrough(), {
    isTTY,
    isRaw: false,
    setRawMode: () => undefined,
  })
  if (piped !== undefined) stdin.end(piped)
  const screen = () => Object.assign(new PassThrough(), { isTTY, columns: 60 })
  const [stdout, stderr] = [screen(), screen()]
  const said = { out: '', err: '' }
  stdout.on('data', (part: Buffer) => (said.out += part.toString()))
  const left = [...(answers ?? [])]
  let seen = 0
  stderr.on('data', (part: Buffer) => {
    said.err += part.toString()
    const next = left[0]
    if (!next?.[0].test(said.err.slice(seen))) return
    left.shift()
    seen = said.err.length
    // Nobody types before the question is out.
    setImmediate(() => stdin.write(next[1]))
  })
  const terminal = createTerminal({ stdin, stdout, stderr, env: {}, json, quiet: false } as never)
  const control = {
    devices: async () => rows,
    async call(name: string, request: object) {
      if (name === 'recoveryKeys') return keys
      asked.push([name, request])
      return {}
    },
  }
  const context = { terminal, control: () => control, now: () => 3_600_000 } as unknown as Context
  return { context, said, asked }
}

const paper = makePaper()
const row = (more: Partial<RecoveryRow> = {}): RecoveryRow => ({
  id: paper.key,
  short: paper.key.slice(0, 8),
  by: aliceId,
  at: 0,
  ended: undefined,
  ...more,
})
const spoken = paper.words.join(' ')
const removedBy = (by: DeviceRow, device: DeviceRow): DeviceRow => ({
  ...device,
  state: 'removed',
  removed: { by: by.id, at: 0 },
})

it('CL17 fresh words are shown once, as a list or a QR code, and wiped; only the public key is told', async () => {
  const { context, said, asked } = world({
    answers: [
      [/Written down/, 'q'],
      [/▀|█/, 'y'],
    ],
  })
  await recovery(context, 'make', undefined, {})
  expect(asked).toEqual([['recoveryName', { key: expect.stringMatching(/^[\w-]{43}$/) }]])
  expect(said.err).toMatch(/ {3}1 {2}.*[a-z]{4,8}/)
  expect(said.err).toMatch(/ {2}13 {2}.*[a-z]{4,8}/)
  // Each line of what was drawn is erased, up to the first.
  const [drawn = ''] = said.err.split('\r\u001b[2K\u001b[1A')
  const lines = drawn.split('\n').length
  expect(said.err).toContain(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(lines - 1)}`)
  expect(said.out).toBe('')
})

it('CL17 a no changes nothing; nobody to ask, or --json, is usage without --reveal', async () => {
  const no = world({ answers: [[/Written down/, 'n']] })
  await expect(recovery(no.context, 'make', undefined, {})).rejects.toMatchObject({
    code: 'cancelled',
  })
  for (const setting of [{ piped: '' }, { json: true, answers: [] }] as const) {
    const { context, said, asked } = world(setting)
    await expect(recovery(context, 'make', undefined, {})).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--reveal'),
    })
    expect([said.out, said.err, asked]).toEqual(['', '', []])
  }
  expect(no.asked).toEqual([])
})

it('CL17 with --reveal they stand on stdout, once all is done', async () => {
  const plain = world({ piped: '' })
  await recovery(plain.context, 'make', undefined, { reveal: true })
  expect(plain.said.out).toMatch(/^([a-z]{4,8} ){12}[a-z]{4,8}\n$/)
  const json = world({ json: true })
  await recovery(json.context, 'make', undefined, { reveal: true })
  const result = JSON.parse(json.said.out) as { words: string[]; key: string }
  expect(json.asked).toEqual([['recoveryName', { key: result.key }]])
  const back = world({ piped: result.words.join(' '), keys: [row({ id: result.key as never })] })
  await recovery(back.context, 'check', '-', {})
})

it('CL17 a device that is no admin, never paired or made one already shows no words', async () => {
  const cases = [
    [{ rows: [{ ...alice, role: 'member' }, bob] as const }, 'not-permitted'],
    [{ rows: [{ ...alice, role: undefined }] as const }, 'not-paired'],
    [{ keys: [row()] }, 'not-permitted'],
  ] as const
  for (const [setting, code] of cases) {
    const { context, said } = world({ ...setting, answers: [] })
    await expect(recovery(context, 'make', undefined, {})).rejects.toMatchObject({ code })
    expect(said.err).not.toMatch(/ 1 {2}/)
  }
})

it('CL18 words come from stdin; on the command line they are refused and not quoted', async () => {
  const setting = { keys: [row()], piped: `  ${spoken.toUpperCase()}\n` }
  const { context, asked, said } = world(setting)
  await recovery(context, 'use', '-', { remove: ['bob'], yes: true })
  expect(asked).toEqual([
    [
      'recoveryUse',
      { secret: spoken.toUpperCase(), raise: true, remove: [bobId], back: [], end: false },
    ],
  ])
  expect(said.out).toBe('')
  const shown = await recovery(world().context, 'use', spoken, {}).catch((error: Error) => error)
  expect(shown).toMatchObject({ code: 'usage', hint: expect.stringContaining('use -') })
  expect(String((shown as Error).message)).not.toContain(paper.words[0])
  const none = recovery(world({ piped: '' }).context, 'use', undefined, {})
  await expect(none).rejects.toMatchObject({ code: 'usage' })
  const unsaid = world(setting)
  await expect(recovery(unsaid.context, 'use', '-', { remove: ['bob'] })).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('--yes'),
  })
  expect(unsaid.asked).toEqual([])
})

it('CL18 words that cannot be read, or are of no key here, tell the device nothing', async () => {
  const wrong = world({ piped: spoken.replace(paper.words[2] as string, 'qqqqqqq') })
  await expect(recovery(wrong.context, 'use', '-', {})).rejects.toMatchObject({
    code: 'code-format',
    message: expect.stringMatching(/word \d+ is not in the list/),
  })
  const other = world({ piped: spoken })
  await expect(recovery(other.context, 'check', '-', {})).rejects.toMatchObject({
    code: 'not-found',
  })
  expect([...wrong.asked, ...other.asked]).toEqual([])
})

it('CL18 use offers who removed this device, and whom else it did', async () => {
  const carol = { ...bob, id: 'c'.repeat(43) as never, short: 'cccccccc', name: 'carol' }
  const { context, asked, said } = world({
    rows: [removedBy(bob, alice), bob, removedBy(bob, carol)].map((each) =>
      each.id === aliceId ? { ...each, self: true } : each,
    ),
    keys: [row()],
    answers: [
      [/The words on paper/, `${spoken}\r`],
      [/bob .*removed this device/, 'y'],
      [/carol .*Is it back\?/, 'y'],
      [/Remove bob .*for good\?/, 'y'],
    ],
  })
  await recovery(context, 'use', undefined, {})
  expect(asked).toEqual([
    ['recoveryUse', { secret: spoken, raise: true, remove: [bobId], back: [carol.id], end: false }],
  ])
  // What the terminal itself wraps would not be erased.
  const drawn = ['\r', '\u001b[1A'].reduce((text, each) => text.replaceAll(each, '\n'), said.err)
  const lines = stripVTControlCharacters(drawn).split('\n')
  // Words alone: one of them may stand in a sentence, too.
  const isWord = (part: string) => paper.words.some((word) => word.startsWith(part))
  const secret = lines.filter((line) => line.trim() !== '' && line.trim().split(/ +/).every(isWord))
  expect(secret.length).toBeGreaterThan(10)
  for (const line of secret) expect(widthOf(line)).toBeLessThan(60)
})

it('CL18 a key is replaced by its words, ended by them, or without after a yes', async () => {
  const keys = [row(), row({ id: bobId, short: 'other' })]
  const replaced = world({ keys, piped: spoken })
  await recovery(replaced.context, 'replace', '-', { reveal: true })
  expect(replaced.asked).toMatchObject([
    ['recoveryUse', { secret: spoken, raise: false, end: true, successor: expect.any(String) }],
  ])
  const given = world({ keys, piped: spoken })
  await recovery(given.context, 'end', '-', {})
  expect(given.asked).toMatchObject([['recoveryUse', { secret: spoken, end: true }]])
  const several = world({ keys, piped: '' })
  await expect(recovery(several.context, 'end', undefined, {})).rejects.toMatchObject({
    code: 'ambiguous',
  })
  await expect(recovery(several.context, 'end', paper.key.slice(0, 6), {})).rejects.toMatchObject({
    code: 'usage',
  })
  await recovery(several.context, 'end', paper.key.slice(0, 6), { yes: true })
  expect(several.asked).toEqual([['recoveryEnd', { key: paper.key }]])
  const listed = world({ keys: [row({ ended: { by: bobId, at: 0 } })], piped: '' })
  await recovery(listed.context, undefined, undefined, {})
  expect(listed.said.out).toMatch(/alice .*ended .* by bob/)
})

it('CL18 each word is completed and checked as it is typed', () => {
  const type = (text: string) => {
    let line = ''
    for (const key of text) line = typeWord(line, key === ' ' ? 'space' : key, key)
    return line
  }
  const line = type(`${paper.words.map((word) => word.slice(0, 4)).join(' ')} `)
  expect(typeState(line).done).toBe(true)
  expect(line.trim().split(' ')).toEqual(paper.words)
  expect(typeState('abil').ghost).toBe('ity')
  expect(typeState('ability qqqq').note).toMatch(/word 2 is not in the list/)
  const swapped = [paper.words[1], paper.words[0], ...paper.words.slice(2)].join(' ')
  if (paper.words[0] !== paper.words[1]) expect(typeState(swapped).done).toBe(false)
  expect(typeWord('a b', 'backspace', '')).toBe('a ')
  expect(typeWord('a b', 'clear', '')).toBe('')
})
