/** One session in two lengths, for the tests that kill a placement: 3 MiB, with sidecars. */
import type { CarriedSession } from '@baton/client/core/ports/source'
import { recordsFile, wholeFile } from './carried.ts'

export const placeCaseId = '11111111-1111-4111-8111-111111111111'

const record = (n: number): string =>
  n % 7 === 3
    ? '{"type":"permission-mode","permissionMode":"plan"}'
    : JSON.stringify({
        parentUuid: n === 0 ? null : `u${n - 1}`,
        type: 'user',
        uuid: `u${n}`,
        permissionMode: 'bypassPermissions',
        message: { role: 'user', content: `${n} `.repeat(200) },
      })

export function placeCase(project: string, length: 'short' | 'long'): CarriedSession {
  const records = length === 'short' ? 1000 : 4000
  const lines = Array.from({ length: records }, (_, n) => record(n))
  return {
    agent: 'claude-code',
    agentSession: placeCaseId,
    project,
    repository: undefined,
    files: [
      recordsFile('transcript.jsonl', lines),
      recordsFile('subagents/agent-1.jsonl', lines.slice(0, records / 100)),
      wholeFile('subagents/agent-1.meta.json', `{"length":"${length}"}`),
    ],
  }
}
