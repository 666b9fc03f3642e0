import { execFileSync } from 'node:child_process'
import { appendFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceItem } from '@baton/client/core/ports/source'
import { listSidecars } from '@baton/client/node/sources/claude-code/sidecars'
import { expect, it } from 'vitest'
import { findAll, findOne, openCorpus, temporaryFolder } from '../../../../support/claude.ts'
import { put } from '../../../../support/corpus/tree.ts'
import { createTaker } from '../../../../support/taken.ts'

it('SO6 no canary of the deny list is in anything that is read', async () => {
  const { corpus, source } = openCorpus({ seed: 41 })
  for (const session of await findAll(source)) {
    const taker = createTaker(source, session)
    await taker.take()
    const all = taker.files().map((file) => Buffer.from(taker.bytes(file)).toString('latin1'))
    for (const { canary } of corpus.decoys) expect(all.join('')).not.toContain(canary)
  }
  expect(corpus.decoys.length).toBeGreaterThan(5)
})

it('SO6 symlinks and other things that are no files are told and not read', async () => {
  const { corpus, source } = openCorpus({ seed: 42 })
  const first = corpus.sessions[0]
  const sidecar = String(first?.path).slice(0, -6)
  execFileSync('mkfifo', [join(sidecar, 'tool-results/pipe')])
  put(join(sidecar, 'tool-results/history.jsonl'), 'canary')
  const session = await findOne(source, first?.id as string)
  const skipped = (await createTaker(source, session).take()).filter(
    (item): item is Extract<SourceItem, { kind: 'skipped' }> => item.kind === 'skipped',
  )
  expect(skipped.map(({ file }) => file)).toEqual([
    ...['subagents/agent-leak.jsonl', 'subagents/up', 'tool-results/history.jsonl'],
    ...['tool-results/leak.txt', 'tool-results/pipe'],
  ])
})

it('SO6 a transcript or a sidecar folder that became a symlink is not followed', async () => {
  const { corpus, source } = openCorpus({ seed: 43, sessions: 2 })
  const { path, id } = corpus.sessions[1] as { path: string; id: string }
  const session = await findOne(source, id)
  rmSync(path.slice(0, -6), { recursive: true })
  symlinkSync(corpus.home, path.slice(0, -6))
  const taker = createTaker(source, session)
  const items = await taker.take()
  expect(taker.files()).toEqual(['transcript.jsonl'])
  expect(items.at(-1)).toMatchObject({ kind: 'skipped', file: '' })
  rmSync(path)
  symlinkSync(corpus.decoys[0]?.path as string, path)
  await expect(taker.take()).rejects.toMatchObject({ code: 'not-found' })
})

it('SO4 a path that is no session of this folder is not read', async () => {
  const { corpus, source } = openCorpus({ seed: 44, sessions: 1 })
  const session = await findOne(source, corpus.sessions[0]?.id as string)
  const elsewhere = [
    corpus.decoys[0]?.path as string,
    join(corpus.config, 'history.jsonl'),
    join(corpus.config, 'projects/x/../../../.claude.json'),
    session.path.replace(session.agentSession, 'x'),
    session.path.replace('.jsonl', ''),
  ]
  for (const path of elsewhere) {
    await expect(createTaker(source, { ...session, path }).take()).rejects.toMatchObject({
      code: 'invalid',
    })
  }
})

it('SO5 whole files are carried again when they changed, and only then', async () => {
  const { corpus, source } = openCorpus({ seed: 45, sessions: 2 })
  const { path, id } = corpus.sessions[1] as { path: string; id: string }
  const taker = createTaker(source, await findOne(source, id))
  await taker.take()
  put(join(path.slice(0, -6), 'tool-results/new.txt'), 'new')
  put(join(path.slice(0, -6), 'workflows/run-1/state.json'), '{"step":4}')
  const again = await taker.take()
  expect(again.map((item) => [item.kind, item.file])).toEqual([
    ['file', 'tool-results/new.txt'],
    ['file', 'workflows/run-1/state.json'],
  ])
  expect(Buffer.from(taker.bytes('workflows/run-1/state.json')).toString()).toBe('{"step":4}')
  expect(await taker.take()).toEqual([])
})

it('SO5 a whole file that changes while it streams is source-changed', async () => {
  const { corpus, source } = openCorpus({ seed: 46, sessions: 2 })
  const { path, id } = corpus.sessions[1] as { path: string; id: string }
  const session = await findOne(source, id)
  const file = join(path.slice(0, -6), 'tool-results/big.txt')
  put(file, 'b'.repeat(2_000_000))
  const state = { cursors: new Map(), versions: new Map(), has: async () => false }
  for await (const item of source.read(session, state)) {
    if (item.kind !== 'file' || item.file !== 'tool-results/big.txt') continue
    const content = item.content()[Symbol.asyncIterator]()
    await content.next()
    appendFileSync(file, 'more')
    await expect(drain(content)).rejects.toMatchObject({ code: 'source-changed' })
    writeFileSync(file, 'less')
    await expect(drain(item.content()[Symbol.asyncIterator]())).rejects.toMatchObject({
      code: 'source-changed',
    })
  }
})

async function drain(content: AsyncIterator<unknown>): Promise<void> {
  while ((await content.next()).done !== true);
}

it('SO5 the number of sidecars is bounded', async () => {
  const folder = temporaryFolder()
  for (let n = 0; n < 25; n++) put(join(folder, `tool-results/${n}.txt`), 'x')
  const listed: { kind: string }[] = []
  for await (const sidecar of listSidecars(folder, 20)) listed.push(sidecar)
  expect(listed).toHaveLength(21)
  expect(listed.at(-1)).toMatchObject({ kind: 'skipped', reason: 'more than 20 files' })
})
