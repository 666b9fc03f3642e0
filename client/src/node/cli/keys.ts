/** Keys of a terminal in raw mode, and the prompts made of them; on stderr, leaving one line behind. */
import { emitKeypressEvents } from 'node:readline'
import { BatonError } from '@baton/shared/errors'
import type { Terminal } from './terminal.ts'
import { cutTo, widthOf } from './width.ts'

export interface Key {
  readonly name: string | undefined
  /** What was typed, when it is a character. */
  readonly text: string
  readonly ctrl: boolean
}

/** `view`: the prompt as it is now, one line an entry; `done`: the answer, and what stays of it. */
export type Step<T> =
  | { readonly at: 'asking' }
  | { readonly at: 'done'; readonly answer: T; readonly shown: string }

/** Lines of a terminal that a line of a prompt takes; colours take no room. */
function rowsOf(line: string, columns: number): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what Paint writes begins with one
  const width = widthOf(line.replace(/\u001b\[\d+m/g, ''))
  return Math.max(1, Math.ceil(width / columns))
}

/** Runs a prompt until it is done. Rejects with `cancelled` on Ctrl-C, Ctrl-D and Escape. */
export async function prompt<T>(
  terminal: Terminal,
  view: () => readonly string[],
  press: (key: Key) => Step<T>,
): Promise<T> {
  const { stdin } = terminal
  emitKeypressEvents(stdin)
  let lines = 0
  const erase = () => {
    terminal.raw(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(Math.max(0, lines - 1))}`)
    lines = 0
  }
  const draw = () => {
    erase()
    const shown = view()
    terminal.raw(shown.join('\n'))
    lines = shown.reduce((sum, line) => sum + rowsOf(line, terminal.columns), 0)
  }
  const wasRaw = stdin.isRaw
  stdin.setRawMode(true)
  stdin.resume()
  draw()
  try {
    const { answer, shown } = await new Promise<Step<T> & { at: 'done' }>((resolve, reject) => {
      function onKey(text: string | undefined, key: { name?: string; ctrl?: boolean }): void {
        const ctrl = key.ctrl ?? false
        const leaves = key.name === 'escape' || (ctrl && (key.name === 'c' || key.name === 'd'))
        if (leaves) {
          stdin.off('keypress', onKey)
          // Raw mode makes a key of what is a signal elsewhere, and it may end the process at once.
          if (key.name === 'c') {
            erase()
            stdin.setRawMode(wasRaw)
            process.emit('SIGINT', 'SIGINT')
          }
          reject(new BatonError('cancelled', 'cancelled'))
          return
        }
        const step = press({ name: key.name, text: text ?? '', ctrl })
        if (step.at === 'asking') draw()
        else {
          stdin.off('keypress', onKey)
          resolve(step)
        }
      }
      stdin.on('keypress', onKey)
    })
    erase()
    terminal.raw(`${shown}\n`)
    return answer
  } catch (error) {
    erase()
    throw error
  } finally {
    stdin.setRawMode(wasRaw)
    stdin.pause()
  }
}

export interface Choice<T> {
  readonly value: T
  readonly label: string
  readonly hint?: string
}

/** Arrow keys or the first letters; at most ten lines at once. */
export function choose<T>(
  terminal: Terminal,
  question: string,
  choices: readonly Choice<T>[],
): Promise<T> {
  const { bold, dim, accent } = terminal.note
  const room = 10
  let at = 0
  const view = () => {
    const first = Math.max(0, Math.min(at - (room >> 1), choices.length - room))
    const rows = choices.slice(first, first + room).map((choice, index) => {
      const here = first + index === at
      // One row each: what wraps is not read as a list.
      const label = cutTo(choice.label, terminal.columns - 5)
      const left = terminal.columns - 7 - widthOf(label)
      const hint = left < 4 ? '' : cutTo(choice.hint ?? '', left)
      const tail = hint === '' ? '' : `  ${dim(hint)}`
      return here ? `  ${accent('›')} ${bold(label)}${tail}` : `    ${label}${tail}`
    })
    return [`${accent('?')} ${question}`, ...rows]
  }
  return prompt(terminal, view, ({ name, text }) => {
    if (name === 'up' || name === 'k') at = (at + choices.length - 1) % choices.length
    if (name === 'down' || name === 'j' || name === 'tab') at = (at + 1) % choices.length
    const digit = Number(text)
    if (digit >= 1 && digit <= Math.min(9, choices.length)) at = digit - 1
    const { value, label } = choices[at] as Choice<T>
    if (name !== 'return') return { at: 'asking' }
    return { at: 'done', answer: value, shown: `${accent('?')} ${question} ${dim(label)}` }
  })
}

/** `y` or `n`; Enter alone says nothing. */
export function confirm(terminal: Terminal, question: string): Promise<boolean> {
  const { dim, accent } = terminal.note
  const view = () => [`${accent('?')} ${question} ${dim('(y/n)')} `]
  return prompt<boolean>(terminal, view, ({ name }) => {
    if (name !== 'y' && name !== 'n') return { at: 'asking' }
    const answer = name === 'y'
    const shown = `${accent('?')} ${question} ${dim(answer ? 'yes' : 'no')}`
    return { at: 'done', answer, shown }
  })
}
