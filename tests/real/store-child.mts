/**
 * Writes numbered batches to a store and reports each flush that ended, until it is killed.
 * Batch `i` has its rows, takes away those of batch `i - 50`, and is named by the row `head`.
 */
import { writeSync } from 'node:fs'
import { openNodeStore } from '@baton/client/node/store'

const [folder = ''] = process.argv.slice(2)
const window = 50
const rowsIn = (i: number) => 1 + ((i * 7919) % 6)
const key = (i: number, j: number) => Buffer.from(`b${String(i).padStart(9, '0')}/${j}`)
const u32 = (i: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(i)
  return bytes
}

/** Mostly small, now and then over many pages; every byte tells where it belongs. */
function value(i: number, j: number): Uint8Array {
  const size = (i + j) % 37 === 0 ? 70_000 : (i % 9 === 0 ? 3_000 : 20) + j
  return Buffer.concat([u32(i), u32(j), Buffer.alloc(size, (i * 31 + j) & 255)])
}

const store = await openNodeStore(folder)
const found = await store.get(Buffer.from('head'))
let head = found === undefined ? 0 : Buffer.from(found).readUInt32BE(0)
process.send?.({ at: 'open', head })

let durable = head
async function acknowledge() {
  const target = head
  await store.flush()
  if (target <= durable) return
  durable = target
  process.send?.({ at: 'durable', head: target })
  // For whoever traces the system calls: it stands in order with those of the store.
  writeSync(1, `durable ${target}\n`)
}

// Long before this it is killed; a parent that died must not leave it running.
while (head < 100_000) {
  const i = ++head
  const batch = Array.from({ length: rowsIn(i) }, (_, j) => ({
    put: key(i, j),
    value: value(i, j),
  }))
  const old = i - window
  const gone =
    old < 1 ? [] : Array.from({ length: rowsIn(old) }, (_, j) => ({ delete: key(old, j) }))
  const written = store.write([...batch, ...gone, { put: Buffer.from('head'), value: u32(i) }])
  // Sometimes many in flight, sometimes one by one, with and without waiting for the disk.
  if (i % 3 === 0) void acknowledge()
  if (i % 7 === 0) await acknowledge()
  if (i % 4 !== 0) await written
}
