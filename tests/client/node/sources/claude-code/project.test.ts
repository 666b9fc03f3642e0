import { mkdirSync, realpathSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { CarriedSession, FoundSession, PlaceOptions } from '@baton/client/core/ports/source'
import { findProject, isBelow } from '@baton/client/node/sources/claude-code/project'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { placing } from '../../../../support/carried.ts'
import { findAll, openCorpus, sourceOf, temporaryFolder } from '../../../../support/claude.ts'
import { put } from '../../../../support/corpus/tree.ts'
import { tries } from '../../../../support/tries.ts'

const carried = (more: Partial<CarriedSession>): CarriedSession => ({
  agent: 'claude-code',
  agentSession: '11111111-1111-4111-8111-111111111111',
  project: '/nowhere/on/this/machine',
  repository: undefined,
  files: [],
  ...more,
})

const find = (
  session: Partial<CarriedSession>,
  options: Partial<PlaceOptions> = {},
  known: readonly FoundSession[] = [],
) =>
  findProject(carried(session), placing(options), async function* () {
    yield* known
  })

it('PL8 the named project goes before all others, and is resolved', async () => {
  const dir = realpathSync(temporaryFolder())
  mkdirSync(join(dir, 'real'))
  symlinkSync(join(dir, 'real'), join(dir, 'link'))
  const options = { project: join(dir, 'link'), maps: [{ from: '/nowhere', to: '/' }] }
  expect(await find({ project: '/' }, options)).toBe(join(dir, 'real'))
  await expect(find({ project: '/' }, { project: join(dir, 'no') })).rejects.toMatchObject({
    code: 'place-unmapped',
  })
})

it('PL8 a map goes before the same path, and must lead somewhere', async () => {
  const dir = realpathSync(temporaryFolder())
  mkdirSync(join(dir, 'to/app'), { recursive: true })
  mkdirSync(join(dir, 'from/app'), { recursive: true })
  const maps = [{ from: join(dir, 'from'), to: join(dir, 'to') }]
  const project = join(dir, 'from/app')
  expect(await find({ project }, { maps })).toBe(join(dir, 'to/app'))
  expect(await find({ project })).toBe(project)
  await expect(find({ project: join(dir, 'from/x') }, { maps })).rejects.toMatchObject({
    code: 'place-unmapped',
  })
})

it('PL8 a clone of the repository is found among the projects of this machine', async () => {
  const { corpus } = openCorpus({ seed: 71, sessions: 6, plain: true })
  const known = await findAll(sourceOf(corpus.config))
  for (const { path, remote, below } of corpus.projects) {
    if (remote === undefined) continue
    const spelled = remote.replace('https://example.invalid/', 'git@EXAMPLE.invalid:')
    expect(await find({ repository: { remote: spelled, below } }, {}, known)).toBe(path)
  }
  const first = corpus.projects[1]
  const root = first?.path.replace('/packages/app', '') as string
  expect(await find({ repository: { remote: String(first?.remote), below: '' } }, {}, known)).toBe(
    root,
  )
})

it('PL8 of two clones the one last worked in', async () => {
  const dir = realpathSync(temporaryFolder())
  const known = ['old', 'new'].map((name, n): FoundSession => {
    put(join(dir, name, '.git/config'), '[remote "origin"]\nurl = https://h/a/b\n')
    const path = put(join(dir, `${name}.jsonl`), 'x')
    utimesSync(path, n, n)
    return {
      agent: 'claude-code',
      agentSession: name,
      path,
      project: join(dir, name),
      repository: { remote: 'https://h/a/b', below: '' },
      title: undefined,
      bytes: 1,
      modified: n,
      live: false,
    }
  })
  const repository = { remote: 'ssh://git@h/a/b.git', below: '' }
  expect(await find({ repository }, {}, known)).toBe(join(dir, 'new'))
  mkdirSync(join(dir, 'old/only'))
  expect(await find({ repository: { ...repository, below: 'only' } }, {}, known)).toBe(
    join(dir, 'old/only'),
  )
})

it('PL8 a folder of the clone that leads out of it is not taken', async () => {
  const dir = realpathSync(temporaryFolder())
  put(join(dir, 'clone/.git/config'), '[remote "origin"]\nurl = https://h/a/b\n')
  mkdirSync(join(dir, 'secret'))
  symlinkSync(join(dir, 'secret'), join(dir, 'clone/out'))
  const known = [
    { project: join(dir, 'clone'), repository: { remote: 'https://h/a/b', below: '' } },
  ]
  for (const below of ['out', '../secret', '/', '..']) {
    const repository = { remote: 'https://h/a/b', below }
    await expect(find({ repository }, {}, known as FoundSession[])).rejects.toMatchObject({
      code: 'place-unmapped',
    })
  }
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', ':', 'a', '\0') }), (below) => {
      if (!isBelow(below)) return
      expect(join('/r', ...below.split('/')).startsWith('/r')).toBe(true)
    }),
    { numRuns: tries(500) },
  )
})

it('PL8 unmapped says how to go on, quoting the project for a shell', async () => {
  await expect(find({ project: "/no/it's" })).rejects.toMatchObject({
    code: 'place-unmapped',
    hint: expect.stringContaining("--map '/no/it'\\''s'=/path/here"),
  })
  for (const project of ['/no\nway', '/no\u001b[31m', `/${'x'.repeat(5000)}`, undefined]) {
    await expect(find({ project })).rejects.toMatchObject({
      hint: 'name the directory here: --project /path/here',
    })
  }
})

it('PL8 a project that is a file, or relative, is none', async () => {
  const file = put(join(temporaryFolder(), 'file'), '')
  for (const project of [file, '.', '', 'tests']) {
    await expect(find({ project })).rejects.toMatchObject({ code: 'place-unmapped' })
  }
})
