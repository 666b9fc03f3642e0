/**
 * A Store on IndexedDB (rules ST1 to ST10, ST15, ST16, WB1, WB2). Every transaction is a strict one,
 * so that what resolved is on disk, and checks the fence: a page that lost its place writes nothing
 * more. A transaction of the browser ends when nothing is asked of it, so a walk reads in pieces, and
 * keeps the state of its first step by what writers leave it (walks.ts).
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import { checkBatch, storeClosed } from '../core/memory/batch.ts'
import type { Store } from '../core/ports/store.ts'
import { type Database, databaseError } from './database.ts'
import { owned } from './owned.ts'
import type { Sealing } from './sealing.ts'
import { slice } from './slices.ts'
import { createStoreWriter } from './store-writer.ts'
import { createWalks } from './walks.ts'

export interface PageStore extends Store {
  /** Grows by one with each opening. */
  readonly fence: number
  /** When it last wrote something, ms since 1970. */
  written(): number | undefined
  /** The database went away under it: every later call says why. */
  lose(error: BatonError): void
}

/** Takes the place of whoever wrote before, with its first write when there is no room; closes the database in the end. */
export async function openPageStore(database: Database, sealing: Sealing): Promise<PageStore> {
  const before = await database.get('meta', 'fence').catch((cause) => {
    throw databaseError('open', cause)
  })
  const fence = await takeFence(database).catch((error: unknown) => {
    // What is kept can be read without room, too.
    if (isBatonError(error) && error.code === 'store-full') return undefined
    throw error
  })
  const walks = createWalks(database, sealing)
  const writer = createStoreWriter({ database, sealing, fence, walks })
  let closing: Promise<void> | undefined
  let gone: BatonError | undefined
  let written: number | undefined
  const check = () => {
    if (gone) throw gone
  }

  return {
    fence: fence ?? (before ?? 0) + 1,
    written: () => written,
    async get(key) {
      check()
      const sealed = await database.get('rows', owned(key)).catch((cause) => {
        throw gone ?? databaseError('read', cause)
      })
      const value = sealed && (await sealing.open(key, sealed))
      await slice()
      check()
      return value
    },
    list: (range) => walks.walk(range, check),
    async write(batch) {
      check()
      checkBatch(batch)
      await writer.write(batch)
      written = Date.now()
    },
    async flush() {
      check()
      await writer.flush()
    },
    close() {
      closing ??= writer
        .flush()
        .catch(() => {})
        .then(() => database.close())
      gone ??= storeClosed()
      return closing
    },
    lose(error) {
      gone ??= error
    },
  }
}

/** A number that grows by one with each opening; only its last taker may write. */
async function takeFence(database: Database): Promise<number> {
  const transaction = database.transaction('meta', 'readwrite', { durability: 'strict' })
  try {
    const fence = ((await transaction.store.get('fence')) ?? 0) + 1
    await transaction.store.put(fence, 'fence')
    await transaction.done
    return fence
  } catch (cause) {
    throw databaseError('open', cause)
  }
}

export const evicted = (): BatonError =>
  new BatonError('store-closed', 'failed to use the store: the browser removed it', {
    hint: 'reload the page and pair again; the other devices still have the sessions',
  })
