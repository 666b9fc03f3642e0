/** Numbered batches of rows of which every byte tells where it belongs, and whether a store holds them whole. */

import type { Store } from '@baton/client/core/ports/store'
import { ascii, collect, type Row } from '@baton/client/testing/rows'
import type { Bytes } from '@baton/shared/bytes'

/** Each batch takes away the rows of the one so far before it. */
export const window = 50
export const rowsIn = (i: number) => 1 + ((i * 7919) % 6)
export const nameOf = (i: number, j: number) => `b${String(i).padStart(9, '0')}/${j}`
/** Mostly small, now and then over many pages. */
export const sizeOf = (i: number, j: number) =>
  (i + j) % 37 === 0 ? 70_000 : (i % 9 === 0 ? 3_000 : 20) + j

const u32 = (bytes: Bytes, at: number) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)

/** The last batch in it. Throws when a batch is torn, missing or damaged. */
export async function lastBatchIn(store: Store): Promise<number> {
  const found = await store.get(ascii('head'))
  const head = found === undefined ? 0 : u32(found, 0)
  const rows = await collect(store, { from: ascii('b'), to: ascii('c') })
  for (let i = Math.max(1, head - window + 1); i <= head; i++) {
    for (let j = 0; j < rowsIn(i); j++) checkRow(rows.shift(), i, j)
  }
  if (rows.length > 0) throw new Error(`${rows.length} rows beyond batch ${head}`)
  return head
}

function checkRow(row: Row | undefined, i: number, j: number): void {
  const name = nameOf(i, j)
  if (row === undefined) throw new Error(`row ${name} is missing`)
  const [key, value] = row
  if (String.fromCharCode(...key) !== name) throw new Error(`row ${name} is missing`)
  const filled =
    value.length === sizeOf(i, j) + 8 && value.subarray(8).every((b) => b === ((i * 31 + j) & 255))
  if (!filled || u32(value, 0) !== i || u32(value, 4) !== j)
    throw new Error(`row ${name} is damaged`)
}
