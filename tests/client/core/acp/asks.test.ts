/** AC7: questions of an agent. */
import { createAcpClient } from '@baton/client/core/acp/client'
import type { AcpEffect } from '@baton/client/core/acp/effects'
import { expect, it } from 'vitest'

const options = [
  { optionId: 'y', name: 'Allow', kind: 'allow_once' },
  { optionId: 'n', name: 'Reject', kind: 'reject_once' },
]

function inTurn() {
  const client = createAcpClient({ cwd: '/work', version: '9', run: 'r' })
  const hear = (value: unknown) => client.step({ at: 'heard', value })
  client.step({ at: 'start' })
  hear({ id: 1, result: { protocolVersion: 1 } })
  hear({ id: 2, result: { sessionId: 's' } })
  client.step({ at: 'prompt', parts: ['go'] })
  const ask = (id: unknown, toolCallId = 'c', sessionId = 's') =>
    hear({
      ...{ id, method: 'session/request_permission' },
      params: { sessionId, toolCall: { toolCallId, title: 'bash' }, options },
    })
  const answer = (request: string, option?: string) =>
    client.step({ at: 'answer', request, option })
  return { client, hear, ask, answer }
}

const outcomes = (effects: readonly AcpEffect[]) =>
  effects.flatMap((each) => {
    if (each.do !== 'send') return []
    const { id, result } = each.message as { id: unknown; result?: { outcome: object } }
    return result ? [[id, result.outcome]] : []
  })
const cancelled = { outcome: 'cancelled' }

it('AC7 the call is told before the question, and approved before the agent hears of it', () => {
  const { ask, answer } = inTurn()
  const asked = ask('q')
  expect(asked).toMatchObject([
    { do: 'call', call: { call: 'r:c', status: 'proposed', name: 'bash' } },
    { do: 'timer', ms: undefined },
    { do: 'ask', request: 'q', call: { call: 'r:c' }, options },
  ])
  expect(answer('q', 'y')).toMatchObject([
    { do: 'call', call: { status: 'approved' } },
    { do: 'send', message: { id: 'q', result: { outcome: { optionId: 'y' } } } },
    { do: 'timer' },
  ])
  expect(answer('q', 'y')).toEqual([])
})

it('AC7 a no, no answer and a word that was not offered allow nothing', () => {
  const { ask, answer, hear } = inTurn()
  ask('q1', 'c1')
  ask('q2', 'c2')
  ask('q3', 'c3')
  const no = answer('q1', 'n')
  expect(outcomes(no)).toEqual([['q1', { outcome: 'selected', optionId: 'n' }]])
  expect(outcomes(answer('q2'))).toEqual([['q2', cancelled]])
  expect(outcomes(answer('q3', 'yes, all of it'))).toEqual([['q3', cancelled]])
  hear({
    method: 'session/update',
    params: {
      sessionId: 's',
      update: { sessionUpdate: 'tool_call_update', toolCallId: 'c1', status: 'in_progress' },
    },
  })
  const ended = hear({ id: 3, result: { stopReason: 'end_turn' } })
  const told = ended.flatMap((each) => (each.do === 'call' ? [each.call.status] : []))
  expect(told).toEqual(['cancelled', 'cancelled', 'cancelled'])
})

it('AC7 asked twice it is answered once, and too many wait for nobody', () => {
  const { ask, answer } = inTurn()
  ask('q')
  expect(ask('q')).toEqual([])
  expect(outcomes(answer('q', 'y'))).toHaveLength(1)
  for (let i = 0; i < 16; i++) expect(outcomes(ask(`m${i}`))).toEqual([])
  expect(outcomes(ask('one more'))).toEqual([['one more', cancelled]])
})

it('AC7 a question of another session, outside a turn, malformed or of a cancelled turn is none', () => {
  const { client, ask, hear, answer } = inTurn()
  expect(outcomes(ask('q', 'c', 'other'))).toEqual([['q', cancelled]])
  const params = { sessionId: 's', options: [] }
  expect(hear({ id: 'q', method: 'session/request_permission', params })).toMatchObject([
    { do: 'send', message: { id: 'q', error: { code: -32602 } } },
  ])
  ask('open')
  const ending = client.step({ at: 'cancel' })
  expect(outcomes(ending)).toEqual([['open', cancelled]])
  expect(ending).toContainEqual({ do: 'unask', request: 'open' })
  expect(answer('open', 'y')).toEqual([])
  expect(outcomes(ask('late'))).toEqual([['late', cancelled]])
  hear({ id: 3, result: { stopReason: 'cancelled' } })
  expect(outcomes(ask('idle'))).toEqual([['idle', cancelled]])
})

it('AC7 an agent that is gone ends its questions', () => {
  const { client, ask } = inTurn()
  ask('q')
  const effects = client.step({ at: 'lost', code: 'invalid', how: 'gone' })
  expect(effects[0]).toEqual({ do: 'unask', request: 'q' })
  expect(outcomes(effects)).toEqual([])
})
