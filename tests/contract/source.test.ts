import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FoundSession } from '@baton/client/core/ports/source'
import { nativeSha256 } from '@baton/client/node/platform'
import { createClaudeCodeSource } from '@baton/client/node/sources/claude-code/source'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { sourceContract } from './source.ts'

sourceContract('claude-code', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'baton-source-'))
  const { config, sessions } = writeCorpus(dir, { seed: 11, sessions: 2, plain: true })
  const source = createClaudeCodeSource({
    sha256: nativeSha256,
    clock: createManualClock(),
    configDir: config,
  })
  const found: FoundSession[] = []
  for await (const session of source.find()) found.push(session)
  const written = sessions[1]
  const session = found.find(({ agentSession }) => agentSession === written?.id)
  if (written === undefined || session === undefined) throw new Error('the corpus was not found')
  return {
    source,
    session,
    main: 'transcript.jsonl',
    files: written.files,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
})
