/** What is done to an agent session, as changes (rules AG6 to AG9). Nothing here reads a clock. */
import { sameValue } from '../../conflict/held.ts'
import { parseStrategy, policyPath } from '../../conflict/strategy.ts'
import type { Value } from '../../encoding/msgpack.ts'
import { BatonError } from '../../errors.ts'
import { type Change, heldOf, setAt, unsetAt } from '../changes.ts'
import type { ToolStatus } from '../document-entries.ts'
import { type Shape, timeText, type Values } from '../fields.ts'
import {
  type AgentSession,
  configurationShape,
  type InterfaceMode,
  preferencesShape,
  uiShape,
} from './schema.ts'
import { adaptUIStateForMode, carriedAt, chosenAt, uiValues } from './ui.ts'

export interface AgentInit {
  readonly agent: string
  readonly user: string
  readonly device: string
  readonly mode: InterfaceMode
  /** ms since 1970. */
  readonly now: number
  readonly configuration?: Values
  readonly preferences?: Values
  /** A name of `parseStrategy`; without one the document's own default holds. */
  readonly strategy?: string
}

export function createAgentSession(init: AgentInit): readonly Change[] {
  const at = timeText(init.now)
  return [
    setAt(['identity', 'agent'], init.agent),
    setAt(['identity', 'user'], init.user),
    setAt(['identity', 'device'], init.device),
    setAt(['identity', 'created'], at),
    setAt(['identity', 'last_active'], at),
    setAt(['modes', 'active'], init.mode),
    setAt(['modes', 'available', init.mode], true),
    ...Object.entries(init.configuration ?? {}).flatMap(([key, value]) =>
      setConfiguration(key, value),
    ),
    ...Object.entries(init.preferences ?? {}).flatMap(([key, value]) => setPreference(key, value)),
    ...(init.strategy === undefined
      ? []
      : [setAt(policyPath('strategy'), parseStrategy(init.strategy))]),
  ]
}

/**
 * The session goes on in another mode: what the present one shows comes along, what a person chose in
 * the other stays as it was there.
 */
export function switchMode(
  { modes, volatile }: Pick<AgentSession, 'modes' | 'volatile'>,
  to: InterfaceMode,
  now: number,
): readonly Change[] {
  const changes: Change[] = []
  if (modes.active !== to) {
    changes.push(setAt(['modes', 'active'], to))
    const carried = uiValues(adaptUIStateForMode(volatile.ui[modes.active], to))
    // What a mode shows already need not be brought; what it chose it would win over anyway.
    if (!sameValue(carried, uiValues(volatile.ui[to]))) {
      changes.push(setAt(carriedAt(to), carried))
    }
  }
  if (!modes.available.includes(to)) changes.push(setAt(['modes', 'available', to], true))
  changes.push(setAt(['identity', 'last_active'], timeText(now)))
  return changes
}

export interface NewMessage {
  readonly id: string
  /** What it says, its time and role included; how it is read is its reader's matter. */
  readonly body: Value
  /** The message it follows; without one, the last that is shown. */
  readonly parent?: string
  /** The input of another device that it answers. */
  readonly consumes?: string
}

/** By the holder; another device's input is `addInput`. */
export function addMessage(
  { persistent }: Pick<AgentSession, 'persistent'>,
  { id, body, parent, consumes }: NewMessage,
): readonly Change[] {
  const last = persistent.history.at(-1)?.id
  return [{ kind: 'message', id, parent: parent ?? last, held: heldOf(body), consumes }]
}

export const addInput = (id: string, body: Value): readonly Change[] => [
  { kind: 'inbox', id, held: heldOf(body) },
]

/** `name` is said with each status, since only the last one is kept. */
export const setTool = (
  call: string,
  status: ToolStatus,
  detail: Values & { readonly name: string },
): readonly Change[] => [{ kind: 'tool', call, status, held: heldOf(detail) }]

/** Setters throw `invalid` for a known name with a value that its readers would leave out. */
export const setConfiguration = (key: string, value: Value): readonly Change[] =>
  checked(configurationShape, ['configuration'], key, value)
export const setPreference = (key: string, value: Value): readonly Change[] =>
  checked(preferencesShape, ['preferences'], key, value)

/** A choice of a person in one mode: it stays there through every switch. */
export const setUi = (mode: InterfaceMode, key: string, value: Value): readonly Change[] =>
  checked(uiShape, chosenAt(mode, key).slice(0, -1), key, value)

function checked(
  shape: Shape,
  path: readonly string[],
  key: string,
  value: Value,
): readonly Change[] {
  const schema = Object.hasOwn(shape, key) ? shape[key] : undefined
  if (schema && !schema.safeParse(value).success) {
    throw new BatonError('invalid', 'failed to set a value: not what this name holds')
  }
  return [setAt([...path, key], value)]
}

type Volatile =
  | 'tool_chains'
  | 'active_tools'
  | 'scratchpads'
  | 'streaming_buffers'
  | 'temporary_data'

/** Undefined takes it away. */
export const setVolatile = (
  part: Volatile,
  key: string,
  value: Value | undefined,
): readonly Change[] => {
  const path = ['volatile', part, key]
  return [value === undefined ? unsetAt(path) : setAt(path, value)]
}

export type AgentCollection = 'logs' | 'audit_log' | 'achievements' | 'memory_snapshots'

/** `key` is the entry's own, a random id for example: two with one key would be one. */
export const addRow = (
  collection: AgentCollection,
  key: string,
  value: Value,
): readonly Change[] => [{ kind: 'row', collection, key, held: heldOf(value) }]
