/** Values that a fold keeps: out of the run of entries they came in, and equal when they say the same. */
import { equalBytes } from '../bytes.ts'
import type { Value } from '../encoding/msgpack.ts'
import type { Held } from '../model/document-entries.ts'

/** Bytes in decoded values share the memory of their whole run of 64 KiB; what stays is copied. */
export function keepHeld(held: Held): Held {
  if (held.at === 'blob') return { ...held, blob: held.blob.slice() }
  return held.at === 'value' ? { at: 'value', value: keepValue(held.value) } : held
}

export function keepValue(value: Value): Value {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Uint8Array) return value.slice()
  if (Array.isArray(value)) return value.map(keepValue)
  const out: Record<string, Value> = Object.create(null)
  for (const [key, each] of Object.entries(value)) out[key] = keepValue(each)
  return out
}

export function sameHeld(a: Held, b: Held): boolean {
  if (a.at === 'blob' && b.at === 'blob') return equalBytes(a.blob, b.blob)
  if (a.at === 'value' && b.at === 'value') return sameValue(a.value, b.value)
  return a.at === 'absent' && b.at === 'absent'
}

/** Key order does not matter, -0 is 0 and NaN is NaN, as in their encoding. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && equalBytes(a, b)
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((each, i) => sameValue(each, b[i] as Value))
  }
  const [left, right] = [a, b] as { readonly [key: string]: Value }[]
  const keys = Object.keys(left ?? {})
  if (keys.length !== Object.keys(right ?? {}).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(right as object, key) && sameValue(left?.[key] as Value, right?.[key] as Value),
  )
}
