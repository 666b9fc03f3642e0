/**
 * What really conflicts in a document (rules CF3 to CF7): registers with several candidates that say
 * different things, histories that parted, tool calls with two ends. The list, and what is shown
 * meanwhile, is the same on every device with the same entries.
 */
import type { Value } from '../encoding/msgpack.ts'
import { isHeld } from '../model/beginning.ts'
import { type Held, type Path, pathKey } from '../model/document-entries.ts'
import type { DocumentState, Field } from './document.ts'
import { sameHeld } from './held.ts'
import { mergeHeld } from './merge.ts'
import { besides, type MessageNode, mainLine, union } from './messages.ts'
import { candidates, type Register, type Write, winner } from './register.ts'
import { type ConflictPolicy, policyField, policyOf, type Strategy } from './strategy.ts'

/** One side of a conflict: who wrote it, and when. */
export type Side = Write

export interface FieldConflict {
  readonly kind: 'field'
  readonly path: Path
  readonly strategy: Strategy
  /** Different values, the one that is ahead by its stamp first; equal ones once. */
  readonly sides: readonly Side[]
  /** What is shown until someone settles it, and stays if nobody does. */
  readonly shown: Held
  /** All candidates: what settles it has to have seen them. */
  readonly candidates: readonly Write[]
}

export interface HistoryConflict {
  readonly kind: 'history'
  readonly strategy: Strategy
  /** Last messages of the lines, the one shown first. */
  readonly tips: readonly MessageNode[]
}

export interface ToolConflict {
  readonly kind: 'tool'
  readonly call: string
  /** Different ends of one call: it may have run twice. */
  readonly ends: readonly Side[]
}

export type Conflict = FieldConflict | HistoryConflict | ToolConflict

/** The field of the message history, for policies. */
export const historyField = 'history'
/** The last message of the line that a person chose, below `policyField`. */
export const historyPick: Path = [policyField, 'history']
export const toolPick = (call: string): Path => [policyField, 'tool', call]

/** What a register shows under the policy of its field. */
export function shownOf(state: DocumentState, { path, register }: Field): Held {
  return settle(register, policyOf(state, path[0] ?? ''), path[0] ?? '').shown
}

function settle(register: Register, policy: ConflictPolicy, field: string) {
  const all = candidates(register)
  const sides = distinct(all)
  const first = winner(register)?.held ?? { at: 'absent' as const }
  const mergeable = policy.merge_fields === undefined || policy.merge_fields.includes(field)
  const merges = policy.strategy === 'merge' && mergeable && sides.length > 1
  const shown = merges ? mergeHeld(sides.map(({ held }) => held)) : first
  const waits = policy.strategy === 'manual' || policy.strategy === 'user_choice'
  return { all, sides, shown, open: sides.length > 1 && (waits || !policy.auto_resolve) }
}

function distinct(writes: readonly Write[]): readonly Write[] {
  const out: Write[] = []
  for (const write of writes) {
    if (!out.some((each) => sameHeld(each.held, write.held))) out.push(write)
  }
  return out
}

/** Everything that is open, in the order of paths. */
export function conflicts(state: DocumentState): readonly Conflict[] {
  const open: Conflict[] = []
  for (const { path, register } of byPath(state.fields)) {
    if (register.live.length < 2) continue
    const field = path[0] ?? ''
    const policy = policyOf(state, field)
    const { all, sides, shown, open: waits } = settle(register, policy, field)
    if (!waits) continue
    open.push({ kind: 'field', path, strategy: policy.strategy, sides, shown, candidates: all })
  }
  const parted = historyConflict(state)
  if (parted) open.push(parted)
  for (const { call, ends } of state.tools.values()) {
    if (ends.length < 2 || picked(state, toolPick(call)) === ends.length) continue
    open.push({ kind: 'tool', call, ends: ends.map(({ write }) => write) })
  }
  return open
}

const byPath = (fields: ReadonlyMap<string, Field>): readonly Field[] =>
  [...fields].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, field]) => field)

function historyConflict(state: DocumentState): HistoryConflict | undefined {
  const { strategy, auto_resolve } = policyOf(state, historyField)
  const waits = strategy === 'manual' || strategy === 'user_choice' || !auto_resolve
  if (!waits || state.messages.size === 0) return undefined
  const line = mainOf(state)
  const tips = [
    line,
    ...besides(state.messages, line, state.passedMessages).map(({ messages }) => messages),
  ]
    .map((messages) => messages.at(-1))
    .filter((tip) => tip !== undefined)
  // What was there when a person chose is settled; a line that appeared since opens it again.
  const told = picked(state, historyPick)
  const seen = new Set(Array.isArray(told) ? told : [])
  if (tips.length < 2 || tips.slice(1).every(({ id }) => seen.has(id))) return undefined
  return { kind: 'history', strategy, tips }
}

function picked(state: DocumentState, path: Path): Value | undefined {
  const field = state.fields.get(pathKey(path))
  const held = field && winner(field.register)?.held
  return held?.at === 'value' ? held.value : undefined
}

/** The history as its policy shows it: under `merge` all messages, else the line of the holder. */
export function history(state: DocumentState): readonly MessageNode[] {
  const { strategy } = policyOf(state, historyField)
  return strategy === 'merge' ? union(state.messages) : mainOf(state)
}

/** The line a person chose, with what was said after it; else the holder's. */
function mainOf(state: DocumentState): readonly MessageNode[] {
  const told = picked(state, historyPick)
  const tip = Array.isArray(told) && typeof told[0] === 'string' ? told[0] : undefined
  // Of a held session only what its holders said is among the messages.
  const holder = isHeld(state.descriptor) ? undefined : state.author
  return mainLine(state.messages, holder, tip, state.passedMessages)
}
