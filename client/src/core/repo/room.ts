/** Whether a store that was full takes something again: tried, since no store can tell (rule XC9). */
import { isBatonError } from '@baton/shared/errors'
import type { Store } from '../ports/store.ts'
import { nameKey } from './keys.ts'

const probeBytes = 256 * 1024

export async function hasRoom(store: Store): Promise<boolean> {
  const put = nameKey('probe')
  try {
    await store.write([{ put, value: new Uint8Array(probeBytes) }])
    await store.write([{ delete: put }])
    return true
  } catch (error) {
    if (isBatonError(error)) return false
    throw error
  }
}
