/** CO4: the sample session that the tour of `npm start` hands over. */
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { carriedSession, placing } from '../../../support/carried.ts'
import { findAll, sourceOf, temporaryFolder } from '../../../support/claude.ts'
import { createTaker } from '../../../support/taken.ts'

const sample = fileURLToPath(new URL('../../../../client/sample/', import.meta.url))

async function open() {
  const config = join(temporaryFolder(), '.claude')
  cpSync(sample, config, { recursive: true })
  const source = sourceOf(config)
  const [session] = await findAll(source)
  if (session === undefined) throw new Error('the sample is not a session')
  const taker = createTaker(source, session)
  await taker.take()
  return { source, session, taker, config }
}

interface Sampled {
  readonly type: string
  readonly uuid?: string
  readonly parentUuid?: string | null
  readonly cwd?: string
  readonly message?: { readonly content: string | readonly { readonly type: string }[] }
}

it('CO4 the sample is found, with a title, a project and a sub-agent', async () => {
  const { session, taker } = await open()
  expect(session).toMatchObject({
    project: '/projects/tide-clock',
    title: 'Tide clock: an hour late since October',
    live: false,
  })
  expect(taker.files()).toEqual([
    'transcript.jsonl',
    'subagents/agent-a4c81f0d2b6e9375.jsonl',
    'subagents/agent-a4c81f0d2b6e9375.meta.json',
  ])
})

it('CO4 it is one chain of some thirty turns with tool calls', async () => {
  const { taker } = await open()
  const records = taker
    .lines('transcript.jsonl')
    .map((line) => JSON.parse(Buffer.from(line).toString()) as Sampled)
  const chained = records.filter(({ uuid }) => uuid !== undefined)
  for (const [i, { parentUuid }] of chained.entries()) {
    expect(parentUuid).toBe(i === 0 ? null : chained[i - 1]?.uuid)
  }
  const blocks = chained.flatMap(({ message }) =>
    typeof message?.content === 'string' ? [] : (message?.content ?? []),
  )
  const count = (type: string) => blocks.filter((block) => block.type === type).length
  expect(count('tool_use')).toBe(count('tool_result'))
  expect(count('tool_use')).toBeGreaterThan(12)
  expect(chained.filter(({ type }) => type === 'user').length).toBeGreaterThanOrEqual(26)
})

it('CO4 it is small, and names nobody and no machine', () => {
  let bytes = 0
  for (const name of ['', '/subagents/agent-a4c81f0d2b6e9375']) {
    const path = join(sample, `projects/-projects-tide-clock/${name ? id + name : id}.jsonl`)
    bytes += statSync(path).size
    expect(readFileSync(path, 'utf8')).not.toMatch(
      /\/home\/|\/Users\/|\/root\b|[A-Z]:\\\\|@|localhost/,
    )
  }
  expect(bytes).toBeLessThan(60_000)
})

const id = '7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10'

it('CO4 it can be placed, and says which settings were left behind', async () => {
  const { session, taker } = await open()
  const dir = temporaryFolder()
  mkdirSync(join(dir, 'tide-clock'))
  const placed = await sourceOf(join(dir, '.claude')).place(
    carriedSession(taker, session),
    placing({ maps: [{ from: '/projects', to: dir }] }),
  )
  expect(placed.project).toMatch(/tide-clock$/)
  expect(placed.neutralised).toEqual({ permissionMode: 10 })
})
