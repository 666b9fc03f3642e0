/** Agent sessions over modes and devices: what is shown, and what is done to them. */
import { policyPath } from '@baton/shared/conflict/strategy'
import type { Value } from '@baton/shared/encoding/msgpack'
import {
  addInput,
  addMessage,
  addRow,
  createAgentSession,
  setConfiguration,
  setTool,
  setVolatile,
} from '@baton/shared/model/agent/changes'
import { toolStatuses } from '@baton/shared/model/document-entries'
import { describe, expect, it } from 'vitest'
import { agentSession, init, read } from '../../support/agent-session.ts'
import { apply, sync, type Writer } from '../../support/apply-changes.ts'
import { createDocumentWorld, deviceOf, session, value } from '../../support/document-world.ts'

describe('a session that was made', () => {
  it('AG7 reads back as it was made', () => {
    const { bob } = agentSession({
      configuration: { model: 'm', tools: ['search'] },
      preferences: { theme: 'light' },
    })
    const { identity, modes, persistent, malformed } = read(bob)
    expect(identity).toEqual({
      session_id: session,
      agent_id: 'kai',
      user_id: 'ann',
      device_id: 'laptop',
      created_at: '2026-01-02T00:00:00.000Z',
      last_active: '2026-01-02T00:00:00.000Z',
    })
    expect(modes).toEqual({ active: 'popup', available: ['popup'] })
    expect(persistent.configuration).toMatchObject({
      agentId: 'kai',
      model: 'm',
      tools: ['search'],
    })
    expect(persistent.preferences).toMatchObject({ userId: 'ann', theme: 'light', language: 'en' })
    expect(malformed).toBe(0)
  })

  it('AG7 has the strategy it was made with, else that of any document', () => {
    expect(read(agentSession().bob).conflict_resolution.strategy).toBe('merge')
    const { bob } = agentSession({ strategy: 'timestamp_precedence' })
    expect(read(bob).conflict_resolution).toEqual({
      strategy: 'timestamp',
      auto_resolve: true,
      merge_fields: undefined,
    })
    expect(() => createAgentSession({ ...init, strategy: 'vote' })).toThrow(/strategy/)
  })

  it('AG1 of a document where nothing was written everything is there, by default', () => {
    const { writers } = createDocumentWorld()
    writers.alice.grant('bob')
    const { identity, modes, volatile, persistent } = read(writers.alice)
    expect(identity).toEqual({
      session_id: session,
      agent_id: '',
      user_id: '',
      device_id: deviceOf('alice'),
      created_at: '1970-01-01T00:00:00.005Z',
      last_active: '1970-01-01T00:00:00.005Z',
    })
    expect(modes).toEqual({ active: 'tab', available: ['tab'] })
    expect({ ...persistent.configuration, extra: {} }).toEqual({
      agentId: '',
      model: 'gpt-4',
      temperature: 0.7,
      maxTokens: 2048,
      systemPrompt: '',
      tools: [],
      extra: {},
    })
    expect({ ...persistent.preferences, extra: {} }).toEqual({
      userId: '',
      theme: 'dark',
      language: 'en',
      notifications: true,
      autosave: true,
      syncFrequency: 30,
      extra: {},
    })
    expect(volatile).toMatchObject({ tool_chains: [], active_tools: [], streaming_buffers: [] })
    for (const part of [
      'history',
      'logs',
      'audit_log',
      'achievements',
      'memory_snapshots',
    ] as const) {
      expect(persistent[part]).toEqual([])
    }
  })

  it('AG1 every part reads back as it was written, and taken away when it was', () => {
    const { alice, bob } = agentSession()
    apply(alice, [
      ...setVolatile('tool_chains', 'c1', { steps: ['a'] }),
      ...setVolatile('scratchpads', '__proto__', { text: 'note' }),
      ...setVolatile('scratchpads', 'gone', 1),
      ...setVolatile('scratchpads', 'gone', undefined),
      ...setVolatile('streaming_buffers', 's1', 'so far'),
      ...setVolatile('streaming_buffers', 's2', { text: ', further' }),
      ...setVolatile('temporary_data', 'k', [1]),
      ...setConfiguration('later', { x: 1 }),
    ])
    bob.pull(alice)
    const { volatile, persistent, malformed } = read(bob)
    expect(volatile.tool_chains).toEqual([{ id: 'c1', value: { steps: ['a'] } }])
    expect(Object.entries(volatile.scratchpads)).toEqual([['__proto__', { text: 'note' }]])
    expect(volatile.streaming_buffers).toEqual([
      { id: 's1', text: 'so far' },
      { id: 's2', text: ', further' },
    ])
    expect(volatile.temporary_data).toEqual({ k: [1] })
    expect(persistent.configuration.extra).toEqual({ later: { x: 1 } })
    expect(malformed).toBe(0)
  })

  it('AG1 what does not fit is left out and counted, and the rest is there', () => {
    const { alice } = agentSession()
    const wrong: [string[], Value][] = [
      [['identity', 'created'], 'yesterday'],
      [['modes', 'active'], 'watch'],
      [['modes', 'available', 'watch'], true],
      [['modes', 'carried', 'tab'], 'dark'],
      [['ui', 'watch', 'theme'], 'dark'],
      [['ui', 'tab', 'fontSize'], -1],
      [['volatile', 'tool_chains', 'c'], 7],
      [['volatile', 'streaming_buffers', 's'], { text: 7 }],
      [['configuration', 'temperature'], 'warm'],
      [['preferences', 'autosave'], null],
    ]
    for (const [path, of] of wrong) alice.set(path, value(of))
    const { identity, modes, volatile, persistent, malformed } = read(alice)
    expect(malformed).toBe(wrong.length)
    expect(identity.created_at).toBe('1970-01-01T00:00:00.005Z')
    expect(modes).toEqual({ active: 'popup', available: ['popup'] })
    expect(volatile.ui.tab.fontSize).toBe(14)
    expect(persistent.configuration.temperature).toBe(0.7)
    expect(persistent.preferences.autosave).toBe(true)
  })
})

describe('what several devices tell', () => {
  it('AG3 active are the tools of calls without an end, by name, and those told to be', () => {
    const { alice, bob } = agentSession()
    const detail = (name: string) => ({ name, args: {} })
    for (const status of toolStatuses) apply(alice, setTool(status, status, detail(`t-${status}`)))
    alice.tool('nameless', 'running')
    apply(bob, setVolatile('active_tools', 'search', true))
    apply(bob, setVolatile('active_tools', 'off', false))
    sync(alice, bob)
    expect(read(alice).volatile.active_tools).toEqual([
      'nameless',
      'search',
      't-approved',
      't-proposed',
      't-running',
    ])
    apply(alice, setTool('running', 'ok', detail('t-running')))
    expect(read(alice).volatile.active_tools).not.toContain('t-running')
  })

  it('AG4 logs, audit log, achievements and snapshots are those of all devices, oldest first', () => {
    const { alice, bob } = agentSession()
    for (const part of ['logs', 'audit_log', 'achievements', 'memory_snapshots'] as const) {
      apply(bob, addRow(part, 'z', { n: 1 }))
      apply(alice, addRow(part, 'a', { n: 2 }))
      apply(bob, addRow(part, 'm', { n: 3 }))
    }
    sync(alice, bob)
    for (const part of ['logs', 'audit_log', 'achievements', 'memory_snapshots'] as const) {
      expect(read(alice).persistent[part]).toMatchObject([
        { key: 'z', device: deviceOf('bob'), value: { n: 1 } },
        { key: 'a', device: deviceOf('alice'), value: { n: 2 } },
        { key: 'm', device: deviceOf('bob'), value: { n: 3 } },
      ])
    }
  })

  it('AG8 a message follows the last one shown, and is when the session was last active', () => {
    const { alice, bob } = agentSession({ now: 5 })
    apply(alice, addMessage(read(alice), { id: '1', body: { role: 'user' } }))
    apply(alice, addMessage(read(alice), { id: '2', body: { role: 'agent' } }))
    apply(bob, addInput('i', { text: 'and this' }))
    sync(alice, bob)
    apply(alice, addMessage(read(alice), { id: '3', body: {}, consumes: 'i' }))
    apply(alice, addMessage(read(alice), { id: '1b', body: {}, parent: '1' }))
    bob.pull(alice)
    const { persistent, identity } = read(bob)
    expect(persistent.history.map(({ id, parent, consumes }) => [id, parent, consumes])).toEqual([
      ['1', undefined, undefined],
      ['2', '1', undefined],
      ['3', '2', 'i'],
      ['1b', '1', undefined],
    ])
    const last = alice.seen.at(-1)?.entry.stamp.ms ?? 0
    expect(identity.last_active).toBe(new Date(last).toISOString())
  })

  it('AG8 messages of two devices are both there; under timestamp the line of the holder is shown', () => {
    const { alice, bob } = agentSession()
    apply(alice, addMessage(read(alice), { id: '1', body: 1 }))
    bob.pull(alice)
    apply(bob, addMessage(read(bob), { id: 'b', body: 2 }))
    apply(alice, addMessage(read(alice), { id: 'a', body: 3 }))
    sync(alice, bob)
    const shown = (writer: Writer) => read(writer).persistent.history.map(({ id }) => id)
    expect(shown(alice)).toEqual(['1', 'b', 'a'])
    alice.set(policyPath('strategy'), value('timestamp'))
    bob.pull(alice)
    expect(shown(bob)).toEqual(['1', 'a'])
  })
})
