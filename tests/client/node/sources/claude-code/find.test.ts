import { appendFileSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { findAll, openCorpus, sourceOf, temporaryFolder } from '../../../../support/claude.ts'
import { put } from '../../../../support/corpus/tree.ts'

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

it('SO7 every session is found with its project, repository, title and size', async () => {
  const { corpus, source } = openCorpus({ seed: 21, sessions: 12, bytes: 150_000 })
  const found = await findAll(source)
  expect(found).toHaveLength(12)
  for (const session of corpus.sessions) {
    const { path, remote, below } = session.project
    expect(found.find(({ agentSession }) => agentSession === session.id)).toMatchObject({
      agent: 'claude-code',
      path: session.path,
      project: path,
      repository: remote === undefined ? undefined : { remote, below },
      title: session.title,
      bytes: session.files[0]?.bytes,
      live: false,
    })
  }
})

it('SO4 only files named by a UUID are sessions', async () => {
  const { corpus, source } = openCorpus({ seed: 22, sessions: 1 })
  const folder = dirname(corpus.sessions[0]?.path as string)
  for (const name of ['agent-1.jsonl', 'x.jsonl', `${uuid(1)}.json`, `${uuid(1)}.jsonl.bak`]) {
    put(join(folder, name), '{"type":"user","cwd":"/w"}\n')
  }
  put(join(folder, `${uuid(2)}.jsonl`), '')
  mkdirSync(join(folder, `${uuid(3)}.jsonl`))
  expect(await findAll(source)).toHaveLength(1)
})

it('SO6 nothing behind a symlink is found, and a configuration behind one is', async () => {
  const { corpus } = openCorpus({ seed: 23 })
  const link = join(temporaryFolder(), 'linked')
  symlinkSync(corpus.config, link)
  const outside = join(temporaryFolder(), 'project')
  put(join(outside, `${uuid(1)}.jsonl`), '{"type":"user"}\n')
  symlinkSync(outside, join(corpus.config, 'projects/-linked-project'))
  const found = await findAll(sourceOf(link))
  expect(found).toHaveLength(6)
  for (const { path } of found) expect(path.startsWith(join(corpus.config, 'projects'))).toBe(true)
})

it('SO7 the project is a directory its records name, not one its folder seems to name', async () => {
  const { corpus, source } = openCorpus({ seed: 24, sessions: 1, plain: true })
  const { path, id } = corpus.sessions[0] as { path: string; id: string }
  const moved = join(corpus.config, 'projects/-somewhere-else', `${id}.jsonl`)
  put(moved, '')
  renameSync(path, moved)
  expect((await findAll(source))[0]?.project).toBe(corpus.sessions[0]?.project.path)
  appendFileSync(moved, '{"type":"user","cwd":"/somewhere/else"}\n')
  expect((await findAll(source))[0]?.project).toBe('/somewhere/else')
})

it('SO7 a transcript that says little, or lies, still has a place in the list', async () => {
  const dir = temporaryFolder()
  const at = (n: number, text: string) => put(join(dir, `projects/-w/${uuid(n)}.jsonl`), text)
  const huge = 'h'.repeat(100_000)
  at(1, 'no json\n')
  at(2, `{"type":"user","message":{"content":"${huge}"},"cwd":"/late"}\n`)
  at(
    3,
    `{"type":"user","cwd":"relative/path","message":{"content":"\\u001b[31mred\\u001b[0m \\u202etext"}}\n`,
  )
  at(
    4,
    `{"cwd":"/bad\\nline","type":"user","message":{"content":"<command-name>/x</command-name>"}}\n{"type":"user","message":{"content":[{"type":"text","text":"${'word '.repeat(60)}"}]}}\n`,
  )
  const found = await findAll(sourceOf(dir))
  expect(found.map(({ project }) => project)).toEqual([undefined, '/late', undefined, undefined])
  expect(found.map(({ title }) => title?.length)).toEqual([undefined, 120, 8, 120])
  expect(found[2]?.title).toBe('red text')
})

it('SO7 what was seen is remembered while the file is as it was', async () => {
  const { corpus, source } = openCorpus({ seed: 25, sessions: 1, plain: true })
  await findAll(source)
  const { path, id } = corpus.sessions[0] as { path: string; id: string }
  appendFileSync(path, `{"type":"custom-title","customTitle":"renamed","sessionId":"${id}"}\n`)
  expect((await findAll(source))[0]?.title).toBe('renamed')
  expect(readFileSync(path, 'utf8')).toContain('renamed')
})

it('SO7 a machine without the agent has no sessions', async () => {
  expect(await findAll(sourceOf(join(temporaryFolder(), 'absent')))).toEqual([])
})
