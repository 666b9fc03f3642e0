/** What the pages of a device keep beside its sessions: in its store, sealed and fenced as all of it. */
import { utf8Decode, utf8Encode } from '@baton/shared/bytes'
import type { Store } from '../core/ports/store.ts'
import { nameKey } from '../core/repo/keys.ts'
import type { Kept } from '../core/tabs/page-mesh.ts'

export function createKept(store: Store): Kept {
  const keyOf = (name: string) => nameKey(`page/${name}`)
  return {
    async get(name) {
      const found = await store.get(keyOf(name))
      return found && utf8Decode(found)
    },
    async put(name, text) {
      const key = keyOf(name)
      await store.write([text === '' ? { delete: key } : { put: key, value: utf8Encode(text) }])
    },
  }
}
