/** What real/store-child.mts writes, and whether a store still holds a whole number of its batches. */

import { openNodeStore } from '@baton/client/node/store'
import { lastBatchIn } from './numbered-rows.ts'

/**
 * Opens the store as a later process would and returns the last batch in it. Throws when a batch is
 * torn, missing or damaged.
 */
export async function lastWholeBatch(folder: string): Promise<number> {
  const store = await openNodeStore(folder)
  try {
    return await lastBatchIn(store)
  } finally {
    await store.close()
  }
}
