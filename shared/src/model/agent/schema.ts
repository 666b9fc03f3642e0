/**
 * The state of an agent session across interface modes and devices, and where it stands in the
 * document (rules AG1 to AG4). Names of fields are those that interfaces already use.
 *
 *   identity                     ['identity', agent | user | device | created | last_active]
 *   mode shown, modes ever used  ['modes', 'active'], ['modes', 'available', mode] = true
 *   UI chosen in a mode          ['ui', mode, key]
 *   UI brought along to a mode   ['modes', 'carried', mode] = {key: value}
 *   tool chains                  ['volatile', 'tool_chains', id] = map
 *   active tools                 tool entries without an end, ['volatile', 'active_tools', name] = true
 *   scratchpads                  ['volatile', 'scratchpads', key]
 *   streaming buffers            ['volatile', 'streaming_buffers', id] = text or {text}
 *   temporary data               ['volatile', 'temporary_data', key]
 *   configuration                ['configuration', key]
 *   preferences                  ['preferences', key]
 *   logs, audit log,             rows 'logs', 'audit_log', 'achievements', 'memory_snapshots',
 *   achievements, snapshots      one key each, never written again
 *   message history              message entries
 *   conflict strategy            ['conflict', ...]: conflict/strategy.ts
 */
import * as z from 'zod/mini'
import type { MessageNode } from '../../conflict/messages.ts'
import type { ConflictPolicy } from '../../conflict/strategy.ts'
import type { SeenRow } from '../../conflict/view.ts'
import type { SessionId } from '../../ids.ts'
import { type Known, mapField, timeField, type Values } from '../fields.ts'
import { preferenceDefaults } from './defaults.ts'

/** In the order in which they are listed. */
export const interfaceModes = [
  'popup',
  'tab',
  'sidepanel',
  'mobile',
  'desktop',
  'headless',
] as const
export type InterfaceMode = (typeof interfaceModes)[number]
export const modeField = z.enum(interfaceModes)

const text = z.string()

export const identityShape = {
  agent: text,
  user: text,
  device: text,
  created: timeField,
  last_active: timeField,
}

/** `layout`: 'standard', 'compact', 'sidebar', 'mobile', 'full', or one of a later version. */
export const uiShape = {
  activePanel: text,
  sidebarOpen: z.boolean(),
  theme: text,
  fontSize: z.number().check(z.positive()),
  layout: text,
}

export const configurationShape = {
  agentId: text,
  model: text,
  temperature: z.number(),
  maxTokens: z.number(),
  systemPrompt: text,
  tools: z.array(z.union([text, mapField])),
}

/** `syncFrequency` in seconds. */
export const preferencesShape = {
  userId: text,
  theme: text,
  language: text,
  notifications: z.boolean(),
  autosave: z.boolean(),
  syncFrequency: z.number().check(z.positive()),
}

type Whole<S extends Record<string, z.ZodMiniType>> = Required<Known<S>> & {
  /** What this version does not know. */
  readonly extra: Values
}
export type UiState = Whole<typeof uiShape>
export type AgentConfiguration = Whole<typeof configurationShape>
export type UserPreferences = Whole<typeof preferencesShape>

export interface ToolChain {
  readonly id: string
  readonly value: Values
}

export interface StreamingBuffer {
  readonly id: string
  readonly text: string
}

export interface AgentSession {
  readonly identity: {
    readonly session_id: SessionId
    readonly agent_id: string
    readonly user_id: string
    readonly device_id: string
    /** ISO dates. */
    readonly created_at: string
    readonly last_active: string
  }
  readonly modes: {
    readonly active: InterfaceMode
    readonly available: readonly InterfaceMode[]
  }
  readonly volatile: {
    readonly tool_chains: readonly ToolChain[]
    readonly active_tools: readonly string[]
    readonly scratchpads: Values
    readonly streaming_buffers: readonly StreamingBuffer[]
    readonly temporary_data: Values
    /** As each mode shows itself. */
    readonly ui: Readonly<Record<InterfaceMode, UiState>>
  }
  readonly persistent: {
    /** Where the messages stand; their bodies are read there. */
    readonly history: readonly MessageNode[]
    readonly configuration: AgentConfiguration
    readonly preferences: UserPreferences
    /** Rows of all devices, the oldest first. */
    readonly logs: readonly SeenRow[]
    readonly audit_log: readonly SeenRow[]
    readonly achievements: readonly SeenRow[]
    readonly memory_snapshots: readonly SeenRow[]
  }
  readonly conflict_resolution: ConflictPolicy
  /** Values that fit no schema and were left out. */
  readonly malformed: number
}

export const defaultConfiguration = (agentId: string): AgentConfiguration => ({
  agentId,
  model: 'gpt-4',
  temperature: 0.7,
  maxTokens: 2048,
  systemPrompt: '',
  tools: [],
  extra: Object.create(null) as Values,
})

export const defaultPreferences = (userId: string): UserPreferences => ({
  userId,
  ...preferenceDefaults,
  extra: Object.create(null) as Values,
})
