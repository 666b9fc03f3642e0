/** CO: the corpus is what it says, so that tests which rely on it prove something. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { type Corpus, writeCorpus } from '../../../support/corpus/corpus.ts'

const made: string[] = []
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true })
})

function corpus(options: Parameters<typeof writeCorpus>[1]): Corpus {
  const dir = mkdtempSync(join(tmpdir(), 'baton-corpus-'))
  made.push(dir)
  return writeCorpus(dir, options)
}

const bytesOf = (from: Corpus, root: string) =>
  from.sessions.flatMap((session) =>
    session.files.map((file) => {
      const text = readFileSync(file.path).toString('latin1').replaceAll(root, '/r')
      return text.replaceAll(root.replace(/[^a-zA-Z0-9]/g, '-'), '-r')
    }),
  )

it('CO1 one seed writes one tree, another seed another', () => {
  const [a, b, c] = [1, 1, 2].map((seed) => corpus({ seed })) as [Corpus, Corpus, Corpus]
  const [first, same, other] = [a, b, c].map((each) => bytesOf(each, each.home.slice(0, -5)))
  expect(first).toEqual(same)
  expect(first).not.toEqual(other)
})

it('CO2 it holds every record type of both generations', () => {
  const types = new Set<string>()
  for (const text of bytesOf(corpus({ seed: 3, bytes: 60_000 }), 'x')) {
    for (const [, type] of text.matchAll(/"type":"([a-z_-]+)"/g)) types.add(type as string)
    for (const [, type] of text.matchAll(/"subtype":"([a-z_]+)"/g)) types.add(type as string)
  }
  for (const type of [
    ...['user', 'assistant', 'system', 'attachment', 'progress', 'summary', 'custom-title'],
    ...['ai-title', 'agent-name', 'tag', 'mode', 'permission-mode', 'last-prompt', 'pr-link'],
    ...['worktree-state', 'relocated', 'bridge-session', 'frame-link', 'atis-latch', 'tools-used'],
    ...['cost-state', 'queue-operation', 'file-history-snapshot', 'file-history-delta'],
    ...['api-request', 'api-request-shape', 'api-request-blob', 'compact_boundary'],
    ...['turn_duration', 'thinking', 'tool_use', 'tool_result', 'command_permissions'],
  ]) {
    expect(types).toContain(type)
  }
})

it('CO2 what it says of a file is what is on disk', () => {
  for (const session of corpus({ seed: 4, hugeLineBytes: 300_000 }).sessions) {
    for (const file of session.files) {
      const bytes = readFileSync(file.path)
      expect(bytes.length).toBe(file.bytes)
      if (file.kind === 'whole') continue
      expect(bytes.filter((byte) => byte === 10).length).toBe(file.records)
      expect(bytes.length - (bytes.lastIndexOf(10) + 1)).toBe(file.torn)
    }
  }
})

it('CO3 an append chains to the last record of the file', () => {
  const [session] = corpus({ seed: 5, sessions: 1 }).sessions
  const path = session?.path as string
  const last = agentAppends(path, 3, 1).at(-1) as string
  const [first] = agentAppends(path, 5, 2) as [string]
  const chained = [last, first].map((line) => JSON.parse(line) as { sessionId?: string })
  expect(readFileSync(path, 'utf8')).toContain(`${last}\n${first}\n`)
  expect(chained[0]?.sessionId).toBe(session?.id)
})
