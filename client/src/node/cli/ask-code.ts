/** Where a code comes from (rules CL6, CL7): a prompt, stdin, or, with a warning, the command line. */
import { BatonError } from '@baton/shared/errors'
import { parseCode } from '@baton/shared/keyexchange/code'
import { type CodeLine, emptyCode, typeCode } from '@baton/shared/keyexchange/code-line'
import { maxCodeChars } from '@baton/shared/limits'
import { isInvitationLink } from '@baton/shared/protocol/invitation-link'
import { usage } from './exit.ts'
import { type Key, prompt } from './keys.ts'
import type { Terminal } from './terminal.ts'

/** Resolves with a code that can be read. Rejects with `code-format`, `usage` or `cancelled`. */
export async function askCode(terminal: Terminal, given: string | undefined): Promise<string> {
  if (given === '-')
    return readable(await firstLine(terminal, 'failed to pair: stdin held no code'))
  if (given !== undefined) {
    terminal.warn(
      'warning: a code on the command line can be seen in ps and stays in the shell history; leave it out to be asked',
    )
    return readable(given)
  }
  if (!terminal.asks) {
    throw usage('failed to pair: no code was given', 'pipe it in: baton pair --join -')
  }
  return readable(await promptCode(terminal))
}

/** Throws `code-format`; nothing was sent by then. */
function readable(text: string): string {
  if (isInvitationLink(text)) {
    throw new BatonError('code-format', 'failed to read the code: that is an invitation', {
      hint: 'baton join opens it',
    })
  }
  parseCode(text)
  return text.trim()
}

function promptCode(terminal: Terminal): Promise<string> {
  const { accent, bold, dim } = terminal.note
  const question = `${accent('?')} Code of the other device`
  let line: CodeLine = emptyCode
  const view = () => {
    const below = line.note === '' ? dim('Tab completes a word') : dim(line.note)
    return [`  ${below}`, `${question}  ${bold(line.text)}${dim(line.ghost)}`]
  }
  return prompt<string>(terminal, view, (key) => {
    if (key.name === 'return' && line.complete) {
      return { at: 'done', answer: line.text + line.ghost, shown: `${question}  ${dim('read')}` }
    }
    line = typeCode(line, nameOf(key))
    return { at: 'asking' }
  })
}

/** What a key means to a line of text. */
export function nameOf({ name, text, ctrl }: Key): string {
  if (name === 'backspace') return 'backspace'
  if (ctrl && (name === 'u' || name === 'w')) return 'clear'
  if (name === 'tab') return 'tab'
  return ctrl || text < ' ' ? '' : text
}

/** Of stdin. Rejects with `usage`, as `otherwise`, when there is none. */
export async function firstLine({ stdin }: Terminal, otherwise: string): Promise<string> {
  let text = ''
  stdin.setEncoding('utf8')
  for await (const part of stdin) {
    text += part as string
    if (text.includes('\n') || text.length > 2 * maxCodeChars) break
  }
  const line = text.split('\n', 1)[0] ?? ''
  if (line.trim() === '') throw usage(otherwise)
  return line
}
