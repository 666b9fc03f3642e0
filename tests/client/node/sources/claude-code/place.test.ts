import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { CarriedSession, Cursor } from '@baton/client/core/ports/source'
import { encodeProjectDir } from '@baton/client/node/sources/claude-code/layout'
import { droppedTypes } from '@baton/client/node/sources/claude-code/placement'
import { expect, it } from 'vitest'
import {
  carriedSession,
  mainOf,
  placing,
  recordsFile,
  wholeFile,
} from '../../../../support/carried.ts'
import {
  findAll,
  findOne,
  openCorpus,
  sourceOf,
  temporaryFolder,
} from '../../../../support/claude.ts'
import { agentAppends } from '../../../../support/corpus/append.ts'
import { writeRegistry } from '../../../../support/corpus/corpus.ts'
import { put } from '../../../../support/corpus/tree.ts'
import { createTaker } from '../../../../support/taken.ts'

const id = '11111111-1111-4111-8111-111111111111'
const line = (uuid: string, parent: string | null) =>
  JSON.stringify({ parentUuid: parent, type: 'user', uuid, sessionId: id, message: {} })
const three = [line('a', null), line('b', 'a'), line('c', 'b')]

/** Another machine: an empty configuration folder and one project. */
function machine() {
  const dir = temporaryFolder()
  const project = join(dir, 'work/pro ject')
  mkdirSync(project, { recursive: true })
  const config = join(dir, 'home/.claude')
  const folder = join(config, 'projects', encodeProjectDir(project))
  return {
    dir,
    project,
    config,
    folder,
    path: join(folder, `${id}.jsonl`),
    source: sourceOf(config),
  }
}

const session = (project: string, more: Partial<CarriedSession> = {}): CarriedSession => ({
  agent: 'claude-code',
  agentSession: id,
  project,
  repository: undefined,
  files: [mainOf(three)],
  ...more,
})

it('PL10 a session of the corpus is placed whole, private, and found again', async () => {
  const { corpus, source } = openCorpus({ seed: 61, sessions: 4, bytes: 30_000 })
  for (const written of corpus.sessions) {
    const found = await findOne(source, written.id)
    const taker = createTaker(source, found)
    await taker.take()
    const there = machine()
    const placed = await there.source.place(carriedSession(taker, found), placing(there))
    expect(placed).toMatchObject({ project: there.project, agentSession: written.id })
    expect(placed.path).toBe(join(there.folder, `${written.id}.jsonl`))
    expect(statSync(placed.path).mode & 0o777).toBe(0o600)
    expect((await findAll(there.source))[0]).toMatchObject({
      agentSession: written.id,
      title: written.title,
    })
    const types = readFileSync(placed.path, 'utf8').trim().split('\n').map(typeOf)
    for (const type of types) expect([...droppedTypes.keys()]).not.toContain(type)
    for (const { file, kind, torn } of written.files) {
      if (file === 'transcript.jsonl') continue
      const at = join(placed.path.slice(0, -6), file)
      if (kind === 'whole') expect(readFileSync(at)).toEqual(Buffer.from(taker.bytes(file)))
      else expect(statSync(at).size).toBeGreaterThan(torn)
    }
  }
})

const typeOf = (text: string) => /"type":"([^"]*)",?/.exec(text.replace(/"message":.*/, ''))?.[1]

it('PL10 lines that are not neutralised arrive byte for byte, in order', async () => {
  const there = machine()
  const odd = '{"type":"later", "n":9007199254740993,"s":"\\u00e9"}\r'
  await there.source.place(session(there.project, { files: [mainOf([...three, odd])] }), placing())
  expect(readFileSync(there.path, 'utf8')).toBe(`${[...three, odd].join('\n')}\n`)
})

it('PL10 placing leaves nothing but the session, and placing again changes nothing', async () => {
  const there = machine()
  const carried = session(there.project, {
    files: [
      mainOf(three),
      wholeFile('tool-results/a.txt', 'out'),
      recordsFile('subagents/agent-1.jsonl', three),
    ],
  })
  const first = await there.source.place(carried, placing())
  const all = () => readdirSync(there.folder, { recursive: true }).map(String).sort()
  const before = all()
  expect(before).toEqual(
    [`${id}.jsonl`, id, `${id}/subagents`, `${id}/subagents/agent-1.jsonl`]
      .concat([`${id}/tool-results`, `${id}/tool-results/a.txt`])
      .sort(),
  )
  const stamp = statSync(there.path, { bigint: true }).mtimeNs
  for (const cursors of [first.cursors, new Map()]) {
    const again = await there.source.place(carried, placing({ cursors }))
    expect(again).toMatchObject({ path: first.path, neutralised: {} })
    expect([...again.cursors]).toEqual([...first.cursors])
  }
  expect(all()).toEqual(before)
  expect(statSync(there.path, { bigint: true }).mtimeNs).toBe(stamp)
})

it('PL10 a killed writer’s leavings are swept', async () => {
  const there = machine()
  const left = put(join(there.folder, '.baton-999999999-0123456789abcdef.tmp'), 'half')
  const kept = put(join(there.folder, '.baton-notes'), 'mine')
  await there.source.place(session(there.project), placing())
  expect(readdirSync(there.folder).sort()).toEqual(['.baton-notes', `${id}.jsonl`])
  expect([left, kept]).toHaveLength(2)
})

it('PL10 a session that cannot be placed whole leaves no transcript', async () => {
  const there = machine()
  const main = mainOf(three)
  const lying = { ...main, records: 4 }
  await expect(
    there.source.place(session(there.project, { files: [lying] }), placing()),
  ).rejects.toMatchObject({ code: 'invalid' })
  const broken = { ...wholeFile('tool-results/a.txt', 'out'), digest: new Uint8Array(32) }
  await expect(
    there.source.place(session(there.project, { files: [main, broken] }), placing()),
  ).rejects.toMatchObject({ code: 'invalid' })
  expect(await findAll(there.source)).toEqual([])
  expect(
    readdirSync(there.folder, { recursive: true }).filter((f) => /tmp$/.test(String(f))),
  ).toEqual([])
})

it.each([
  ['SO4 an id that is no UUID', { agentSession: '../../evil' }],
  ['SO5 a sidecar that climbs out', { files: [mainOf(three), wholeFile('../x', '')] }],
  ['SO5 an absolute sidecar', { files: [mainOf(three), wholeFile('/etc/x', '')] }],
  [
    'SO5 a sidecar on the deny list',
    { files: [mainOf(three), wholeFile('.credentials.json', '')] },
  ],
  ...[
    'subagents/a.JSONL',
    'SubAgents/a.jsonl',
    '\u017fubagents/a.jsonl',
    'subagents/a.j\uff53onl',
  ].map((name): [string, Parameters<typeof session>[1]] => [
    `PL1 ${name}, whose settings some disks would show to the agent,`,
    { files: [mainOf(three), wholeFile(name, '{"type":"permission-mode"}\n')] },
  ]),
  [
    'SO5 records where there are none',
    { files: [mainOf(three), recordsFile('tool-results/a', [])] },
  ],
  ['SO1 a record that is two lines', { files: [mainOf(['{"type":"user"}\n{"type":"mode"}'])] }],
  ['SO1 no transcript', { files: [wholeFile('tool-results/a', '')] }],
  ['SO1 two transcripts', { files: [mainOf(three), mainOf(three)] }],
  ['SO1 an empty transcript', { files: [mainOf([])] }],
  ['SO1 another agent', { agent: 'codex' }],
])('%s is refused, and nothing is written', async (_, more) => {
  const there = machine()
  const refused = there.source.place(session(there.project, more), placing())
  await expect(refused).rejects.toMatchObject({ code: 'invalid' })
  expect(await findAll(there.source)).toEqual([])
  expect(
    readdirSync(there.dir, { recursive: true }).filter((f) => String(f).endsWith('.jsonl')),
  ).toEqual([])
})

it('PL13 a session that is open here is not touched', async () => {
  const there = machine()
  const placed = await there.source.place(session(there.project), placing())
  writeRegistry(there.config, process.pid, id, there.project)
  const files = [mainOf([...three, line('d', 'c')]), wholeFile('tool-results/a.txt', 'out')]
  const more = session(there.project, { files })
  for (const cursors of [placed.cursors, new Map()]) {
    await expect(there.source.place(more, placing({ cursors }))).rejects.toMatchObject({
      code: 'place-live',
    })
  }
  expect(readFileSync(there.path, 'utf8')).toBe(`${three.join('\n')}\n`)
  expect(readdirSync(there.folder)).toEqual([`${id}.jsonl`])
})

it('PL13 a session that is opened while it is being placed keeps its transcript', async () => {
  const there = machine()
  const sidecar = wholeFile('tool-results/a.txt', 'out')
  const opening = {
    ...sidecar,
    async *read() {
      writeRegistry(there.config, process.pid, id, there.project)
      yield* sidecar.read()
    },
  }
  const carried = session(there.project, { files: [mainOf(three), opening] })
  await expect(there.source.place(carried, placing())).rejects.toMatchObject({ code: 'place-live' })
  expect(await findAll(there.source)).toEqual([])
})

it('PL6 a branch goes to a file and a folder of its own, beside the other', async () => {
  const there = machine()
  await there.source.place(session(there.project), placing())
  agentAppends(there.path, 2, 1)
  const before = readFileSync(there.path)
  const as = '22222222-2222-4222-8222-222222222222'
  const branch = session(there.project, {
    files: [mainOf([...three, line('d', 'c')]), recordsFile('subagents/agent-1.jsonl', three)],
  })
  const placed = await there.source.place(branch, placing({ as }))
  expect(placed).toMatchObject({ agentSession: as, path: join(there.folder, `${as}.jsonl`) })
  expect(placed.resume).toContain(`claude --resume ${as}`)
  expect(readFileSync(there.path)).toEqual(before)
  for (const path of [placed.path, join(there.folder, as, 'subagents/agent-1.jsonl')]) {
    expect(readFileSync(path, 'utf8')).not.toContain(id)
  }
  const longer = { ...branch, files: [mainOf([...three, line('d', 'c'), line('e', 'd')])] }
  for (const touched of [false, true]) {
    if (touched) utimesSync(placed.path, 1, 1)
    const again = { ...longer, agentSession: as }
    await there.source.place(again, placing({ cursors: placed.cursors }))
    expect(readFileSync(placed.path, 'utf8')).not.toContain(id)
    expect(readFileSync(placed.path, 'utf8').trim().split('\n')).toHaveLength(5)
  }
})

it('PL8 a session goes on where it was placed, without asking again', async () => {
  const there = machine()
  const far = session('/nowhere/here')
  const first = await there.source.place(far, placing({ project: there.project }))
  const more = session('/nowhere/here', { files: [mainOf([...three, line('d', 'c')])] })
  const second = await there.source.place(more, placing({ cursors: first.cursors }))
  expect(second).toMatchObject({ path: first.path, project: there.project, resume: first.resume })
  await expect(there.source.place(more, placing())).rejects.toMatchObject({
    code: 'place-unmapped',
  })
  const foreign = new Map([...first.cursors].map(([file, c]) => [file, { ...c, state: '{"x":1' }]))
  await expect(there.source.place(more, placing({ cursors: foreign }))).rejects.toMatchObject({
    code: 'place-unmapped',
  })
})

it('PL8 a session comes home to the project its own file stands in', async () => {
  const there = machine()
  const own = JSON.stringify({ ...JSON.parse(three[0] as string), cwd: there.project })
  put(there.path, `${own}\n`)
  const taker = createTaker(there.source, await findOne(there.source, id))
  await taker.take()
  const cursor = { ...(taker.cursors.get('transcript.jsonl') as Cursor), carried: 1, state: '' }
  const home = session('/nowhere/here', { files: [mainOf([own, ...three.slice(1)])] })
  const cursors = new Map([['transcript.jsonl', cursor]])
  const placed = await there.source.place(home, placing({ cursors }))
  expect(placed).toMatchObject({ path: there.path, project: there.project })
})

it('PL8 the agent’s own file is extended where it stands, each time, when its project is gone', async () => {
  const there = machine()
  const own = JSON.stringify({ ...JSON.parse(three[0] as string), cwd: '/gone/worktree' })
  put(there.path, `${own}\n`)
  const taker = createTaker(there.source, await findOne(there.source, id))
  await taker.take()
  const read = { ...(taker.cursors.get('transcript.jsonl') as Cursor), carried: 1, state: '' }
  let cursors = new Map([['transcript.jsonl', read]])
  for (const records of [2, 3]) {
    const files = [mainOf([own, ...three.slice(1, records)])]
    const options = placing({ cursors, project: there.dir })
    const placed = await there.source.place(session('/gone/worktree', { files }), options)
    expect(placed.path).toBe(there.path)
    expect(readFileSync(there.path, 'utf8').split('\n')).toHaveLength(records + 1)
    cursors = new Map(placed.cursors) as typeof cursors
  }
})

it('PL8 a history that went another way goes to the project where the copy stands', async () => {
  const there = machine()
  const first = await there.source.place(session('/else'), placing({ project: there.project }))
  const as = '22222222-2222-4222-8222-222222222222'
  const files = [mainOf([...three.slice(0, 2), line('d', 'b')])]
  const options = placing({ as, beside: first.cursors })
  const placed = await there.source.place(session('/else', { files }), options)
  expect(placed).toMatchObject({ project: there.project, agentSession: as })
})

it('PL12 the resume line names the project, and the folder where it has to', async () => {
  const there = machine()
  const placed = await there.source.place(session(there.project), placing())
  expect(placed.resume).toBe(`cd '${there.project}' && claude --resume ${id}`)
})
