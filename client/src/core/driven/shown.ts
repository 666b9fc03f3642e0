/** The history of a document as records for reading, as a transcript's are (rule NS5). */
import { utf8Encode } from '@baton/shared/bytes'
import { maxShownText } from '@baton/shared/limits'
import type { Document } from '../documents-api.ts'
import type { ShownRecord } from '../mesh-api.ts'
import { callFacts, clipped, saidIn, stateOf } from './reading.ts'

/** What the history of a document is called where a transcript names its file. */
export const historyFile = 'history'

const kinds: Readonly<Record<string, ShownRecord['kind']>> = {
  user: 'user',
  assistant: 'assistant',
  system: 'system',
  tool: 'tool',
}

export async function* shownHistory(document: Document): AsyncGenerator<ShownRecord> {
  const calls = new Map((await document.tools()).map((row) => [row.call, callFacts(row)]))
  let index = 0
  for (const message of await document.history()) {
    const { role, text, call } = saidIn(message.value)
    const of = call === undefined ? undefined : calls.get(call)
    const at = new Date(message.at).toISOString()
    const record = (kind: ShownRecord['kind'], said: string, state: string): ShownRecord => ({
      ...{ file: historyFile, index: index++, kind, at, text: clipped(said, maxShownText) },
      bytes: utf8Encode(said).length,
      ...(state === 'whole' ? {} : { state }),
    })
    if (of === undefined) {
      yield record(kinds[role] ?? 'other', text, stateOf(message))
      continue
    }
    calls.delete(of.call)
    yield record('tool', said(of.name, of.input), of.status)
    if (of.output !== undefined) yield record('result', of.output, 'whole')
  }
}

const said = (name: string, input: string | undefined): string =>
  input === undefined ? name : `${name} ${input}`
