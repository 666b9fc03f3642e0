/**
 * How concurrent values of one field are settled (rules CF1 to CF3): {strategy, auto_resolve, merge_fields} for
 * the session and for single fields, kept in the document itself.
 */
import type { Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { type Path, pathKey } from '../model/document-entries.ts'
import type { DocumentState } from './document.ts'
import { winner } from './register.ts'

export type Strategy = 'timestamp' | 'merge' | 'manual' | 'user_choice'

export interface ConflictPolicy {
  readonly strategy: Strategy
  /** False: also what could be settled without a person stays listed until one looked at it. */
  readonly auto_resolve: boolean
  /** Fields that `merge` may merge; others go by timestamp. Undefined: all. */
  readonly merge_fields: readonly string[] | undefined
}

/** Every name that is accepted. */
const strategies: ReadonlyMap<string, Strategy> = new Map([
  ['timestamp', 'timestamp'],
  ['timestamp_precedence', 'timestamp'],
  ['latest-wins', 'timestamp'],
  ['merge', 'merge'],
  ['manual', 'manual'],
  ['user_choice', 'user_choice'],
])

/** The registers of policies stand below this segment, and go by timestamp themselves. */
export const policyField = 'conflict'

/** Throws `invalid`: a name that nobody knows would leave conflicts to chance. */
export function parseStrategy(name: string): Strategy {
  const strategy = strategies.get(name)
  if (strategy) return strategy
  throw new BatonError('invalid', 'failed to set the strategy: no such name', {
    hint: `one of ${[...strategies.keys()].join(', ')}`,
  })
}

/** Where one part of a policy stands; `field` undefined: of the session. */
export const policyPath = (part: keyof ConflictPolicy, field?: string): Path =>
  field === undefined ? [policyField, part] : [policyField, part, field]

/** What holds for a field: its own word, else the session's, else `merge` that settles by itself. */
export function policyOf(state: DocumentState, field: string): ConflictPolicy {
  if (field === policyField) return { strategy: 'timestamp', auto_resolve: true, merge_fields: [] }
  const told = (part: keyof ConflictPolicy) =>
    read(state, policyPath(part, field)) ?? read(state, policyPath(part))
  const name = told('strategy')
  // A name of a later version, or nonsense: nothing is decided without a person.
  const strategy =
    name === undefined ? 'merge' : (typeof name === 'string' && strategies.get(name)) || 'manual'
  const fields = told('merge_fields')
  return {
    strategy,
    auto_resolve: told('auto_resolve') !== false,
    merge_fields: Array.isArray(fields)
      ? fields.filter((each) => typeof each === 'string')
      : undefined,
  }
}

function read(state: DocumentState, path: Path): Value | undefined {
  const field = state.fields.get(pathKey(path))
  const held = field && winner(field.register)?.held
  return held?.at === 'value' ? held.value : undefined
}
