/**
 * What messages and calls of a driven session say, out of values that any device may have written: of
 * whatever form, read into a few plain words and bounded.
 */
import type { Value } from '@baton/shared/encoding/msgpack'
import { maxCallChars } from '@baton/shared/limits'
import { isMap, type Values } from '@baton/shared/model/fields'
import type { DocumentMessage, ToolCallRow } from '../documents-api.ts'
import type { CallFacts, MessageState, PlanEntry } from '../driven-api.ts'

const nothing: Values = {}

export interface Said {
  readonly role: string
  readonly text: string
  /** Of a message that stands for a tool call in the history. */
  readonly call: string | undefined
}

export function saidIn(value: Value | undefined): Said {
  if (typeof value === 'string') return { role: 'user', text: value, call: undefined }
  if (!isMap(value)) return { role: 'other', text: '', call: undefined }
  const { role, content, call } = value
  return {
    role: typeof role === 'string' ? role.slice(0, 64) : 'other',
    text: textOf(content),
    call: typeof call === 'string' ? call : undefined,
  }
}

/** A text, or a list of blocks of which those with a text count. */
function textOf(content: Value | undefined): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .flatMap((block) => {
      const { text } = isMap(block) ? block : nothing
      return typeof text === 'string' && text !== '' ? [text] : []
    })
    .join('\n')
}

export function stateOf({ redacted, stream }: DocumentMessage): MessageState {
  if (redacted) return 'retracted'
  if (stream === undefined || stream.state === 'done') return 'whole'
  return stream.state
}

export function callFacts({ call, status, detail }: ToolCallRow): CallFacts {
  const { name, input, output } = isMap(detail) ? detail : nothing
  return {
    call,
    status,
    name: typeof name === 'string' && name !== '' ? clipped(name, 200) : 'tool',
    ...(typeof input === 'string' ? { input: clipped(input) } : {}),
    ...(typeof output === 'string' ? { output: clipped(output) } : {}),
  }
}

export function planOf(value: Value | undefined): readonly PlanEntry[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, 100).flatMap((each): PlanEntry[] => {
    const { content, status } = isMap(each) ? each : nothing
    if (typeof content !== 'string') return []
    const known = status === 'completed' || status === 'in_progress' ? status : 'pending'
    return [{ content: clipped(content, 500), status: known }]
  })
}

/** At most so many UTF-16 units, ending in an ellipsis when something was cut; never half a pair. */
export function clipped(text: string, most = maxCallChars): string {
  if (text.length <= most) return text
  const head = text.slice(0, most - 1)
  const half = /[\ud800-\udbff]$/.test(head)
  return `${half ? head.slice(0, -1) : head}…`
}
