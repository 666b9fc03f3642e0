/** AC6, AC8, AC10: the client side of ACP as a machine. */
import type { AcpEffect } from '@baton/client/core/acp/effects'
import { acpAnswerMs, acpReplayMs } from '@baton/client/core/acp/limits'
import { expect, it } from 'vitest'
import {
  canLoad,
  chunk,
  kinds,
  machine,
  ofInit,
  opened,
  sent,
} from '../../../support/acp-machine.ts'

it('AC6 an agent says what it is, opens a session and gets one prompt at a time', () => {
  const { step, reply, client } = machine()
  const begun = step({ at: 'start' })
  expect(sent(begun)).toEqual([
    {
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: {
        protocolVersion: 1,
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: 'baton', version: '9' },
      },
    },
  ])
  expect(begun.at(-1)).toEqual({ do: 'timer', ms: acpAnswerMs })
  expect(step({ at: 'prompt', parts: ['too early'] })).toEqual([])
  expect(sent(reply({ ...ofInit, authMethods: [] }))).toEqual([
    { jsonrpc: '2.0', id: 2, method: 'session/new', params: { cwd: '/work', mcpServers: [] } },
  ])
  expect(reply({ sessionId: 's', modes: { currentModeId: 'ask' } })).toEqual([
    { do: 'mode', mode: 'ask' },
    { do: 'timer', ms: undefined },
    { do: 'ready', session: 's', loaded: false, agent: 'opencode', canLoad: false },
  ])
  expect(sent(step({ at: 'prompt', parts: ['a', 'b'] }))).toEqual([
    {
      ...{ jsonrpc: '2.0', id: 3, method: 'session/prompt' },
      params: {
        sessionId: 's',
        prompt: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    },
  ])
  expect(step({ at: 'prompt', parts: ['second'] })).toEqual([])
  expect(reply({ stopReason: 'end_turn' })).toEqual([
    { do: 'timer', ms: undefined },
    { do: 'turn', ended: 'whole', reason: 'end_turn' },
  ])
  expect(client.phase()).toBe('idle')
})

it('AC6 what is not offered is refused, what is unknown passed over', () => {
  const { hear, update } = opened()
  for (const method of ['fs/read_text_file', 'fs/write_text_file', 'terminal/create', 'x']) {
    expect(sent(hear({ id: 'q', method, params: {} }))).toMatchObject([
      { id: 'q', error: { code: -32601 } },
    ])
  }
  expect(hear({ method: 'some/notice' })).toEqual([])
  expect(update({ sessionUpdate: 'usage_update', used: 1 })).toEqual([])
  expect(update({ sessionUpdate: 'agent_message_chunk' }, 'another')).toEqual([])
  expect(kinds(update({ sessionUpdate: 'agent_message_chunk' }))).toEqual(['note'])
})

it('AC6 an agent that wants a login, or refuses, says so', () => {
  const login = machine()
  login.step({ at: 'start' })
  login.reply({ ...ofInit, authMethods: [{ name: 'x', description: 'run `agent login`' }] })
  expect(login.refuse(-32000, 'auth\u001b[2J required').at(-1)).toEqual({
    ...{ do: 'over', code: 'not-permitted', hint: 'run `agent login`' },
    message: 'the agent wants a login: auth required',
  })
  const none = machine()
  none.step({ at: 'start' })
  expect(none.refuse(-32022, 'no').at(-1)).toMatchObject({ do: 'over', code: 'invalid' })
  for (const [before, bad] of [
    [[], { protocolVersion: 'one' }],
    [[ofInit], { session: 1 }],
    [[ofInit, { sessionId: 's' }], 5],
  ] as const) {
    const { step, reply } = machine()
    step({ at: 'start' })
    for (const each of before) reply(each)
    step({ at: 'prompt', parts: ['x'] })
    expect(reply(bad).at(-1)).toMatchObject({ do: 'over', code: 'invalid' })
  }
})

it('AC8 text, thoughts, plans and modes are taken as they are told', () => {
  const { update } = opened()
  expect(update(chunk('a', 'm1'))[1]).toEqual({
    ...{ do: 'text', role: 'assistant', message: 'm1', text: 'a' },
  })
  const thought = { ...chunk('t'), sessionUpdate: 'agent_thought_chunk' }
  expect(update(thought)[1]).toMatchObject({ role: 'thought', message: undefined, text: 't' })
  expect(kinds(update({ ...chunk('u'), sessionUpdate: 'user_message_chunk' }))).toEqual([])
  const link = { type: 'resource_link', name: 'a file', uri: 'file:///a' }
  expect(update({ ...chunk(''), content: link })[1]).toMatchObject({ text: '[a file]' })
  const entries = [{ content: 'x', priority: 'high', status: 'completed' }, { content: 'y' }]
  expect(update({ sessionUpdate: 'plan', entries })[1]).toEqual({
    do: 'plan',
    entries: [
      { content: 'x', status: 'completed' },
      { content: 'y', status: 'pending' },
    ],
  })
  const mode = { sessionUpdate: 'current_mode_update', currentModeId: 'code' }
  expect(update(mode)[1]).toEqual({ do: 'mode', mode: 'code' })
})

it('AC8 a call is told when its status rises, with all that is known of it', () => {
  const { update, reply } = opened()
  const call = (of: object) =>
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', ...of }).flatMap((each) =>
      each.do === 'call' ? [each.call] : [],
    )
  const output = (text: string) => [{ type: 'content', content: { type: 'text', text } }]
  expect(call({ title: 'bash', status: 'pending', rawInput: { command: 'ls' } })).toEqual([
    { call: 'r:c', status: 'proposed', name: 'bash', input: '{"command":"ls"}' },
  ])
  expect(call({ status: 'in_progress', title: 'ls' })).toMatchObject([
    { status: 'running', name: 'ls', input: '{"command":"ls"}' },
  ])
  expect(call({ status: 'pending', content: output('half') })).toEqual([])
  expect(call({ status: 'completed', rawOutput: { exit: 0 } })).toMatchObject([
    { status: 'ok', output: '{"exit":0}' },
  ])
  expect(call({ status: 'failed' })).toEqual([])
  update({ sessionUpdate: 'tool_call', toolCallId: 'd', status: 'in_progress', title: 'make' })
  update({ sessionUpdate: 'tool_call', toolCallId: 'e', title: 'rm' })
  const chunks = { type: 'content', content: { type: 'text', text: 'more' } }
  update({ sessionUpdate: 'tool_call_content_chunk', toolCallId: 'd', content: chunks })
  expect(reply({ stopReason: 'end_turn' }) && []).toEqual([])
})

it('AC8 a turn leaves no call without an end: what did not begin was cancelled, the rest is unknown', () => {
  const { update, hear } = opened()
  update({ sessionUpdate: 'tool_call', toolCallId: 'd', status: 'in_progress', title: 'make' })
  update({ sessionUpdate: 'tool_call', toolCallId: 'e', title: 'rm' })
  const ended = hear({ id: 3, result: { stopReason: 'max_tokens' } })
  expect(ended).toMatchObject([
    { do: 'call', call: { call: 'r:d', status: 'unknown' } },
    { do: 'call', call: { call: 'r:e', status: 'cancelled' } },
    { do: 'timer' },
    { do: 'turn', ended: 'failed', reason: 'max_tokens' },
  ])
})

it('AC8 what version 2 says whole is told as what is new of it, and its state ends the turn', () => {
  const { update, hear, client } = opened()
  const text = (effects: readonly AcpEffect[]) =>
    effects.flatMap((each) => (each.do === 'text' ? [`${each.message}: ${each.text}`] : []))
  const whole = (said: string) =>
    text(
      update({
        ...{ sessionUpdate: 'agent_message', messageId: 'm' },
        content: [{ type: 'text', text: said }],
      }),
    )
  expect(hear({ id: 3, result: { messageId: 'u' } })).toEqual([])
  expect(client.phase()).toBe('turn')
  expect(whole('one')).toEqual(['m: one'])
  expect(text(update(chunk(' two', 'm')))).toEqual(['m:  two'])
  expect(whole('one two three')).toEqual(['m:  three'])
  expect(whole('another')).toEqual(['m again: another'])
  expect(kinds(update({ sessionUpdate: 'state_update', state: 'running' }))).toEqual(['timer'])
  const idle = { sessionUpdate: 'state_update', state: 'idle', stopReason: 'cancelled' }
  expect(update(idle).at(-1)).toMatchObject({ do: 'turn', ended: 'cancelled' })
})

it('AC10 a session that the agent knows is loaded, and what it tells of the past is no news', () => {
  const load = { session: 'old', agent: 'opencode' }
  const { step, reply, update, client } = machine({ load })
  step({ at: 'start' })
  expect(sent(reply(canLoad))).toMatchObject([
    { method: 'session/load', params: { sessionId: 'old', cwd: '/work', mcpServers: [] } },
  ])
  expect(update(chunk('before'), 'old')).toEqual([])
  expect(reply(null)).toEqual([{ do: 'timer', ms: acpReplayMs }])
  expect(update(chunk('late'), 'old')).toEqual([{ do: 'timer', ms: acpReplayMs }])
  for (let i = 0; i < 100; i++) update(chunk('late'), 'old')
  expect(update(chunk('on and on'), 'old')).toEqual([])
  expect(client.phase()).toBe('replay')
  expect(step({ at: 'time' })).toMatchObject([
    { do: 'timer' },
    { do: 'ready', session: 'old', loaded: true, canLoad: true },
  ])
  expect(update(chunk('idle'), 'old')).toEqual([])
})

it('AC10 one that does not find it, cannot load or is another agent opens a new one', () => {
  const load = { session: 'old', agent: 'opencode' }
  const lost = machine({ load })
  lost.step({ at: 'start' })
  lost.reply(canLoad)
  const gone = lost.refuse(-32002, 'not found')
  expect(kinds(gone)).toEqual(['note', 'send', 'timer'])
  expect(lost.reply({ sessionId: 'new' }).at(-1)).toMatchObject({ loaded: false, session: 'new' })
  for (const init of [ofInit, { ...canLoad, agentInfo: { name: 'other' } }]) {
    const { step, reply } = machine({ load })
    step({ at: 'start' })
    expect(sent(reply(init))).toMatchObject([{ method: 'session/new' }])
  }
})
