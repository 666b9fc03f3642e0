/**
 * Merging values that were written beside each other (rule CF5): maps key by key, the rest by who is
 * ahead. The first value is the one that wins where two cannot both be had.
 */
import type { Value } from '../encoding/msgpack.ts'
import type { Held } from '../model/document-entries.ts'
import { sameValue } from './held.ts'

/** `held`: the winner first. A deletion or a blob has no parts: then the winner is taken whole. */
export function mergeHeld(held: readonly Held[]): Held {
  const [first, ...rest] = held
  if (first?.at !== 'value') return first ?? { at: 'absent' }
  let merged: Value = first.value
  for (const each of rest) if (each.at === 'value') merged = mergeValue(merged, each.value)
  return { at: 'value', value: merged }
}

/**
 * Maps become the union of their keys, their values merged alike; of two lists the longer stays when
 * it goes on from the other, and everything else stays as the first has it.
 */
function mergeValue(first: Value, second: Value): Value {
  if (isMap(first) && isMap(second)) {
    const out: Record<string, Value> = Object.create(null)
    for (const [key, value] of Object.entries(second)) out[key] = value
    for (const [key, value] of Object.entries(first)) {
      out[key] = Object.hasOwn(second, key) ? mergeValue(value, second[key] as Value) : value
    }
    return out
  }
  if (Array.isArray(first) && Array.isArray(second) && second.length > first.length) {
    return first.every((value, i) => sameValue(value, second[i] as Value)) ? second : first
  }
  return first
}

const isMap = (value: Value): value is { readonly [key: string]: Value } =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array)
