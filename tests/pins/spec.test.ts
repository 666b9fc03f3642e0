/** HO3: the rules of shared/SPEC.md and the tests name each other. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const spec = readFileSync(new URL('shared/SPEC.md', root), 'utf8')
const [rulePart = '', casePart = ''] = spec.split('## Part 2')
const ids: string[] = [...rulePart.matchAll(/^- \*\*([A-Z]{1,2}\d+)\*\* /gm)].map((m) => m[1] ?? '')
const rules = new Set<string | undefined>(ids)

/** Of the tests, and of the kits that declare some of them. */
function testFiles(): string[] {
  return ['tests/', 'client/src/testing/'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.startsWith('support'))
      .map((name) => readFileSync(new URL(`${folder}${name}`, root), 'utf8')),
  )
}

const plain =
  /\b(?:it|test)(?:\.(?:fails|concurrent|skipIf\([^)]*\)|runIf\([^)]*\)))*\(\s*(['"`])(.+?)\1/g
/** The second call of an `each`: its table before the title may hold anything, so match from the end. */
const each = /\)\(\s*(['"`])([A-Z]{1,2}\d+ .*?)\1/g
const titles = testFiles().flatMap((text) =>
  [...text.matchAll(plain), ...text.matchAll(each)].map((m) => m[2] ?? ''),
)

it('HO3 every test title starts with a known rule id', () => {
  expect(titles.filter((title) => !rules.has(title.split(/[\s:]/, 1)[0]))).toEqual([])
})

it('HO3 no two rules have one id, and no two rooms one name', () => {
  expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([])
  const rooms = [...rulePart.matchAll(/^### ([A-Z]{1,2}): /gm)].map((m) => m[1] as string)
  expect(rooms.filter((room, i) => rooms.indexOf(room) < i)).toEqual([])
})

it('HO3 every rule has a test', () => {
  const named = new Set(titles.flatMap((title) => title.match(/\b[A-Z]{1,2}\d+\b/g) ?? []))
  expect([...rules].filter((rule) => !named.has(rule as string))).toEqual([])
})

it('HO3 every case names rules that exist', () => {
  const rows = [...casePart.matchAll(/^\| ([A-Z]+-[\w-]+) \| ([^|]+) \|/gm)]
  expect(rows.length).toBeGreaterThan(0)
  const bad = rows.filter(
    ([, , ids = '']) =>
      !ids.split(/,\s*/).every((each) => rules.has(each.trim().split(' ')[0] ?? '')),
  )
  expect(bad.map((row) => row[0])).toEqual([])
})

/** Every comment of the sources in one line, without its stars and slashes. */
function commentsIn(folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(new URL(`${folder}${name}`, root), 'utf8')
      return text.match(/\/\*[\s\S]*?\*\/|(?:^ *\/\/.*\n)+|\/\/.*/gm) ?? []
    })
    .map((comment) => comment.replace(/\s*\n\s*(?:\*(?!\/)|\/\/)?\s*/g, ' '))
}

/** `X1`, `X1, X2`, `X1 and X2`, `X1 to X4`; a room alone stands for its rules. */
const id = '[A-Z]{1,2}\\d*'
const list = `${id}(?:(?:, | and | to )${id})*`
const citation = new RegExp(`\\b[Rr]ules?:? (${list})\\b|\\((${list})\\)`, 'g')

/** The ids in a citation; a range names every rule between its ends. */
function idsOf(cited: string): string[] {
  return cited.split(/, | and /).flatMap((part) => {
    const [from = '', to] = part.split(' to ')
    if (to === undefined) return [from]
    const [, room = '', first = ''] = /^([A-Z]+)(\d+)$/.exec(from) ?? []
    return span(Number(first), Number(to.replace(room, ''))).map((n) => `${room}${n}`)
  })
}

it('HO3 every rule that a comment cites exists', () => {
  const rooms = new Set([...rules].map((rule) => rule?.replace(/\d+$/, '')))
  const cited = ['client/src/', 'shared/src/', 'signaling/src/']
    .flatMap(commentsIn)
    .flatMap((comment) => [...comment.matchAll(citation)])
    .filter(([, named, within = '']) => named !== undefined || /\d/.test(within))
    .flatMap(([, named, within = '']) => idsOf(named ?? within))
  expect(cited.length).toBeGreaterThan(300)
  expect(cited.filter((rule) => !rules.has(rule) && !rooms.has(rule))).toEqual([])
})

/** The numbered attack and failure cases that this version answers. */
const numbered: Record<string, readonly number[]> = {
  SEC: [...span(1, 77), ...span(91, 103)],
  'SYN-L': span(1, 6),
  'SYN-R': span(1, 6),
  'SYN-T': span(1, 4),
  'SYN-X': span(1, 7),
  RTC: [
    ...span(1, 9),
    ...span(11, 14),
    ...span(18, 21),
    23,
    ...span(26, 29),
    ...span(32, 42),
    44,
    45,
  ],
}

function span(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

it('HO3 every numbered case is in the table', () => {
  const listed = new Set([...casePart.matchAll(/^\| ([A-Z]+-[\w-]+)/gm)].map((m) => m[1]))
  const wanted = Object.entries(numbered).flatMap(([kind, list]) => list.map((n) => `${kind}-${n}`))
  expect(wanted.filter((name) => !listed.has(name))).toEqual([])
})
