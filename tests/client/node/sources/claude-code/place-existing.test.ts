import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { CarriedFile, CarriedSession, PlacedCursor } from '@baton/client/core/ports/source'
import { encodeProjectDir } from '@baton/client/node/sources/claude-code/layout'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mainOf, placing, recordsFile, wholeFile } from '../../../../support/carried.ts'
import { findOne, sourceOf, temporaryFolder } from '../../../../support/claude.ts'
import { agentAppends } from '../../../../support/corpus/append.ts'
import { put } from '../../../../support/corpus/tree.ts'
import { createTaker } from '../../../../support/taken.ts'
import { tries } from '../../../../support/tries.ts'

const id = '11111111-1111-4111-8111-111111111111'
const user = (n: number, more: object = {}) =>
  JSON.stringify({ parentUuid: n === 0 ? null : `u${n - 1}`, type: 'user', uuid: `u${n}`, ...more })
const policy = '{"type":"permission-mode","permissionMode":"plan"}'
/** Ten records of which four are changed or left out. */
const ten = [
  ...['{"type":"summary","summary":"s"}', policy, user(0), user(1, { permissionMode: 'plan' })],
  ...[user(2), policy, user(3), '{"type":"mode"}', user(4, { permissionMode: 'x' }), user(5)],
]

function machine() {
  const dir = temporaryFolder()
  const project = join(dir, 'project')
  mkdirSync(project)
  const source = sourceOf(join(dir, '.claude'))
  const path = join(dir, '.claude/projects', encodeProjectDir(project), `${id}.jsonl`)
  const place = (files: readonly CarriedFile[], cursors = new Map<string, PlacedCursor>()) =>
    source.place(session(project, files), placing({ cursors }))
  return { dir, project, source, path, place, text: () => readFileSync(path, 'utf8') }
}

const session = (project: string, files: readonly CarriedFile[]): CarriedSession => ({
  agent: 'claude-code',
  agentSession: id,
  project,
  repository: undefined,
  files,
})

const linesOf = (text: string) => text.split('\n')

async function placedText(lines: readonly string[]): Promise<string> {
  const { place, text } = machine()
  await place([mainOf(lines)])
  return text()
}

it('PL11 extended in any portions, the file is what one placement would have written', async () => {
  const whole = await placedText(ten)
  for (let stop = 1; stop < ten.length; stop++) {
    for (const keep of [true, false]) {
      const { place, text } = machine()
      const first = await place([mainOf(ten.slice(0, stop))])
      const second = await place([mainOf(ten)], keep ? new Map(first.cursors) : undefined)
      // A file of notes alone has no ordinary record to put first.
      if (stop > 2) expect(text()).toBe(whole)
      else expect(text().split('\n').sort()).toEqual(whole.split('\n').sort())
      expect(second.cursors.get('transcript.jsonl')).toMatchObject({
        carried: ten.length,
        bytes: text().length,
        record: mainOf(ten).digest,
      })
    }
  }
})

it('PL11 an append torn at any byte is repaired by the next placement', async () => {
  const whole = await placedText(ten)
  const { place, path, text } = machine()
  const first = await place([mainOf(ten.slice(0, 4))])
  for (let cut = text().length; cut <= whole.length; cut += 3) {
    writeFileSync(path, whole.slice(0, cut))
    await place([mainOf(ten)], new Map(first.cursors))
    expect(text()).toBe(whole)
  }
})

it('PL11 a torn piece of a record that is left out is cut off', async () => {
  const { place, path, text } = machine()
  put(path, `${user(0)}\n${policy.slice(0, 9)}`)
  await place([mainOf([user(0), policy])])
  expect(text()).toBe(`${user(0)}\n`)
})

it('PL11 any part of a file that we placed or that was carried is ours; any other is not', async () => {
  const whole = await placedText(ten)
  const carried = `${ten.join('\n')}\n`
  const known = new Set([...ten, ...linesOf(whole), ''])
  const { place, path, text } = machine()
  mkdirSync(dirname(path), { recursive: true })
  const cut = fc.nat({ max: carried.length })
  await fc.assert(
    fc.asyncProperty(fc.boolean(), cut, fc.option(cut), async (home, end, flip) => {
      const bytes = Buffer.from((home ? carried : whole).slice(0, Math.max(1, end)))
      const at = flip === null || flip >= bytes.length ? undefined : flip
      if (at !== undefined) bytes[at] = (bytes[at] as number) ^ 1
      writeFileSync(path, bytes)
      const placed = place([mainOf(ten)]).then(
        () => true,
        (error: { code: string }) => error.code,
      )
      expect(await placed).toBe(at === undefined ? true : 'place-exists')
      if (at === undefined && !home) expect(text()).toBe(whole)
      if (at === undefined && home)
        expect(linesOf(text()).every((each) => known.has(each))).toBe(true)
      if (at !== undefined) expect(readFileSync(path)).toEqual(bytes)
    }),
    { numRuns: tries(60) },
  )
})

it('PL11 the session’s own file at its origin is extended, not rewritten', async () => {
  const { place, path, project, source, text } = machine()
  put(path, `${ten.slice(0, 6).join('\n')}\n`)
  const taker = createTaker(source, await findOne(source, id))
  await taker.take()
  const read = taker.cursors.get('transcript.jsonl')
  const own = { ...(read as PlacedCursor), carried: 6, state: '' }
  await place([mainOf(ten)], new Map([['transcript.jsonl', own]]))
  const expected = [...ten.slice(0, 7), ten[8]?.replace('"x"', '"default"'), ten[9]]
  expect(text()).toBe(`${expected.join('\n')}\n`)
  expect(project).toBeDefined()
})

it('PL11 after a placement reading goes on in the ids of the log', async () => {
  const { place, path, source } = machine()
  const { cursors } = await place([mainOf(ten)])
  const taker = createTaker(source, await findOne(source, id))
  for (const [file, cursor] of cursors) taker.cursors.set(file, cursor)
  expect(await taker.take()).toEqual([])
  const added = agentAppends(path, 3, 7)
  expect(await taker.take()).toMatchObject([{ kind: 'records', ids: { length: 3 } }])
  const { digest } = mainOf([...ten, ...added])
  expect(taker.cursors.get('transcript.jsonl')?.record).toEqual(digest)
  // Another file of the same bytes is the same file: its own lines are what is compared.
  writeFileSync(`${path}.new`, `${readFileSync(path, 'utf8')}one more\n`)
  renameSync(`${path}.new`, path)
  expect(await taker.take()).toMatchObject([{ kind: 'records', ids: { length: 1 } }])
})

it.each([
  ['a record more', (path: string) => appendFileSync(path, `${user(9)}\n`)],
  ['a torn record of another', (path: string) => appendFileSync(path, '{"type":"assist')],
  [
    'a record less in the middle',
    (path: string) => writeFileSync(path, `${user(0)}\n${ten[0]}\n${user(2)}\n`),
  ],
  ['another file altogether', (path: string) => writeFileSync(path, 'notes\n')],
])('PL11 a file with %s is left as it is', async (_, change) => {
  const { place, path, text } = machine()
  const first = await place([mainOf(ten.slice(0, 4))])
  change(path)
  const before = text()
  const sidecar = wholeFile('tool-results/a.txt', 'x')
  const again = place([mainOf(ten), sidecar], new Map(first.cursors))
  await expect(again).rejects.toMatchObject({ code: 'source-changed' })
  await expect(place([mainOf(ten), sidecar])).rejects.toMatchObject({ code: 'place-exists' })
  expect(text()).toBe(before)
  expect(() => statSync(join(path.slice(0, -6), 'tool-results'))).toThrow()
})

it('PL11 a file that was touched, cut short or removed by its owner is completed', async () => {
  const whole = await placedText(ten)
  const { place, path, text } = machine()
  const { cursors } = await place([mainOf(ten)])
  utimesSync(path, 1, 1)
  await place([mainOf(ten)], new Map(cursors))
  truncateSync(path, 60)
  await place([mainOf(ten)], new Map(cursors))
  expect(text()).toBe(whole)
  rmSync(path)
  await place([mainOf(ten)], new Map(cursors))
  expect(text()).toBe(whole)
})

it('PL11 the same id in another project of this machine is place-exists, with where', async () => {
  const { dir, place, path } = machine()
  put(join(dir, `.claude/projects/-other/${id}.jsonl`), `${user(0)}\n`)
  await expect(place([mainOf(ten)])).rejects.toMatchObject({
    code: 'place-exists',
    hint: expect.stringContaining('-other'),
  })
  expect(() => statSync(path)).toThrow()
})

it('PL10 nothing is written through a symlink', async () => {
  const victim = put(join(temporaryFolder(), 'victim'), 'untouched')
  const links: readonly ((path: string) => [string, string])[] = [
    (path) => [path, victim],
    (path) => [path, join(dirname(victim), 'absent')],
    (path) => [dirname(path), dirname(victim)],
    (path) => [path.slice(0, -6), dirname(victim)],
    (path) => [join(path.slice(0, -6), 'subagents'), dirname(victim)],
    (path) => [join(path.slice(0, -6), 'subagents/agent-1.jsonl'), victim],
  ]
  for (const link of links) {
    const { place, path } = machine()
    const [from, to] = link(path)
    mkdirSync(dirname(from), { recursive: true })
    symlinkSync(to, from)
    const sidecars = [recordsFile('subagents/agent-1.jsonl', ten), wholeFile('a/b.txt', 'x')]
    const placed = place([mainOf(ten), ...sidecars])
    await expect(placed).rejects.toMatchObject({ code: 'not-permitted' })
    if (from === path) expect(() => statSync(join(path.slice(0, -6), 'a'))).toThrow()
    expect(readFileSync(victim, 'utf8')).toBe('untouched')
    expect(() => statSync(join(dirname(victim), 'absent'))).toThrow()
  }
})

it('PL10 a whole sidecar is replaced when it is ours and kept when it is not', async () => {
  const { place, path } = machine()
  const file = 'subagents/agent-1.meta.json'
  const at = join(path.slice(0, -6), file)
  const v = (n: number) => [mainOf(ten), wholeFile(file, `{"v":${n}}`)]
  const { cursors, versions } = await place(v(1))
  expect([...versions.keys()]).toEqual([file])
  await place(v(2), new Map(cursors))
  expect(readFileSync(at, 'utf8')).toBe('{"v":2}')
  writeFileSync(at, 'local')
  const third = await place(v(3), new Map(cursors))
  expect(readFileSync(at, 'utf8')).toBe('local')
  expect(third.neutralised).toEqual({ 'sidecar-kept': 1 })
  expect(third.cursors.has(file)).toBe(false)
})

it('PL15 sidecars whose names clash are left out and counted, and the session is placed', async () => {
  const { place, path } = machine()
  const names = ['a/One', 'a/one', 'b/x', 'b/x/y', 'c/d/e', 'C/D', 'caf\u00e9', 'cafe\u0301']
  const placed = await place([mainOf(ten), ...names.map((name) => wholeFile(name, name))])
  expect(placed.neutralised).toMatchObject({ 'sidecar-clash': 4 })
  for (const name of ['a/One', 'b/x', 'c/d/e']) {
    expect(readFileSync(join(path.slice(0, -6), name), 'utf8')).toBe(name)
    expect(placed.cursors.has(name) || placed.versions.has(name)).toBe(true)
  }
  expect(placed.cursors.has('a/one')).toBe(false)
})

it('PL16 a transcript of which no line would stay is not placed', async () => {
  const { place, path } = machine()
  const files = [mainOf(['{"type":"permission-mode","permissionMode":"plan"}', 'no record'])]
  await expect(place(files)).rejects.toMatchObject({ code: 'invalid', hint: /baton show/ })
  expect(existsSync(path)).toBe(false)
  // Notes alone are little, but something.
  await place([mainOf(['{"type":"summary","summary":"s"}'])])
  expect(existsSync(path)).toBe(true)
})

it('PL10 a folder that may not be written is not-permitted', async () => {
  const { dir, place } = machine()
  mkdirSync(join(dir, '.claude/projects'), { recursive: true })
  chmodSync(join(dir, '.claude/projects'), 0o500)
  const placed = place([mainOf(ten)])
  // Root writes anywhere.
  if (process.getuid?.() === 0) await expect(placed).resolves.toBeDefined()
  else await expect(placed).rejects.toMatchObject({ code: 'not-permitted' })
  chmodSync(join(dir, '.claude/projects'), 0o700)
})
