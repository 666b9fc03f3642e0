/** Short forms for Store tests: keys from text, a walk as an array, and the model of a range. */

import type { Range, Store, Write } from '@baton/client/core/ports/store'
import { type Bytes, compareBytes } from '@baton/shared/bytes'

export type Row = readonly [Bytes, Bytes]

export const bytes = (...values: number[]): Bytes => Uint8Array.from(values)
export const ascii = (text: string): Bytes => Uint8Array.from(text, (c) => c.charCodeAt(0))
export const put = (key: string, value: Bytes = ascii(key)): Write => ({ put: ascii(key), value })
export const everything: Range = { from: bytes(), to: new Uint8Array(16).fill(255) }

export async function collect(store: Store, range: Range = everything): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of store.list(range)) rows.push(row)
  return rows
}

export const keysOf = async (store: Store, range?: Range): Promise<string[]> =>
  (await collect(store, range)).map(([key]) => String.fromCharCode(...key))

/** What a sorted list of rows would answer. */
export function modelRange(model: Iterable<Row>, range: Range): Row[] {
  const inside = [...model]
    .filter(([key]) => compareBytes(range.from, key) <= 0 && compareBytes(key, range.to) < 0)
    .sort((a, b) => compareBytes(a[0], b[0]))
  if (range.reverse === true) inside.reverse()
  return inside.slice(0, range.limit ?? inside.length)
}
