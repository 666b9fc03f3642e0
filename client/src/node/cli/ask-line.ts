/** One line typed by a person at a terminal, which something else may interrupt (rule AC12). */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Terminal } from './terminal.ts'

export type Typed =
  | { readonly at: 'line'; readonly text: string }
  /** Something else comes first; `text` is what was typed by then. */
  | { readonly at: 'interrupted'; readonly text: string }
  /** Ctrl-D, or Ctrl-C. */
  | { readonly at: 'end' }

/** `text`: what stands there already. */
export function askLine(terminal: Terminal, text: string, signal: AbortSignal): Promise<Typed> {
  const output = new Writable({
    write(chunk, _encoding, done) {
      terminal.raw(String(chunk))
      done()
    },
  })
  Object.assign(output, { columns: terminal.columns, isTTY: true })
  const prompt = `${terminal.note.accent('›')} `
  const lines = createInterface({ input: terminal.stdin, output, terminal: true, prompt })
  return new Promise((resolve) => {
    const settle = (typed: Typed) => {
      signal.removeEventListener('abort', stop)
      lines.removeAllListeners('close')
      lines.close()
      terminal.stdin.pause()
      resolve(typed)
    }
    const stop = () => {
      const typed = lines.line
      terminal.raw('\r\u001b[2K')
      settle({ at: 'interrupted', text: typed })
    }
    lines.once('line', (line) => settle({ at: 'line', text: line }))
    lines.once('SIGINT', () => {
      terminal.raw('\n')
      settle({ at: 'end' })
    })
    lines.once('close', () => {
      terminal.raw('\n')
      settle({ at: 'end' })
    })
    signal.addEventListener('abort', stop)
    lines.prompt()
    if (text !== '') lines.write(text)
    if (signal.aborted) stop()
  })
}
