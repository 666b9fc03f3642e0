/** TC3: what a call without an end has come to. */
import type { DocumentState } from '@baton/shared/conflict/document'
import { type ToolCall, toolOutcome } from '@baton/shared/conflict/tool-calls'
import { expect, it } from 'vitest'
import { createDocumentWorld, deviceOf, fold, value } from '../../support/document-world.ts'

function begun() {
  const { writers } = createDocumentWorld()
  const { alice } = writers
  alice.tool('c', 'running', value('intent'))
  const state = fold(alice.seen)
  const call = state.tools.get('c') as ToolCall
  return { alice, state, call, log: call.told.write.log }
}

it('TC3 a call is what was told while its device may go on, and unknown after', () => {
  const { state, call, log } = begun()
  expect(toolOutcome(state, call)).toBe('running')
  const followed = new Set([log])
  expect(toolOutcome({ ...state, followed }, call)).toBe('unknown')
  const cuts: DocumentState['cuts'] = (of) =>
    of === log ? { seq: 9, reason: 'revoked' } : undefined
  expect(toolOutcome({ ...state, cuts }, call)).toBe('unknown')
  // Of a session that one device holds; the world's is an open one.
  const descriptor = {
    ...state.descriptor,
    kind: 'agent',
    open: false,
  } as DocumentState['descriptor']
  const heldBy = (holder: ReturnType<typeof deviceOf>) => ({
    ...{ ...state, descriptor },
    holding: { tenures: [{ holder }], passing: undefined } as unknown as DocumentState['holding'],
  })
  expect(toolOutcome(heldBy(deviceOf('alice')), call)).toBe('running')
  expect(toolOutcome(heldBy(deviceOf('bob')), call)).toBe('unknown')
  const again = { ...call, told: { ...call.told, write: { ...call.told.write, again: ['x 1'] } } }
  expect(toolOutcome(state, again)).toBe('unknown')
})

it('TC3 an end that is told all the same counts', () => {
  const { alice, log } = begun()
  alice.tool('c', 'ok', value('result'))
  const state = fold(alice.seen)
  const ended = state.tools.get('c') as ToolCall
  expect(toolOutcome({ ...state, followed: new Set([log]) }, ended)).toBe('ok')
})
