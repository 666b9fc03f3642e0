/** Agent sessions in one mode after the other, setters, and the forms that others ask for. */
import {
  addMessage,
  addRow,
  setConfiguration,
  setPreference,
  setUi,
  setVolatile,
  switchMode,
} from '@baton/shared/model/agent/changes'
import { readAgent } from '@baton/shared/model/agent/read'
import { sessionContext, sessionRecord, syncChannels } from '@baton/shared/model/agent/records'
import { type InterfaceMode, interfaceModes } from '@baton/shared/model/agent/schema'
import { adaptUIStateForMode, createDefaultUIState } from '@baton/shared/model/agent/ui'
import { syncMetadata } from '@baton/shared/model/metadata'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentSession, go, later, now, read, ui } from '../../support/agent-session.ts'
import { apply, sync } from '../../support/apply-changes.ts'
import { order, shuffled } from '../../support/document-histories.ts'
import { fold, session, value } from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives

describe('modes', () => {
  const known = ({ extra: _, ...ui }: ReturnType<typeof createDefaultUIState>) => ui

  it('AG5 each mode has its own defaults', () => {
    const base = {
      activePanel: 'chat',
      sidebarOpen: false,
      theme: 'dark',
      fontSize: 14,
      layout: 'standard',
    }
    const of = (mode: InterfaceMode) => known(createDefaultUIState(mode))
    expect(of('popup')).toEqual({ ...base, layout: 'compact', fontSize: 12 })
    expect(of('sidepanel')).toEqual({ ...base, layout: 'sidebar', sidebarOpen: true })
    expect(of('mobile')).toEqual({ ...base, layout: 'mobile', fontSize: 16 })
    for (const mode of ['tab', 'desktop', 'headless'] as const) expect(of(mode)).toEqual(base)
  })

  it('AG6 a mode takes over everything but what its place does not allow', () => {
    const own = { activePanel: 'x', sidebarOpen: true, theme: 'light', fontSize: 20, layout: 'own' }
    const to = (mode: InterfaceMode) => known(adaptUIStateForMode({ ...own, extra: {} }, mode))
    expect(to('popup')).toEqual({ ...own, layout: 'compact', sidebarOpen: false })
    expect(to('sidepanel')).toEqual({ ...own, layout: 'sidebar', sidebarOpen: true })
    expect(to('mobile')).toEqual({ ...own, layout: 'mobile' })
    expect(to('desktop')).toEqual({ ...own, layout: 'full' })
    for (const mode of ['tab', 'headless'] as const) expect(to(mode)).toEqual(own)
  })

  it('AG6 the session goes on in the other mode with what the first showed', () => {
    const { alice, bob } = agentSession()
    apply(alice, setUi('popup', 'theme', 'light'))
    apply(alice, setUi('popup', 'density', 3))
    bob.pull(alice)
    go(bob, 'sidepanel')
    alice.pull(bob)
    const { modes, identity } = read(alice)
    expect(modes).toEqual({ active: 'sidepanel', available: ['popup', 'sidepanel'] })
    expect(Date.parse(identity.last_active)).toBe(later)
    expect(ui(alice, 'sidepanel')).toMatchObject({
      theme: 'light',
      fontSize: 12,
      layout: 'sidebar',
      sidebarOpen: true,
      extra: { density: 3 },
    })
  })

  it('AG6 what a person chose in a mode stays there, whatever is brought along', () => {
    const { alice } = agentSession()
    apply(alice, setUi('tab', 'theme', 'sepia'))
    apply(alice, setUi('popup', 'theme', 'light'))
    apply(alice, setUi('sidepanel', 'sidebarOpen', false))
    go(alice, 'tab')
    expect(ui(alice, 'tab')).toMatchObject({ theme: 'sepia', fontSize: 12 })
    go(alice, 'sidepanel')
    expect(ui(alice, 'sidepanel')).toMatchObject({ theme: 'sepia', sidebarOpen: false })
    go(alice, 'popup')
    expect(ui(alice, 'popup')).toMatchObject({ theme: 'light', layout: 'compact' })
  })

  it('AG6 what was only brought along is replaced by what is brought next', () => {
    const { alice } = agentSession()
    apply(alice, setUi('popup', 'theme', 'light'))
    go(alice, 'tab')
    go(alice, 'popup')
    apply(alice, setUi('popup', 'theme', 'blue'))
    go(alice, 'tab')
    expect(ui(alice, 'tab').theme).toBe('blue')
    expect(switchMode(read(alice), 'tab', later)).toHaveLength(1)
    go(alice, 'popup')
    // Nothing to bring: only the mode, and when.
    expect(switchMode(read(alice), 'tab', later)).toHaveLength(2)
  })

  it('AG2 the mode shown is the one told, else the first one used, and is among those used', () => {
    const { alice } = agentSession()
    alice.set(['modes', 'available', 'desktop'], value(true))
    alice.set(['modes', 'available', 'mobile'], value(false))
    alice.set(['modes', 'active'], value('headless'))
    expect(read(alice).modes).toEqual({
      active: 'headless',
      available: ['popup', 'desktop', 'headless'],
    })
    alice.set(['modes', 'active'], { at: 'absent' })
    expect(read(alice).modes).toEqual({ active: 'popup', available: ['popup', 'desktop'] })
  })

  const step = fc.record({
    who: fc.boolean(),
    act: fc.constantFrom('switch', 'choose', 'message', 'sync'),
    mode: fc.constantFrom(...interfaceModes),
  })

  it('AG6 two devices that switch and choose beside each other show the same afterwards', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), order, (steps, rolls) => {
        const { alice, bob, all } = agentSession()
        for (const [i, { who, act, mode }] of steps.entries()) {
          const writer = who ? alice : bob
          if (act === 'sync') sync(alice, bob)
          else if (act === 'switch') go(writer, mode, now + i)
          else if (act === 'choose') apply(writer, setUi(mode, 'theme', `t${i}`))
          else apply(writer, addMessage(read(writer), { id: `m${i}`, body: i }))
        }
        sync(alice, bob)
        const shown = read(alice)
        expect(read(bob)).toEqual(shown)
        expect(readAgent(fold(shuffled(all, rolls)))).toEqual(shown)
        expect(shown.malformed).toBe(0)
        for (const { mode } of steps.filter(({ act }) => act === 'choose')) {
          expect(shown.volatile.ui[mode].theme).toMatch(/^t/)
        }
      }),
      { numRuns: tries(60) },
    )
  })
})

describe('setters and forms', () => {
  it('AG9 a known name takes no value that would not be read, an unknown one any', () => {
    for (const set of [
      () => setConfiguration('temperature', 'warm'),
      () => setPreference('autosave', 1),
      () => setUi('tab', 'fontSize', 0),
    ]) {
      expect(set).toThrow(expect.objectContaining({ code: 'invalid' }))
    }
    expect(setPreference('toString', 1)).toHaveLength(1)
    expect(setUi('tab', 'theme', 'any')).toHaveLength(1)
  })

  it('AG10 a session has the form of a record and of a context', () => {
    const { alice } = agentSession()
    apply(alice, setVolatile('streaming_buffers', 's', 'text'))
    apply(alice, addRow('audit_log', 'a', { did: 1 }))
    apply(alice, setVolatile('tool_chains', 'c', { steps: [] }))
    const metadata = syncMetadata(alice.state, sha256, '2026-01-02T00:00:00Z')
    const messages = [{ id: '1', timestamp: '2026-01-02T00:00:00Z' }]
    const record = sessionRecord(read(alice), metadata, messages)
    expect(record).toMatchObject({
      session_id: session,
      agent_id: 'kai',
      created_at: '2026-01-02T00:00:00.000Z',
      last_updated: '2026-01-02T00:00:00.000Z',
      state_snapshot: {
        volatile: {
          active_tools: [],
          streaming_buffer: 'text',
          scratchpad_data: {},
          ui_state: { layout: 'compact' },
        },
        persistent: {
          message_history: messages,
          configuration: { model: 'gpt-4' },
          audit_log: [{ did: 1 }],
          memory_snapshots: [],
        },
      },
      history: messages,
      config: { model: 'gpt-4' },
      active_tools: [],
      sync_metadata: metadata,
    })
    expect(sessionContext(read(alice), metadata, messages)).toMatchObject({
      sessionId: session,
      agentId: 'kai',
      activeMode: 'popup',
      availableModes: ['popup'],
      deviceId: 'laptop',
      userId: 'ann',
      createdAt: '2026-01-02T00:00:00.000Z',
      lastActive: '2026-01-02T00:00:00.000Z',
      syncState: {
        volatile: {
          toolChains: [{ id: 'c', steps: [] }],
          scratchpads: {},
          streamingBuffers: [{ id: 's', text: 'text' }],
          uiState: { theme: 'dark' },
          temporaryData: {},
        },
        persistent: {
          history: { messages, version: 2 },
          configs: { agentId: 'kai' },
          logs: [],
          userPreferences: { userId: 'ann' },
          achievements: [],
        },
        syncChannels: [{ type: 'broadcast' }, { type: 'indexeddb' }, { type: 'webrtc' }],
        conflictResolution: 'merge',
      },
    })
  })

  it('AG10 what is stored or leaves the device is encrypted, and the store is the platform’s', () => {
    for (const mode of interfaceModes) {
      const channels = syncChannels(mode, 'then')
      for (const { type, encryption } of channels) expect(encryption).toBe(type !== 'broadcast')
      expect(channels.map(({ priority }) => priority)).toEqual(channels.map((_, i) => i + 1))
      expect(channels.every(({ lastSync }) => lastSync === 'then')).toBe(true)
    }
    expect(syncChannels('headless', '')[0]?.type).toBe('lmdb')
    expect(syncChannels('mobile', '')[0]?.type).toBe('indexeddb')
  })

  it('AG10 only modes in a browser have a channel between modes', () => {
    const types = (mode: InterfaceMode) => syncChannels(mode, '').map(({ type }) => type)
    for (const mode of ['popup', 'tab', 'sidepanel'] as const)
      expect(types(mode)).toContain('broadcast')
    for (const mode of ['mobile', 'desktop', 'headless'] as const) {
      expect(types(mode)).not.toContain('broadcast')
    }
  })
})
