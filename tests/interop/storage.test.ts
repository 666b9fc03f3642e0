/** AM1: automerge-repo's own acceptance tests of storage, over every store we have. */
import { runStorageAdapterTests } from '@automerge/automerge-repo/helpers/tests/storage-adapter-tests.js'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Store } from '@baton/client/core/ports/store'
import { createSealing } from '@baton/client/node/sealing'
import { openNodeStore } from '@baton/client/node/store'
import { createDice } from '@baton/client/testing/dice'
import { collect, everything } from '@baton/client/testing/rows'
import { describe, expect, it } from 'vitest'
import { createFaultyDisk } from '../support/faulty-store.ts'
import { tempFolder } from '../support/temp.ts'
import { openStorageAdapter } from './storage-adapter.ts'

const stores: Record<string, () => Promise<Store>> = {
  memory: async () => createMemoryStore(),
  'faulty disk': () => createFaultyDisk().open(),
  lmdb: () => openNodeStore(tempFolder('interop')),
  'lmdb, sealed': () =>
    openNodeStore(tempFolder('interop'), async () => createSealing(new Uint8Array(32).fill(7))),
}

// The kit makes its adapter outside of its own `describe`: two in one would share the last one's.
for (const [name, open] of Object.entries(stores)) {
  describe(`storage: ${name}`, () => {
    runStorageAdapterTests(async () => {
      const store = await open()
      const adapter = await openStorageAdapter(store)
      return { adapter, teardown: () => void store.close() }
    }, name)
  })
}

it.each(Object.keys(stores))(
  'AM1 large values are blobs that go with their last key: %s',
  async (name) => {
    const store = await (stores[name] as () => Promise<Store>)()
    const adapter = await openStorageAdapter(store)
    const large = createDice(1).bytes(3_000_000)
    const rows = async () => (await collect(store, everything)).length
    await adapter.save(['doc', 'snapshot', 'a'], large)
    await adapter.save(['doc', 'snapshot', 'b'], large)
    await adapter.save(['document', 'snapshot', 'c'], large.subarray(1))
    expect(await rows()).toBeGreaterThan(90)
    await adapter.removeRange(['doc', 'snapshot', 'a'])
    expect(Buffer.from((await adapter.load(['doc', 'snapshot', 'b'])) ?? []).equals(large)).toBe(
      true,
    )
    await adapter.save(['doc', 'snapshot', 'b'], Uint8Array.of(1))
    expect((await adapter.loadRange(['doc'])).map(({ key }) => key)).toEqual([
      ['doc', 'snapshot', 'b'],
    ])
    expect(await adapter.load(['document', 'snapshot', 'c'])).toHaveLength(2_999_999)
    await adapter.removeRange(['document'])
    await adapter.remove(['doc', 'snapshot', 'b'])
    expect(await rows()).toBe(0)
    await store.close()
  },
)
