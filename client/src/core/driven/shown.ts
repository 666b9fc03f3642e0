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
  const record = (
    at: number,
    kind: ShownRecord['kind'],
    said: string,
    state: string,
  ): ShownRecord => ({
    ...{ file: historyFile, index: index++, kind, at: new Date(at).toISOString() },
    ...{ text: clipped(said, maxShownText), bytes: utf8Encode(said).length },
    ...(state === 'whole' ? {} : { state }),
  })
  for (const message of await document.history()) {
    const { at } = message
    const { role, text, call } = saidIn(message.value)
    const of = call === undefined ? undefined : calls.get(call)
    if (of === undefined) {
      yield record(at, kinds[role] ?? 'other', text, stateOf(message))
      continue
    }
    calls.delete(of.call)
    yield record(at, 'tool', said(of.name, of.input), of.status)
    if (of.output !== undefined) yield record(at, 'result', of.output, 'whole')
  }
  // Said to whoever holds the session, and not taken up yet.
  for (const { at, value } of await document.inputs()) {
    yield record(at, 'user', saidIn(value).text, 'waiting')
  }
}

const said = (name: string, input: string | undefined): string =>
  input === undefined ? name : `${name} ${input}`
