/** AC9, AC10, AC13: an agent that is driven in a session, over a pen of its own. */
import { createAcpClient } from '@baton/client/core/acp/client'
import { createHost, type HostPorts } from '@baton/client/core/acp/host'
import type { DriveStep, LiveEvent, PastMessage } from '@baton/client/core/mesh-api'
import { BatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'
import { createManualClock } from '../../../support/manual-clock.ts'

interface Setting {
  readonly past?: readonly PastMessage[]
  readonly loads?: boolean
  apply?(steps: readonly DriveStep[]): Promise<void>
  ask?: HostPorts['ask']
}

/** What happened, in order: steps of the pen, and messages to the agent. */
function hosted({ past = [], loads = false, apply, ask }: Setting = {}) {
  const log: unknown[] = []
  const shown: LiveEvent[] = []
  const notes: string[] = []
  const clock = createManualClock()
  const asked: unknown[] = []
  let ended = 0
  const load = loads ? { session: 'old', agent: 'a' } : undefined
  const client = createAcpClient({ cwd: '/w', version: '1', run: 'r', load })
  const host = createHost({
    client,
    clock,
    pen: {
      async apply(steps) {
        await apply?.(steps)
        log.push(...steps)
      },
      async past(after, most) {
        asked.push(after, most)
        return { messages: past, left: 0 }
      },
    },
    async send(message) {
      log.push((message as { method?: string }).method ?? message)
      if ('params' in message) prompts.push(message.params)
    },
    end: () => void ended++,
    show: (event) => void shown.push(event),
    note: (text) => void notes.push(text),
    ask: ask ?? (async () => undefined),
  })
  const prompts: unknown[] = []
  const hear = (value: unknown) => host.feed({ at: 'heard', value })
  const update = (of: object) =>
    hear({ method: 'session/update', params: { sessionId: loads ? 'old' : 's', update: of } })
  const text = (of: string) =>
    update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: of } })
  /** A turn that the agent was told of. */
  async function say(of: string, consumes?: string) {
    const before = prompts.length
    const turn = host.prompt(of, consumes)
    while (prompts.length === before) await new Promise((resolve) => setImmediate(resolve))
    return { turn }
  }
  async function start() {
    const ready = host.start(loads ? 'm7' : undefined)
    const agentCapabilities = { loadSession: true }
    await hear({
      id: 1,
      result: { protocolVersion: 1, agentInfo: { name: 'a' }, agentCapabilities },
    })
    await hear({ id: 2, result: loads ? null : { sessionId: 's' } })
    if (loads) await clock.elapse(500)
    await ready
  }
  return {
    host,
    log,
    shown,
    notes,
    clock,
    asked,
    prompts,
    hear,
    update,
    text,
    say,
    start,
    ended: () => ended,
  }
}

it('AC9 what is said stands in its order, and the agent hears nothing before that is durable', async () => {
  const { say, log, shown, update, text, hear, start } = hosted()
  await start()
  const { turn } = await say('go', 'input-1')
  await text('one ')
  await text('two')
  await update({ sessionUpdate: 'tool_call', toolCallId: 'c', title: 'ls', status: 'in_progress' })
  await update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'completed' })
  await text('three')
  await hear({ id: 3, result: { stopReason: 'end_turn' } })
  expect(await turn).toEqual({ ended: 'whole', reason: 'end_turn' })
  const call = { do: 'tool', call: 'r:c', name: 'ls' }
  expect(log).toEqual([
    ...['initialize', 'session/new'],
    { do: 'say', role: 'user', text: 'go', consumes: 'input-1' },
    'session/prompt',
    { do: 'begin', stream: 's1', role: 'assistant' },
    { do: 'text', stream: 's1', text: 'one ' },
    { do: 'text', stream: 's1', text: 'two' },
    { do: 'end', stream: 's1' },
    { ...call, status: 'running' },
    { ...call, status: 'ok' },
    { do: 'begin', stream: 's2', role: 'assistant' },
    { do: 'text', stream: 's2', text: 'three' },
    { do: 'end', stream: 's2' },
    { do: 'known', agent: 'a', session: 's' },
  ])
  expect(shown.map(({ at }) => at)).toEqual([
    ...['message', 'text', 'text', 'ended', 'call', 'call', 'message', 'text', 'ended'],
  ])
})

it('AC9 an approval is durable before it is sent, a session that is slow slows the agent', async () => {
  const gates: (() => void)[] = []
  let slow = false
  const { say, log, hear, text, start } = hosted({
    apply: () => (slow ? new Promise((resolve) => gates.push(resolve)) : Promise.resolve()),
    ask: async () => 'y',
  })
  await start()
  await say('go')
  await text('x')
  slow = true
  const params = {
    sessionId: 's',
    toolCall: { toolCallId: 'c' },
    options: [{ optionId: 'y', name: 'yes', kind: 'allow_once' }],
  }
  await hear({ id: 'q', method: 'session/request_permission', params })
  const told = () => log.filter((each) => typeof each === 'object' && 'result' in (each as object))
  while (told().length === 0) {
    gates.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const at = log.findIndex((each) => (each as { status?: string }).status === 'approved')
  expect(at).toBeGreaterThan(0)
  expect(log.indexOf(told()[0])).toBeGreaterThan(at)

  let taken = 0
  for (let i = 0; i < 6; i++) void text('y'.repeat(64 * 1024)).then(() => taken++)
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(taken).toBeLessThan(5)
  while (taken < 6) {
    gates.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
})

it('AC9 a long text goes in pieces, and a pair that is cut stays one character', async () => {
  const { say, log, host, text, start } = hosted()
  await start()
  await say('go')
  const whole = `${'x'.repeat(65_535)}😀${'y'.repeat(70_000)}`
  await text(whole)
  await text('\ud83d')
  await text('\ude00')
  await host.feed({ at: 'garbage' })
  const parts = log.flatMap((each) =>
    (each as DriveStep).do === 'text' ? [(each as { text: string }).text] : [],
  )
  expect(parts.join('') === `${whole}😀`).toBe(true)
  expect(Math.max(...parts.map(({ length }) => length))).toBe(64 * 1024)
})

const past = [
  { id: 'm8', role: 'user', text: 'remember heron' },
  { id: 'm9', role: 'assistant', text: 'I do' },
]

it('AC10 an agent that knows nothing is told what was said with the first prompt, once', async () => {
  const { say, host, prompts, notes, asked, hear, start } = hosted({ past })
  await start()
  expect(asked).toEqual([undefined, 100_000])
  expect(notes).toEqual([
    'the agent does not know this session: what was said goes along as text with the next message (2 messages)',
  ])
  await say('and now?')
  await host.feed({ at: 'garbage' })
  const { prompt } = prompts.at(-1) as { prompt: { text: string }[] }
  expect(prompt).toHaveLength(2)
  expect(prompt[0]?.text).toContain('user: remember heron\n\nassistant: I do\n')
  expect(prompt[1]?.text).toBe('and now?')
  await hear({ id: 3, result: { stopReason: 'end_turn' } })
  await say('again')
  await host.feed({ at: 'garbage' })
  expect(prompts.at(-1)).toMatchObject({ prompt: [{ text: 'again' }] })
})

it('AC10 one that loaded the session is told only what it does not know, and of what has no answer', async () => {
  const [question] = past
  const { notes, asked, start } = hosted({ past: question ? [question] : [], loads: true })
  await start()
  expect(asked).toEqual(['m7', 100_000])
  expect(notes).toEqual([
    'what was said elsewhere goes along as text with the next message (1 messages)',
    'the last message has no answer: say it again for one',
  ])
  const nothing = hosted({ loads: true })
  await nothing.start()
  expect(nothing.notes).toEqual([])
})

const held = new BatonError('not-permitted', 'another device holds this session')

it('AC13 a session that takes nothing more ends the turn and the agent, and what was written stays', async () => {
  let holds = true
  const { say, host, log, text, start, ended } = hosted({
    async apply() {
      if (!holds) throw held
    },
  })
  await start()
  const { turn } = await say('go')
  await text('kept')
  await host.feed({ at: 'garbage' })
  holds = false
  for (let i = 0; i < 3; i++) await text('lost')
  expect(await turn).toEqual({ ended: 'failed', reason: held.message })
  await host.failed
  expect(host.failure()).toBe(held)
  expect(ended()).toBe(1)
  expect(log.at(-1)).toBe('session/cancel')
  expect(log).toContainEqual({ do: 'text', stream: 's1', text: 'kept' })
  expect(JSON.stringify(log)).not.toContain('lost')
  expect(await host.prompt('more')).toMatchObject({ ended: 'failed' })
})

it('AC3 an input that another took up first is no prompt, and ends nothing', async () => {
  const { host, log, start } = hosted({
    async apply(steps) {
      if (steps.some((step) => step.do === 'say' && step.consumes === 'gone')) {
        throw new BatonError('not-found', 'taken up already')
      }
    },
  })
  await start()
  expect(await host.prompt('x', 'gone')).toEqual({ ended: 'failed', reason: 'taken up already' })
  expect(host.failure()).toBeUndefined()
  expect(log).not.toContain('session/prompt')
})

it('AC7 a question that is over meanwhile is answered by nobody', async () => {
  let over = false
  const { say, host, log, hear, start } = hosted({
    ask: (_call, _options, done) =>
      new Promise((resolve) => {
        done.onAbort(() => {
          over = true
          resolve('y')
        })
      }),
  })
  await start()
  await say('go')
  const params = {
    sessionId: 's',
    toolCall: { toolCallId: 'c' },
    options: [{ optionId: 'y', name: 'yes', kind: 'allow_once' }],
  }
  await hear({ id: 'q', method: 'session/request_permission', params })
  host.cancel()
  await hear({ id: 3, result: { stopReason: 'cancelled' } })
  expect(over).toBe(true)
  const outcome = { outcome: { outcome: 'cancelled' } }
  expect(log).toContainEqual({ jsonrpc: '2.0', id: 'q', result: outcome })
  expect(
    log.filter((each) => typeof each === 'object' && 'result' in (each as object)),
  ).toHaveLength(1)
})
