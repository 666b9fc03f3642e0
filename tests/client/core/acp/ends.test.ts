/** AC11: agents that come to an end, however they behave. */
import type { AcpInput } from '@baton/client/core/acp/client'
import type { AcpEffect } from '@baton/client/core/acp/effects'
import { acpCancelMs, acpSilenceMs } from '@baton/client/core/acp/limits'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chunk, kinds, machine, opened, sent } from '../../../support/acp-machine.ts'
import { tries } from '../../../support/tries.ts'

it('AC11 silence comes to an end: at the beginning, in a turn, and after a cancel', () => {
  const { step } = machine()
  step({ at: 'start' })
  expect(step({ at: 'time' }).at(-1)).toMatchObject({ do: 'over', code: 'timeout' })
  const { step: next, update } = opened()
  expect(update(chunk('x'))[0]).toEqual({ do: 'timer', ms: acpSilenceMs })
  const silent = next({ at: 'time' })
  expect(kinds(silent)).toEqual(['note', 'send', 'timer'])
  expect(sent(silent)).toMatchObject([{ method: 'session/cancel', params: { sessionId: 's' } }])
  expect(silent.at(-1)).toEqual({ do: 'timer', ms: acpCancelMs })
  expect(next({ at: 'cancel' })).toEqual([])
  // Talking does not help.
  expect(kinds(update(chunk('y')))).toEqual(['text'])
  expect(next({ at: 'time' })).toMatchObject([
    { do: 'timer' },
    { do: 'turn', ended: 'failed' },
    { do: 'timer' },
    { do: 'over', code: 'timeout', message: 'the agent does not end its turn' },
  ])
  expect(next({ at: 'start' })).toEqual([])
})

it('AC11 garbage is told once and borne for a while, answers nobody waits for are garbage', () => {
  const { step, hear, client } = opened()
  expect(kinds(step({ at: 'garbage' }))).toEqual(['note'])
  for (let i = 0; i < 48; i++) expect(step({ at: 'garbage' })).toEqual([])
  expect(hear({ id: 1, result: {} })).toEqual([])
  expect(client.phase()).toBe('turn')
  const end = hear([1, 2])
  expect(end.at(-1)).toMatchObject({ do: 'over', code: 'invalid' })
  expect(kinds(end)).toContain('turn')
})

it('AC11 calls without end, a lost process and a line that is too long end it', () => {
  const { update } = opened()
  let last: readonly AcpEffect[] = []
  for (let i = 0; i <= 1000; i++) {
    last = update({ sessionUpdate: 'tool_call', toolCallId: `c${i}`, title: 'x' })
  }
  expect(last.at(-1)).toMatchObject({ do: 'over', code: 'too-large' })
  expect(last.filter((each) => each.do === 'call')).toHaveLength(1002)
  const { step } = opened()
  expect(step({ at: 'lost', code: 'invalid', how: 'the agent ended (code 1)' })).toMatchObject([
    { do: 'timer' },
    { do: 'turn', ended: 'failed', reason: 'the agent ended (code 1)' },
    { do: 'timer' },
    { do: 'over', code: 'invalid', message: 'the agent ended (code 1)' },
  ])
})

it('AC11 whatever an agent says, nothing throws, and at most one end comes of it', () => {
  const words = ['session/update', 'session/request_permission', 's', 'tool_call', 'agent_message']
  const leaf = fc.oneof(fc.constantFrom(...words), fc.integer(), fc.constant(null), fc.string())
  const names = ['id', 'method', 'params', 'result', 'error', 'sessionId', 'update', 'content']
  const more = ['sessionUpdate', 'toolCallId', 'toolCall', 'options', 'code', 'message', 'status']
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('map')),
    map: fc.dictionary(fc.constantFrom(...names, ...more), tie('value'), { maxKeys: 5 }),
  })).value
  const input = fc.oneof(
    json.map((value): AcpInput => ({ at: 'heard', value })),
    fc.constantFrom<AcpInput>(
      ...([{ at: 'time' }, { at: 'cancel' }, { at: 'prompt', parts: ['x'] }] as const),
    ),
  )
  fc.assert(
    fc.property(fc.array(input, { maxLength: 80 }), (inputs) => {
      const { step } = opened()
      const effects = inputs.flatMap(step)
      expect(effects.filter((each) => each.do === 'over').length).toBeLessThan(2)
    }),
    { numRuns: tries(150) },
  )
})
