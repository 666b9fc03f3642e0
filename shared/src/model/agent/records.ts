/**
 * An agent session in the two forms that interfaces ask for (rule AG10): the record of a session with
 * its state snapshot, and the context of a session manager with its channels. Messages are given by
 * the caller, who read their bodies; the forms know nothing of where anything is stored.
 */
import type { Value } from '../../encoding/msgpack.ts'
import type { Values } from '../fields.ts'
import type { SyncMetadata } from '../metadata.ts'
import type { AgentSession, InterfaceMode } from './schema.ts'
import { uiValues } from './ui.ts'

export interface SyncChannel {
  readonly type: 'broadcast' | 'indexeddb' | 'lmdb' | 'webrtc'
  /** Between modes of one browser nothing leaves the process's own profile; stores and links are sealed. */
  readonly encryption: boolean
  /** 1 is asked first. */
  readonly priority: number
  readonly lastSync: string
}

/** How what a mode writes gets to other modes of this device, its store and other devices. */
export function syncChannels(mode: InterfaceMode, lastSync: string): readonly SyncChannel[] {
  const native = mode === 'desktop' || mode === 'headless'
  const extension = mode === 'popup' || mode === 'tab' || mode === 'sidepanel'
  const types = [
    ...(extension ? (['broadcast'] as const) : []),
    native ? ('lmdb' as const) : ('indexeddb' as const),
    'webrtc' as const,
  ]
  return types.map((type, i) => ({
    type,
    encryption: type !== 'broadcast',
    priority: i + 1,
    lastSync,
  }))
}

export const sessionIdentity = ({ identity, modes }: AgentSession) => ({
  session_id: identity.session_id,
  agent_id: identity.agent_id,
  created_at: identity.created_at,
  last_updated: identity.last_active,
  mode: modes.active,
  device_fingerprint: identity.device_id,
  user_id: identity.user_id,
})

export function sessionState(session: AgentSession, messages: readonly Value[]) {
  const { modes, persistent, volatile } = session
  const values = (rows: readonly { readonly value: Value }[]) => rows.map(({ value }) => value)
  return {
    volatile: {
      active_tools: volatile.active_tools,
      streaming_buffer: volatile.streaming_buffers.map(({ text }) => text).join(''),
      scratchpad_data: volatile.scratchpads,
      ui_state: uiValues(volatile.ui[modes.active]),
    },
    persistent: {
      message_history: messages,
      configuration: flat(persistent.configuration),
      audit_log: values(persistent.audit_log),
      memory_snapshots: values(persistent.memory_snapshots),
    },
  }
}

export function sessionRecord(
  session: AgentSession,
  metadata: SyncMetadata,
  messages: readonly Value[],
) {
  const { session_id, agent_id, created_at, last_updated } = sessionIdentity(session)
  return {
    session_id,
    agent_id,
    created_at,
    last_updated,
    state_snapshot: sessionState(session, messages),
    history: messages,
    config: flat(session.persistent.configuration),
    active_tools: session.volatile.active_tools,
    sync_metadata: metadata,
  }
}

/** `version` of the history: how many messages are shown, and one. */
export function sessionContext(
  session: AgentSession,
  metadata: SyncMetadata,
  messages: readonly Value[],
) {
  const { identity, modes, persistent, volatile } = session
  const values = (rows: readonly { readonly value: Value }[]) => rows.map(({ value }) => value)
  return {
    sessionId: identity.session_id,
    agentId: identity.agent_id,
    activeMode: modes.active,
    availableModes: modes.available,
    deviceId: identity.device_id,
    userId: identity.user_id,
    createdAt: identity.created_at,
    lastActive: identity.last_active,
    syncState: {
      volatile: {
        toolChains: volatile.tool_chains.map(({ id, value }) => ({ ...value, id })),
        scratchpads: volatile.scratchpads,
        streamingBuffers: volatile.streaming_buffers,
        uiState: uiValues(volatile.ui[modes.active]),
        temporaryData: volatile.temporary_data,
      },
      persistent: {
        history: { messages, version: messages.length + 1 },
        configs: flat(persistent.configuration),
        logs: values(persistent.logs),
        userPreferences: flat(persistent.preferences),
        achievements: values(persistent.achievements),
      },
      syncChannels: syncChannels(modes.active, metadata.last_sync),
      conflictResolution: session.conflict_resolution.strategy,
    },
  }
}

/** Known fields and the others in one map; what is known cannot be overwritten by them. */
function flat({ extra, ...known }: { readonly extra: Values }): Values {
  return Object.assign(Object.create(null) as Values, extra, known)
}
