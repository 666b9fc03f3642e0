/** WA4, WA5: a session on a terminal as it goes. */
import type { LiveEvent } from '@baton/client/core/mesh-api'
import { createLiveScreen } from '@baton/client/node/cli/live-screen'
import { expect, it } from 'vitest'
import { keptTerminal } from '../../../support/cli-terminal.ts'
import { aliceId } from '../../../support/fake-mesh.ts'

const message = (id: string, role: string, text: string, state = 'open') =>
  ({ at: 'message', id, role, device: aliceId, time: 0, text, state }) as LiveEvent
const more = (id: string, text: string): LiveEvent => ({ at: 'text', id, text })
const call = (status: string, output?: string) =>
  ({ at: 'call', call: 'c', name: 'bash', input: '{"command":"ls"}', status, output }) as LiveEvent

function shown(events: readonly LiveEvent[], options: Parameters<typeof keptTerminal>[0] = {}) {
  const kept = keptTerminal({ columns: 40, ...options })
  const screen = createLiveScreen(kept.terminal)
  for (const event of events) screen.show(event)
  screen.end()
  return { out: kept.out(), err: kept.err() }
}

const turn: readonly LiveEvent[] = [
  { at: 'session', session: 's' as never, title: 't', driven: true },
  message('u', 'user', 'go on', 'whole'),
  message('a', 'assistant', 'let me '),
  more('a', 'look at the files'),
  more('a', ' of this project first\n\n- one'),
  more('a', '\n- two\n\n'),
  { at: 'ended', id: 'a', state: 'whole' },
  call('running'),
  call('ok', '\n  src\n  tests\n'),
  { at: 'plan', entries: [{ content: 'read', status: 'completed' }] },
  { at: 'plan', entries: [{ content: 'fix it', status: 'in_progress' }] },
  message('b', 'assistant', 'done so', 'interrupted'),
  message('r', 'other', '', 'retracted'),
  message('e', 'assistant', '', 'open'),
  { at: 'ended', id: 'e', state: 'interrupted' },
  { at: 'input', id: 'i', device: aliceId, text: 'and the docs' },
]
const lines = `you     go on
agent   let me look at the files of
        this project first

        - one
        - two
tool    bash  {"command":"ls… (running)
tool    bash  {"command":"ls"} (ok)
          src
plan    ✓ read
plan    › fix it
agent   done so (interrupted)
other   (taken back)
agent   (interrupted)
inbox   and the docs (waits)
`

it('WA4 a pipe gets whole lines, each once, and nothing is drawn', () => {
  expect(shown(turn)).toEqual({ out: lines, err: '' })
  expect(shown(turn, { live: true, term: 'dumb' })).toEqual({ out: lines, err: '' })
})

it('WA4 on a terminal the line that grows is drawn over, and a call shows how it stands', () => {
  const { out, err } = shown(turn, { live: true })
  expect(out).toBe(lines.replace(/^.*\(running\)\n/m, ''))
  const drawn = err.split('\r\u001b[2K').filter((each) => each !== '')
  expect(drawn).toEqual([
    'agent   let me ',
    'agent   let me look at the files',
    '        - one',
    'tool    bash  {"command":"ls"} … runni…',
  ])
})

it('WA4 messages that grow beside each other each stand under their own name', () => {
  const beside = [
    message('a', 'assistant', 'one'),
    message('b', 'user', 'two'),
    more('a', ' three'),
    more('b', 'four'),
  ]
  expect(shown(beside).out).toBe('agent   one\nyou     two\nagent   three\nyou     four\n')
})

it('WA5 what others write cannot steer the terminal, in whatever pieces it comes', () => {
  const hostile = 'a\u001b[2Jb\u202ec\u009b31md\te\rf\u0007\u200b'
  for (const parts of [[hostile], [...hostile]]) {
    const events = [message('a', 'assis\u001btant', ''), ...parts.map((part) => more('a', part))]
    const { out, err } = shown(events, { live: true, columns: 80 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200b]/)
    const drawn = err.replaceAll('\r\u001b[2K', '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(drawn).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u200b]/)
  }
  const tool = { ...call('ok', '\u001b[1A\u001b[2Kgone'), name: 'x\ny\u001b[0m' } as LiveEvent
  expect(shown([tool], { columns: 80 }).out).toBe(
    'tool    x y  {"command":"ls"} (ok)\n          gone\n',
  )
})
