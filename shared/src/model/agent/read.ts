/** Reads an agent session out of its document (rules AG1 to AG5); where what stands: schema.ts. */

import { compareStamp } from '../../clock/hlc.ts'
import { history, historyField } from '../../conflict/conflicts.ts'
import type { DocumentState } from '../../conflict/document.ts'
import { policyOf } from '../../conflict/strategy.ts'
import {
  type Node,
  unitedRows,
  type View,
  valueAt,
  valuesBelow,
  viewOf,
} from '../../conflict/view.ts'
import {
  isMap,
  readFields,
  type Tally,
  take,
  timeText,
  type Values,
  valuesFrom,
} from '../fields.ts'
import {
  type AgentSession,
  configurationShape,
  defaultConfiguration,
  defaultPreferences,
  type InterfaceMode,
  identityShape,
  interfaceModes,
  modeField,
  preferencesShape,
  type StreamingBuffer,
  type ToolChain,
} from './schema.ts'
import { readUi } from './ui.ts'

export function readAgent(state: DocumentState, view: View = viewOf(state)): AgentSession {
  const { root } = view
  const tally: Tally = { malformed: 0 }
  const identity = readIdentity(state, root, tally)
  const rows = (collection: string) =>
    unitedRows(view, collection).toSorted((a, b) => compareStamp(a.stamp, b.stamp))
  const configuration = readFields(configurationShape, valuesBelow(root, ['configuration']), tally)
  const preferences = readFields(preferencesShape, valuesBelow(root, ['preferences']), tally)
  return {
    identity,
    modes: readModes(root, tally),
    volatile: {
      tool_chains: readChains(root, tally),
      active_tools: readActiveTools(state, root),
      scratchpads: valuesFrom(valuesBelow(root, ['volatile', 'scratchpads'])),
      streaming_buffers: readBuffers(root, tally),
      temporary_data: valuesFrom(valuesBelow(root, ['volatile', 'temporary_data'])),
      ui: readUi(root, tally),
    },
    persistent: {
      history: history(state),
      configuration: {
        ...defaultConfiguration(identity.agent_id),
        ...configuration.known,
        extra: configuration.extra,
      },
      preferences: {
        ...defaultPreferences(identity.user_id),
        ...preferences.known,
        extra: preferences.extra,
      },
      logs: rows('logs'),
      audit_log: rows('audit_log'),
      achievements: rows('achievements'),
      memory_snapshots: rows('memory_snapshots'),
    },
    conflict_resolution: policyOf(state, historyField),
    malformed: tally.malformed,
  }
}

function readIdentity(state: DocumentState, root: Node, tally: Tally): AgentSession['identity'] {
  const { known } = readFields(identityShape, valuesBelow(root, ['identity']), tally)
  const { descriptor, session, author } = state
  const created = known.created ?? timeText(descriptor?.created ?? 0)
  return {
    session_id: session,
    agent_id: known.agent ?? (descriptor?.kind === 'agent' ? descriptor.agent : ''),
    user_id: known.user ?? '',
    device_id: known.device ?? author ?? '',
    created_at: created,
    last_active: latest(known.last_active ?? created, newestMessage(state)),
  }
}

/** So that a message need not be followed by a second entry that says when it was. */
function newestMessage({ messages }: DocumentState): number {
  let newest = 0
  for (const { write } of messages.values()) newest = Math.max(newest, write.stamp.ms)
  return newest
}

const latest = (told: string, ms: number): string => (Date.parse(told) >= ms ? told : timeText(ms))

function readModes(root: Node, tally: Tally): AgentSession['modes'] {
  const used = new Set<InterfaceMode>()
  for (const [name, is] of valuesBelow(root, ['modes', 'available'])) {
    const mode = take(modeField, name, tally)
    if (mode !== undefined && is === true) used.add(mode)
  }
  const told = take(modeField, valueAt(root, ['modes', 'active']), tally)
  const active = told ?? interfaceModes.find((mode) => used.has(mode)) ?? 'tab'
  used.add(active)
  return { active, available: interfaceModes.filter((mode) => used.has(mode)) }
}

function readChains(root: Node, tally: Tally): readonly ToolChain[] {
  const out: ToolChain[] = []
  for (const [id, value] of valuesBelow(root, ['volatile', 'tool_chains'])) {
    if (isMap(value)) out.push({ id, value })
    else tally.malformed += 1
  }
  return out
}

const nothing: Values = Object.create(null) as Values

function readActiveTools({ tools }: DocumentState, root: Node): readonly string[] {
  const names = new Set<string>()
  for (const { call, told, ends } of tools.values()) {
    if (ends.length > 0) continue
    const { held } = told.write
    const { name } = held.at === 'value' && isMap(held.value) ? held.value : nothing
    names.add(typeof name === 'string' ? name : call)
  }
  for (const [name, is] of valuesBelow(root, ['volatile', 'active_tools'])) {
    if (is === true) names.add(name)
  }
  return [...names].sort()
}

function readBuffers(root: Node, tally: Tally): readonly StreamingBuffer[] {
  const out: StreamingBuffer[] = []
  for (const [id, value] of valuesBelow(root, ['volatile', 'streaming_buffers'])) {
    const { text } = isMap(value) ? value : { text: value }
    if (typeof text === 'string') out.push({ id, text })
    else tally.malformed += 1
  }
  return out
}
