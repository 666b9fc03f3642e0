/** The client side of ACP, and what an agent says to it. */
import { type AcpInput, type AcpOptions, createAcpClient } from '@baton/client/core/acp/client'
import type { AcpEffect } from '@baton/client/core/acp/effects'

const base: AcpOptions = { cwd: '/work', version: '9', run: 'r' }
export const ofInit = { protocolVersion: 1, agentInfo: { name: 'opencode' } }
export const canLoad = { ...ofInit, agentCapabilities: { loadSession: true } }

export function machine(options: Partial<AcpOptions> = {}) {
  const client = createAcpClient({ ...base, ...options })
  const step = (input: AcpInput) => [...client.step(input)]
  const hear = (value: unknown) => step({ at: 'heard', value })
  let id = 0
  const reply = (result: unknown) => hear({ jsonrpc: '2.0', id: ++id, result })
  const refuse = (code: number, message: string) =>
    hear({ jsonrpc: '2.0', id: ++id, error: { code, message } })
  const update = (of: object, session = 's') =>
    hear({ method: 'session/update', params: { sessionId: session, update: of } })
  return { client, step, hear, reply, refuse, update }
}

/** One that waits for a prompt, or is in its first turn. */
export function opened(turn = true) {
  const all = machine()
  all.step({ at: 'start' })
  all.reply(ofInit)
  all.reply({ sessionId: 's' })
  if (turn) all.step({ at: 'prompt', parts: ['go'] })
  return all
}

export const sent = (effects: readonly AcpEffect[]) =>
  effects.flatMap((each) => (each.do === 'send' ? [each.message] : []))
export const kinds = (effects: readonly AcpEffect[]) => effects.map((each) => each.do)
export const chunk = (text: string, messageId?: string) => ({
  ...{ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
  ...(messageId ? { messageId } : {}),
})
