/** The kit for stores against every implementation and fake. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore } from '@baton/client/core/memory/store'
import { createSealing, type Sealing } from '@baton/client/node/sealing'
import { openNodeStore } from '@baton/client/node/store'
import { runStoreTests, type StorePlace } from '@baton/client/testing/store'
import { describe, it } from 'vitest'
import { createFaultyDisk } from '../support/faulty-store.ts'
import { tries } from '../support/tries.ts'

const places: Record<string, () => StorePlace> = {
  memory: () => ({
    open: async () => createMemoryStore(),
    lasting: false,
    remove: async () => {},
  }),
  'faulty disk': () => ({ ...createFaultyDisk(), lasting: true, remove: async () => {} }),
  lmdb: () => lmdb(undefined),
  'lmdb, sealed': () => lmdb(createSealing(new Uint8Array(32).fill(7))),
}

for (const [name, newPlace] of Object.entries(places)) {
  describe(`store: ${name}`, () => {
    // Other histories each time; one that fails names its seed.
    runStoreTests({ test: it, newPlace, histories: tries(25), seed: Date.now() % 2 ** 30 })
  })
}

function lmdb(sealing: Sealing | undefined): StorePlace {
  const folder = mkdtempSync(join(tmpdir(), 'baton-store-'))
  return {
    open: () => openNodeStore(folder, sealing && (async () => sealing)),
    lasting: true,
    remove: async () => rmSync(folder, { recursive: true }),
  }
}
