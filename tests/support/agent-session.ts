/** An agent session that alice made on her laptop and bob holds too. */
import { createAgentSession, switchMode } from '@baton/shared/model/agent/changes'
import { readAgent } from '@baton/shared/model/agent/read'
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import { apply, type Writer } from './apply-changes.ts'
import { createDocumentWorld } from './document-world.ts'

export const now = Date.UTC(2026, 0, 2)
export const later = now + 60_000
export const init = { agent: 'kai', user: 'ann', device: 'laptop', mode: 'popup', now } as const

export function agentSession(more: object = {}) {
  const { writers, all } = createDocumentWorld()
  const { alice, bob } = writers
  alice.grant('bob')
  apply(alice, createAgentSession({ ...init, ...more }))
  bob.pull(alice)
  return { alice, bob, all }
}

export const read = (writer: Writer) => readAgent(writer.state)
export const ui = (writer: Writer, mode: InterfaceMode) => read(writer).volatile.ui[mode]
export const go = (writer: Writer, to: InterfaceMode, at = later) =>
  apply(writer, switchMode(read(writer), to, at))
