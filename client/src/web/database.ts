/**
 * The one database of this origin: rows of the store, the fence that says which page writes them, and
 * the keys. They stand together, so that a browser that evicts evicts all of it: a device that lost
 * its keys has lost its rows too, and starts anew.
 */
import { BatonError } from '@baton/shared/errors'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { DeviceKeys } from './keyring.ts'

export interface Schema extends DBSchema {
  /** Sealed values by the keys of the store, whose order is bytewise here too. */
  rows: { key: Uint8Array<ArrayBuffer>; value: Uint8Array<ArrayBuffer> }
  meta: { key: 'fence'; value: number }
  keys: { key: string; value: DeviceKeys | Uint8Array<ArrayBuffer> }
}

export type Database = IDBPDatabase<Schema>

const version = 1

export interface DatabaseHooks {
  /** The connection is gone: `evicted` when the browser took the data away, else another page did. */
  lost(why: 'evicted' | 'superseded'): void
}

/** Rejects with `store-newer`, `store-full` or `store-readonly`. */
export async function openDatabase(name: string, hooks: DatabaseHooks): Promise<Database> {
  try {
    const database: Database = await openDB<Schema>(name, version, {
      upgrade(fresh) {
        fresh.createObjectStore('rows')
        fresh.createObjectStore('meta')
        fresh.createObjectStore('keys')
      },
      // A newer version of this page, or one that deletes everything, must not wait for this one.
      blocking() {
        database.close()
        hooks.lost('superseded')
      },
      terminated: () => hooks.lost('evicted'),
    })
    return database
  } catch (cause) {
    throw databaseError('open', cause)
  }
}

/** What a browser's word for a failure means here. */
export function databaseError(verb: string, cause: unknown): BatonError {
  const { name } = cause as { name?: unknown }
  const [code, why, hint] = meanings[String(name)] ?? [
    'store-readonly',
    `the browser said ${typeof name === 'string' ? name : 'no more'}`,
    'a private window may keep nothing: use an ordinary one',
  ]
  return new BatonError(code, `failed to ${verb} the store: ${why}`, { cause, hint })
}

type Meaning = readonly ['store-full' | 'store-newer' | 'store-readonly', string, string]
const meanings: Readonly<Record<string, Meaning>> = {
  QuotaExceededError: [
    'store-full',
    'the browser gives this page no more room',
    'free some space; nothing that was kept is lost',
  ],
  VersionError: [
    'store-newer',
    'a newer version of this page wrote it',
    'reload the page, without its cache',
  ],
}
