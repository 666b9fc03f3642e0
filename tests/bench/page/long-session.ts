/** A session of very many messages, as an agent would write it, of about so many bytes. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openLineFile } from '../../support/corpus/transcript.ts'
import { agentFolder } from '../../support/peer-process.ts'

export const longSession = '0f0e0d0c-0b0a-4908-8706-050403020100'
export const lastWords = 'the very last words'

const uuid = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`

/** `folder` is the peer's. */
export function writeLongSession(folder: string, messages: number, bytes: number): void {
  const project = join(agentFolder(folder), 'projects', '-work')
  mkdirSync(project, { recursive: true })
  const out = openLineFile(join(project, `${longSession}.jsonl`))
  // What a line has besides its text.
  const room = Math.max(20, bytes / messages - 330)
  for (let i = 0; i < messages; i++) {
    const type = i % 2 === 0 ? 'user' : 'assistant'
    const said = i === messages - 1 ? lastWords : words(i, room)
    const line = {
      parentUuid: i === 0 ? null : uuid(i - 1),
      uuid: uuid(i),
      type,
      sessionId: longSession,
      cwd: '/work',
      timestamp: new Date(Date.UTC(2026, 10, 20) + i * 1000).toISOString(),
      message: { role: type, content: type === 'user' ? said : [{ type: 'text', text: said }] },
    }
    out.raw(Buffer.from(`${JSON.stringify(line)}\n`))
  }
  out.close()
}

const vocabulary =
  'tide clock harbour test fails when the lamp turns east and nobody reads what the table says about springs'.split(
    ' ',
  )

/** Words that do not repeat from message to message; the same in every run. */
function words(seed: number, length: number): string {
  let state = seed * 2_654_435_761 + 1
  let text = `message ${seed}:`
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += ` ${vocabulary[state % vocabulary.length]}`
    if (state % 11 === 0) text += ` ${state.toString(36)}`
  }
  return text
}
