/** A question and an answer as Claude Code would append them to a transcript it resumed. */
import { createHash } from 'node:crypto'

/** Lines with their newlines, chained to the last record of `transcript`. */
export function newTurn(transcript: string, cwd: string): string {
  const records = transcript
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const tail = records.findLast((record) => 'uuid' in record) ?? {}
  const { sessionId, version, uuid: parent } = tail
  const common = {
    isSidechain: false,
    userType: 'external',
    cwd,
    sessionId,
    version,
    gitBranch: '',
  }
  const asked = idOf(`asked after ${String(parent)}`)
  const question = {
    parentUuid: parent,
    ...common,
    type: 'user',
    message: {
      role: 'user',
      content: 'Going on from the other machine. Is the spring tide right?',
    },
    uuid: asked,
    timestamp: new Date(0).toISOString(),
  }
  const answer = {
    parentUuid: asked,
    ...common,
    type: 'assistant',
    message: {
      id: `msg_${asked.slice(0, 8)}`,
      type: 'message',
      role: 'assistant',
      model: 'claude-demo',
      content: [{ type: 'text', text: 'Yes: it falls on the 14th, as the table says.' }],
    },
    uuid: idOf(`answered ${asked}`),
    timestamp: new Date(1000).toISOString(),
  }
  return `${JSON.stringify(question)}\n${JSON.stringify(answer)}\n`
}

/** A UUID that is the same in every run. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
