/** CL1, CL4, CL5 at a prompt: Ctrl-C still is one, and what is drawn over goes away whole. */
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { choose, confirm } from '@baton/client/node/cli/keys'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { expect, it, onTestFinished, vi } from 'vitest'

it.each([
  ['Ctrl-C', '\u0003', 1],
  ['Ctrl-D', '\u0004', 0],
])('CL1 %s at a prompt gives the terminal back and cancels', async (_name, typed, signals) => {
  const said: string[] = []
  const modes: boolean[] = []
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode: (raw: boolean) => modes.push(raw),
  })
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const terminal = createTerminal({
    stdin,
    stdout: out,
    stderr: out,
    env: {},
    json: false,
    quiet: false,
  } as never)
  const emit = vi.spyOn(process, 'emit').mockImplementation(((event: string, signal: string) => {
    said.push(`${event} ${signal} ${modes.at(-1)}`)
    return true
  }) as never)
  onTestFinished(() => emit.mockRestore())
  const asked = confirm(terminal, 'the same?')
  stdin.write(typed)
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
  expect(said).toEqual(Array.from({ length: signals }, () => 'SIGINT SIGINT false'))
  expect(modes.at(-1)).toBe(false)
})

/** A terminal of `columns`, and what was written to it. */
function terminalOf(columns: number, env: Record<string, string> = {}) {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode: () => undefined,
  })
  const out = Object.assign(new PassThrough(), { isTTY: true, columns })
  const streams = { stdin, stdout: out, stderr: out }
  const terminal = createTerminal({ ...streams, env, json: false, quiet: false } as never)
  return { terminal, stdin, written: () => String(out.read() ?? '') }
}

it('CL5 in 40 columns a list has one row each, and a question that wraps is drawn over whole', async () => {
  const { terminal, stdin, written } = terminalOf(40, { NO_COLOR: '1' })
  const question = 'Show a code, or type the one the other device shows?'
  const asked = choose(terminal, question, [
    { value: 1, label: 'x'.repeat(60), hint: '/a/project 3 min ago' },
    { value: 2, label: 'short', hint: 'a hint that is longer than what is left of it' },
  ])
  const rows = written().split('\n').slice(1)
  expect(rows.map((row) => row.length <= 40)).toEqual([true, true])
  stdin.write('j')
  await turn()
  // Two rows of the question and two of the list: three are gone up.
  expect(written().split('\u001b[1A')).toHaveLength(4)
  stdin.write('\r')
  expect(await asked).toBe(2)
})

it('CL4 a dumb terminal is asked nothing: a prompt is drawn over', () => {
  expect(terminalOf(80).terminal.asks).toBe(true)
  expect(terminalOf(80, { TERM: 'dumb' }).terminal.asks).toBe(false)
})
