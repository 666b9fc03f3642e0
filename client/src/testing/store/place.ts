/** A store for one test, in a place that nothing of it is left behind in. */
import type { Store } from '../../core/ports/store.ts'
import type { OpenedStore, StoreSetup } from '../store.ts'

export async function withStore(
  { newPlace }: StoreSetup,
  run: (opened: OpenedStore) => Promise<void>,
): Promise<void> {
  const place = await newPlace()
  const opened: Store[] = []
  const open = async () => {
    const store = await place.open()
    opened.push(store)
    return store
  }
  try {
    await run({ store: await open(), lasting: place.lasting, open })
  } finally {
    for (const store of opened) await store.close()
    await place.remove()
  }
}
