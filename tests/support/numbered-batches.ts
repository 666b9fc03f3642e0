/** What real/store-child.mts writes, and whether a store still holds a whole number of its batches. */

import { openNodeStore } from '@baton/client/node/store'
import { ascii, collect, type Row } from '@baton/client/testing/rows'
import type { Bytes } from '@baton/shared/bytes'

const window = 50
const rowsIn = (i: number) => 1 + ((i * 7919) % 6)
const u32 = (bytes: Bytes, at: number) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)

/**
 * Opens the store as a later process would and returns the last batch in it. Throws when a batch is
 * torn, missing or damaged.
 */
export async function lastWholeBatch(folder: string): Promise<number> {
  const store = await openNodeStore(folder)
  try {
    const found = await store.get(ascii('head'))
    const head = found === undefined ? 0 : u32(found, 0)
    const rows = await collect(store, { from: ascii('b'), to: ascii('c') })
    for (let i = Math.max(1, head - window + 1); i <= head; i++) {
      for (let j = 0; j < rowsIn(i); j++) checkRow(rows.shift(), i, j)
    }
    if (rows.length > 0) throw new Error(`${rows.length} rows beyond batch ${head}`)
    return head
  } finally {
    await store.close()
  }
}

function checkRow(row: Row | undefined, i: number, j: number): void {
  const name = `b${String(i).padStart(9, '0')}/${j}`
  if (row === undefined) throw new Error(`row ${name} is missing`)
  const [key, value] = row
  if (String.fromCharCode(...key) !== name) throw new Error(`row ${name} is missing`)
  const size = (i + j) % 37 === 0 ? 70_000 : (i % 9 === 0 ? 3_000 : 20) + j
  const filled =
    value.length === size + 8 && value.subarray(8).every((b) => b === ((i * 31 + j) & 255))
  if (!filled || u32(value, 0) !== i || u32(value, 4) !== j)
    throw new Error(`row ${name} is damaged`)
}
