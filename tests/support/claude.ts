/** A Claude Code tree of the corpus with the source that reads it, removed after the test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@baton/client/core/ports/platform'
import type { FoundSession, Source } from '@baton/client/core/ports/source'
import { nativeSha256 } from '@baton/client/node/platform'
import { createClaudeCodeSource } from '@baton/client/node/sources/claude-code/source'
import { onTestFinished } from 'vitest'
import { type Corpus, type CorpusOptions, writeCorpus } from './corpus/corpus.ts'
import { createManualClock } from './manual-clock.ts'

export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'baton-claude-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export const sourceOf = (configDir: string, clock: Clock = createManualClock()): Source =>
  createClaudeCodeSource({ sha256: nativeSha256, clock, configDir })

export function openCorpus(options: CorpusOptions): { corpus: Corpus; source: Source } {
  const corpus = writeCorpus(temporaryFolder(), options)
  return { corpus, source: sourceOf(corpus.config) }
}

export async function findAll(source: Source): Promise<FoundSession[]> {
  const found: FoundSession[] = []
  for await (const session of source.find()) found.push(session)
  return found
}

/** The found form of one session, by its agent's id. */
export async function findOne(source: Source, id: string): Promise<FoundSession> {
  const found = (await findAll(source)).find(({ agentSession }) => agentSession === id)
  if (found === undefined) throw new Error(`no session ${id}`)
  return found
}
