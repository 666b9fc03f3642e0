/** CL1 at a prompt: raw mode makes a key of Ctrl-C, and it still is one. */
import { PassThrough } from 'node:stream'
import { confirm } from '@baton/client/node/cli/keys'
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
