/** AC7, AC12: who is asked, and who says something, at a terminal. */
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Context } from '@baton/client/node/cli/command'
import { askPermission } from '@baton/client/node/cli/permission'
import { createSpeakers } from '@baton/client/node/cli/speakers'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { expect, it } from 'vitest'
import { keptTerminal } from '../../../support/cli-terminal.ts'
import { aliceId } from '../../../support/fake-mesh.ts'

const options = [
  { optionId: 'y', name: 'Allow\u001b[2J', kind: 'allow_once' },
  { optionId: 'n', name: 'Reject', kind: 'reject_once' },
]
const call = {
  call: 'c',
  status: 'proposed',
  name: 'bash\nrm',
  input: 'one\n\u001b[1Atwo',
} as const

/** A terminal that somebody sits at. */
function seat() {
  const stdin = Object.assign(new PassThrough(), {
    ...{ isTTY: true, isRaw: false },
    setRawMode: () => undefined,
  })
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const streams = { stdin, stdout: out, stderr: out }
  const env = { NO_COLOR: '1', TERM: 'xterm' }
  const terminal = createTerminal({ ...streams, env, json: false, quiet: false } as never)
  let kept = ''
  return { terminal, stdin, shown: () => (kept += String(out.read() ?? '')) }
}

it('AC7 a person sees what is to be run, safely, and chooses among the words offered', async () => {
  const { terminal, stdin, shown } = seat()
  const asked = askPermission(
    terminal,
    { call, options, note: () => undefined },
    { onAbort: () => undefined },
  )
  await turn()
  expect(shown()).toMatch(/the agent wants to run bash rm\n {4}one\n {4}two\n/)
  expect(shown()).toContain('› Allow  allow once')
  stdin.write('2')
  stdin.write('\r')
  expect(await asked).toBe('n')
})

it('AC7 a question that is over, or left by Escape, is answered by nobody', async () => {
  const { terminal } = seat()
  let abort = () => {}
  const asked = askPermission(
    terminal,
    { call, options, note: () => undefined },
    {
      onAbort: (run) => {
        abort = run
      },
    },
  )
  await turn()
  abort()
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
})

it('AC7 where nobody is there it is declined by the word for that, or by none, and said', async () => {
  const { terminal } = keptTerminal()
  const notes: string[] = []
  const ask = (offered: typeof options) =>
    askPermission(
      terminal,
      { call, options: offered, note: (text) => void notes.push(text) },
      { onAbort: () => undefined },
    )
  expect(await ask(options)).toBe('n')
  expect(await ask(options.slice(0, 1))).toBeUndefined()
  expect(notes).toEqual([
    'declined, since nobody is here to be asked: bash rm',
    'declined, since nobody is here to be asked: bash rm',
  ])
})

const input = (id: string) => ({ id, device: aliceId, text: `said ${id}` })

it('AC12 what the inbox has comes before what is typed, which stays as it was', async () => {
  const { terminal, stdin, shown } = seat()
  const speakers = createSpeakers({ terminal } as Context, {})
  const first = speakers.next()
  await turn()
  stdin.write('half a li')
  await turn()
  speakers.hear(input('1'))
  expect(await first).toEqual({ text: 'said 1', consumes: '1' })
  const second = speakers.next()
  await turn()
  expect(shown()).toMatch(/half a li$/)
  stdin.write('ne\r')
  expect(await second).toEqual({ text: 'half a line', typed: true })
  const last = speakers.next()
  await turn()
  stdin.write('\u0004')
  expect(await last).toBeUndefined()
  speakers.close()
})

it('AC12 lines of a pipe are said in order, and its end is the end unless somebody may still say', async () => {
  const { terminal, stdin } = keptTerminal()
  const speakers = createSpeakers({ terminal } as Context, {})
  stdin.write('one\n\n  \ntwo')
  stdin.end()
  expect(await speakers.next()).toEqual({ text: 'one' })
  expect(await speakers.next()).toEqual({ text: 'two' })
  expect(await speakers.next()).toBeUndefined()

  const staying = keptTerminal()
  const others = createSpeakers({ terminal: staying.terminal } as Context, {
    ...{ prompt: 'first', stay: true },
  })
  expect(await others.next()).toEqual({ text: 'first' })
  const waiting = others.next()
  others.hear(input('2'))
  expect(await waiting).toMatchObject({ consumes: '2' })
  const stopped = others.next()
  others.stop()
  expect(await stopped).toBeUndefined()
})

it('AC12 the first Ctrl-C of a turn cancels it, another is for the run; what fails is told', async () => {
  const { terminal } = keptTerminal()
  const speakers = createSpeakers({ terminal } as Context, { stay: true, prompt: 'x' })
  speakers.begin()
  expect([speakers.interrupt(), speakers.interrupt()]).toEqual([true, false])
  speakers.begin()
  expect(speakers.interrupt()).toBe(true)
  await speakers.next()
  const next = speakers.next()
  speakers.fail(new Error('gone'))
  await expect(next).rejects.toThrow('gone')
})
