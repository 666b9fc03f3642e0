/** What an agent tells of during a turn (rule AC8): text, calls, plans and modes, as effects. */
import { planOf } from '../driven/reading.ts'
import { blockText, type Calls } from './calls.ts'
import type { Outbox } from './outbox.ts'
import type { Update } from './schema.ts'

export interface Turn {
  /** Resolves to why the turn is over, where version 2 says so by a state. */
  take(update: Update): string | undefined
  end(): void
}

type Role = 'assistant' | 'thought'

export function createTurn(out: Outbox, calls: Calls): Turn {
  /** What was told of each message by now, for those that are told whole again. */
  const told = new Map<string, string>()

  function text(role: Role, message: string | undefined, said: string): void {
    if (said !== '') out.emit({ do: 'text', role, message, text: said })
  }

  function chunk(role: Role, message: string | undefined, said: string): void {
    if (message !== undefined) told.set(message, (told.get(message) ?? '') + said)
    text(role, message, said)
  }

  /** What is new of it; one that is no longer what it was is another message. */
  function whole(role: Role, message: string, said: string): void {
    const before = told.get(message) ?? ''
    told.set(message, said)
    if (said.startsWith(before)) text(role, message, said.slice(before.length))
    else text(role, `${message} again`, said)
  }

  return {
    take(update) {
      switch (update.sessionUpdate) {
        case 'agent_message_chunk':
        case 'agent_thought_chunk': {
          const role = update.sessionUpdate === 'agent_message_chunk' ? 'assistant' : 'thought'
          chunk(role, update.messageId ?? undefined, blockText(update.content))
          return undefined
        }
        case 'agent_message':
        case 'agent_thought': {
          const role = update.sessionUpdate === 'agent_message' ? 'assistant' : 'thought'
          if (update.content) whole(role, update.messageId, update.content.map(blockText).join(''))
          return undefined
        }
        case 'tool_call':
        case 'tool_call_update': {
          const { told: call } = calls.take(update)
          if (call) out.emit({ do: 'call', call })
          return undefined
        }
        case 'tool_call_content_chunk':
          calls.append(update.toolCallId, update.content.content)
          return undefined
        case 'plan':
          out.emit({ do: 'plan', entries: planOf(update.entries as never) })
          return undefined
        case 'current_mode_update':
          out.emit({ do: 'mode', mode: update.currentModeId })
          return undefined
        case 'state_update':
          return update.state === 'idle' ? (update.stopReason ?? 'end_turn') : undefined
      }
    },
    end: () => told.clear(),
  }
}
