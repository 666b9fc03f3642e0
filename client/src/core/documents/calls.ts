/** The tool calls of a document, and what waits in its inbox (rules TC3, NS6). */
import type { DocumentState } from '@baton/shared/conflict/document'
import { compareWrites } from '@baton/shared/conflict/register'
import { toolOutcome } from '@baton/shared/conflict/tool-calls'
import type { InputRow, ToolCallRow } from '../documents-api.ts'
import type { Repository } from '../repo/repository.ts'
import { readHeld } from './bodies.ts'

export async function readTools(
  repository: Repository,
  state: DocumentState,
): Promise<ToolCallRow[]> {
  const rows: ToolCallRow[] = []
  const calls = [...state.tools.values()]
  calls.sort((a, b) => compareWrites(b.told.write, a.told.write))
  for (const call of calls) {
    const { device, stamp, held } = call.told.write
    rows.push({
      call: call.call,
      status: toolOutcome(state, call),
      ended: call.ends.length > 0,
      at: stamp.ms,
      device,
      detail: await readHeld(repository, held),
    })
  }
  return rows
}

export async function readInputs(
  repository: Repository,
  { inbox, messages }: DocumentState,
): Promise<InputRow[]> {
  if (inbox.size === 0) return []
  const consumed = new Set<string | undefined>()
  for (const message of messages.values()) consumed.add(message.consumes)
  const waiting = [...inbox].filter(([id]) => !consumed.has(id))
  waiting.sort(([, a], [, b]) => compareWrites(b, a))
  const rows: InputRow[] = []
  for (const [id, { device, stamp, held }] of waiting) {
    const value = (await readHeld(repository, held)) ?? null
    rows.push({ id, at: stamp.ms, device, value })
  }
  return rows
}
