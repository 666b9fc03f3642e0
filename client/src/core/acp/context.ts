/** What went before, for an agent that does not know it (rule AC10): as text in front of the next prompt. */
import type { PastMessage } from '../driven-api.ts'

export interface Past {
  readonly messages: readonly PastMessage[]
  /** Older ones for which there was no room. */
  readonly left: number
}

/** Undefined when there is nothing to tell. */
export function contextOf({ messages, left }: Past): string | undefined {
  if (messages.length === 0) return undefined
  const lines = messages.map(({ role, text }) => `${role}: ${text}`)
  const cut = left === 0 ? '' : ` (${left} older ones are left out)`
  return [
    `This session went on elsewhere. What was said there, oldest first${cut}:`,
    ...lines,
    'That is all of it; what follows is said to you now.',
  ].join('\n\n')
}

/** The last word was a person's, and nobody answered it. */
export const isUnanswered = ({ messages }: Past): boolean => messages.at(-1)?.role === 'user'
