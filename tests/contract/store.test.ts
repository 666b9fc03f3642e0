/** The Store contract against every implementation and fake. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore } from '@baton/client/core/memory/store'
import { createSealing, type Sealing } from '@baton/client/node/sealing'
import { openNodeStore } from '@baton/client/node/store'
import { createFaultyDisk } from '../support/faulty-store.ts'
import { storeContract } from './store.ts'

storeContract('memory', () => ({
  open: async () => createMemoryStore(),
  lasting: false,
  remove: async () => {},
}))

storeContract('faulty disk', () => ({
  ...createFaultyDisk(),
  lasting: true,
  remove: async () => {},
}))

for (const [name, sealing] of [
  ['lmdb', undefined],
  ['lmdb, sealed', createSealing(new Uint8Array(32).fill(7))],
] as const) {
  storeContract(name, () => lmdb(sealing))
}

function lmdb(sealing: Sealing | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'baton-store-'))
  return {
    open: () => openNodeStore(folder, sealing && (async () => sealing)),
    lasting: true,
    remove: async () => rmSync(folder, { recursive: true }),
  }
}
