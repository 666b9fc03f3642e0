/** What stands on a disk, whatever it is kept as. */
import { inflateRawSync } from 'node:zlib'
import type { Store } from '@baton/client/core/ports/store'

/** True when a text stands anywhere in a store, also in what was deflated. */
export async function holdsText(store: Store, text: string): Promise<boolean> {
  const all = { from: new Uint8Array(0), to: new Uint8Array(99).fill(255) }
  for await (const [key, row] of store.list(all)) {
    const forms = [Buffer.from(key), Buffer.from(row)]
    for (let at = 12; at <= Math.min(row.length, 12 + 32 * 8); at += 32) {
      try {
        forms.push(inflateRawSync(row.subarray(at)))
      } catch {}
    }
    if (forms.some((form) => form.includes(text))) return true
  }
  return false
}
