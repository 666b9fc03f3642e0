/** NS1 to NS4, WA6: new, say, show and watch, as commands. */

import { createEventQueue } from '@baton/client/core/event-queue'
import type { LiveEvent } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { newSession } from '@baton/client/node/cli/new'
import { createPaint } from '@baton/client/node/cli/paint'
import { say } from '@baton/client/node/cli/say'
import { linesOf } from '@baton/client/node/cli/show'
import { watch } from '@baton/client/node/cli/watch'
import { expect, it } from 'vitest'
import { keptTerminal } from '../../../support/cli-terminal.ts'
import { aliceId, aRecord, aSession } from '../../../support/fake-mesh.ts'
import { openControl } from '../../../support/served-control.ts'

const session = aSession.id as never

/** Commands over a served desk that keeps what it is asked. */
async function desk(json = false) {
  const asked: unknown[] = []
  const live = createEventQueue<LiveEvent>()
  let cancelled = 0
  const { control, server } = await openControl({
    driven: {
      async create(...given) {
        asked.push(['create', ...given])
        return session
      },
      async say(...given) {
        asked.push(['say', ...given])
        return { session, id: 'm1', waits: given[0] === 'held' }
      },
      live(...given) {
        asked.push(['live', ...given])
        return { events: live.events, cancel: () => void cancelled++ }
      },
    },
  })
  const kept = keptTerminal({ json })
  let interrupt = () => {}
  const context = {
    terminal: kept.terminal,
    control: () => control,
    onInterrupt: (run: () => void) => {
      interrupt = run
      return () => undefined
    },
  } as unknown as Context
  return { asked, live, kept, context, server, stop: () => interrupt(), gone: () => cancelled }
}

it('NS1 new prints the id of a session alone', async () => {
  const { asked, kept, context } = await desk()
  await newSession(context, ' a title ')
  expect(kept.out()).toBe(`${session}\n`)
  expect(kept.err()).toContain('baton say')
  expect(asked).toEqual([['create', { title: 'a title' }]])
  for (const title of ['', ' ', 'x'.repeat(121)]) {
    await expect(newSession(context, title)).rejects.toMatchObject({ code: 'usage' })
  }
  const quiet = await desk(true)
  await newSession(quiet.context, undefined)
  expect(JSON.parse(quiet.kept.out())).toEqual({ type: 'result', ok: true, session })
  expect(quiet.asked).toEqual([['create', {}]])
})

it('NS2 NS3 say takes the line or stdin, and says when it waits', async () => {
  const { asked, kept, context } = await desk()
  await say(context, 'ref', ['two', 'words'], {})
  kept.stdin.end('from a\npipe\r\n')
  await say(context, 'held', ['-'], { role: 'user' })
  expect(kept.err()).toBe('✓ said\n✓ said; it waits in the inbox for whoever holds the session\n')
  expect(kept.out()).toBe('')
  expect(asked).toEqual([
    ['say', 'ref', { role: 'user', text: 'two words' }],
    ['say', 'held', { role: 'user', text: 'from a\npipe' }],
  ])
})

it('NS2 nothing, and too much, is usage before anyone is asked', async () => {
  for (const input of ['', ' \n', 'x'.repeat(1024 * 1024 + 1)]) {
    const { asked, kept, context } = await desk()
    kept.stdin.end(input)
    await expect(say(context, 'ref', [], {})).rejects.toMatchObject({ code: 'usage' })
    expect(asked).toEqual([])
  }
  const { asked, context } = await desk()
  const most = '\u0001'.repeat(1024 * 1024)
  await say(context, 'ref', [most], { role: 'system' })
  expect(asked).toEqual([['say', 'ref', { role: 'system', text: most }]])
})

it('NS4 show marks what is not whole, and keeps the lines of a text', () => {
  const paint = createPaint(false)
  const lines = (text: string, state?: string, columns = 80) =>
    linesOf({ ...aRecord, kind: 'assistant', text, ...(state ? { state } : {}) }, columns, paint)
  expect(lines('one\n\n\u001b[31mtwo\u001b[0m\u202e\n', 'interrupted')).toEqual([
    'agent   one',
    '        ',
    '        two� (interrupted)',
  ])
  expect(lines('', 'open')).toEqual(['agent   (open)'])
  expect(lines('a word', 'retracted', 24)).toEqual(['agent   a word (retracted)'])
  expect(lines('a long word', 'retracted', 24)).toEqual([
    'agent   a long word',
    '        (retracted)',
  ])
})

const said: LiveEvent = {
  ...{ at: 'message', id: 'm', role: 'user', device: aliceId, time: 1, text: 'hi' },
  state: 'whole',
}

it('WA6 Ctrl-C leaves a watch with everything told, and its reading ends', async () => {
  const { asked, live, kept, context, stop, gone } = await desk()
  live.push({ at: 'session', session, title: 'one\u001b[2J', driven: true })
  live.push(said)
  const watching = watch(context, 'ref', { last: '7' })
  while (!kept.out().includes('hi')) await new Promise((resolve) => setImmediate(resolve))
  stop()
  await watching
  expect(asked).toEqual([['live', 'ref', { last: 7 }]])
  expect(kept.out()).toBe('you     hi\n')
  expect(kept.err()).toContain('one, as it goes')
  while (gone() === 0) await new Promise((resolve) => setImmediate(resolve))
})

it('WA6 a device that goes away, and what it says, are errors', async () => {
  const { live, context } = await desk()
  const watching = watch(context, 'ref', {})
  live.push(said)
  live.end()
  await expect(watching).rejects.toMatchObject({ code: 'not-running', hint: expect.anything() })
  const failing = await desk(true)
  failing.live.push({ at: 'failed', code: 'not-found', message: 'no session' })
  await expect(watch(failing.context, 'x', {})).rejects.toMatchObject({ code: 'not-found' })
  expect(failing.kept.out()).toBe('')
  for (const last of ['0', 'x', '-1', '10001']) {
    await expect(watch(context, 'x', { last })).rejects.toMatchObject({ code: 'usage' })
  }
})
