/**
 * Blobs of which an entry that named them went (rule CX12): they go at the start of a process, when
 * nothing is being received or written that may name them anew, unless an entry that is held does.
 */
import { toHex } from '@baton/shared/bytes'
import type { Store, Write } from '../ports/store.ts'
import { blobKey, looseKey, under } from './keys.ts'
import { decodeStored, fromStore } from './rows.ts'

/** Rows deleted in one batch. */
const batchRows = 256

export async function deleteLoose(store: Store): Promise<void> {
  const loose = new Map<string, Uint8Array>()
  for await (const [key] of store.list(under('y'))) {
    const hash = key.slice(1)
    loose.set(toHex(hash), hash)
  }
  if (loose.size === 0) return
  const named = new Set<string>()
  for await (const [, row] of store.list(under('d'))) {
    const { blobs } = await fromStore('entries', async () => decodeStored(row))
    for (const hash of blobs) {
      const name = toHex(hash)
      if (loose.has(name)) named.add(name)
    }
  }
  for (const [name, hash] of loose) {
    let rows: Write[] = []
    // Without its facts it counts as not held: what a crash leaves of it is no blob.
    if (!named.has(name)) {
      await store.write([{ delete: blobKey(hash) }])
      for await (const [key] of store.list(under('b', hash))) {
        rows.push({ delete: key.slice() })
        if (rows.length < batchRows) continue
        await store.write(rows)
        rows = []
      }
    }
    // Last, so that another start goes on where this one ended.
    await store.write([...rows, { delete: looseKey(hash) }])
  }
}
