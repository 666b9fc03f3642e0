/**
 * A question of an agent, put to the person at the terminal (rule AC7): what it wants to do, and its own
 * words for the answers. Where nobody can be asked it is declined, and said to be.
 */
import { cleanText } from '@baton/shared/clean-text'
import type { AbortLike } from '../../core/acp/host.ts'
import type { PermissionOption } from '../../core/acp/schema.ts'
import type { CallFacts } from '../../core/driven-api.ts'
import { choose } from './keys.ts'
import { prose } from './safe-text.ts'
import type { Terminal } from './terminal.ts'

export interface Question {
  readonly call: CallFacts
  readonly options: readonly PermissionOption[]
  note(text: string): void
}

const shownLines = 12

/** The option chosen; undefined: declined. */
export async function askPermission(
  terminal: Terminal,
  { call, options, note }: Question,
  done: AbortLike,
): Promise<string | undefined> {
  const name = cleanText(call.name, 120) ?? 'a tool'
  if (!terminal.asks) {
    note(`declined, since nobody is here to be asked: ${name}`)
    return options.find(({ kind }) => kind === 'reject_once')?.optionId
  }
  const { warn, dim } = terminal.note
  terminal.tell(`${warn('?')} the agent wants to run ${name}`)
  const input = prose(call.input ?? '').filter((line) => line !== '')
  for (const line of input.slice(0, shownLines)) terminal.tell(`    ${line}`)
  if (input.length > shownLines)
    terminal.tell(dim(`    and ${input.length - shownLines} lines more`))
  const choices = options.map(({ optionId, name: label, kind }) => ({
    value: optionId,
    label: cleanText(label, 80) ?? 'untitled',
    hint: kind?.replace('_', ' ') ?? '',
  }))
  // A key that says no: there is no other way to end a prompt.
  done.onAbort(() => void terminal.stdin.emit('keypress', undefined, { name: 'escape' }))
  return choose(terminal, 'What do you say? (Esc declines)', choices)
}
