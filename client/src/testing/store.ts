/**
 * The kit for stores (rules ST1 to ST8): `runStoreTests` declares what every Store must do, with the
 * test runner it is given. What a disk does to its users beyond that (full, torn, fenced) is each
 * implementation's own to test.
 */
import type { Store } from '../core/ports/store.ts'
import type { DeclareTest } from './check.ts'
import { historyTests } from './store/histories.ts'
import { lifeTests } from './store/life.ts'
import { orderTests } from './store/order.ts'
import { withStore } from './store/place.ts'
import { valueTests } from './store/values.ts'

/** Where a store keeps its rows: opening it again finds what was flushed. */
export interface StorePlace {
  open(): Promise<Store>
  /** False where a closed store is gone, as in plain memory. */
  readonly lasting: boolean
  remove(): Promise<void>
}

export interface StoreSetup {
  readonly test: DeclareTest
  /** A new place with nothing in it; each test has its own. */
  newPlace(): StorePlace | Promise<StorePlace>
  /** Random histories to try; 25 unless said otherwise. */
  readonly histories?: number
  /** Of the first of them; a failure names its own. */
  readonly seed?: number
}

export interface OpenedStore {
  readonly store: Store
  readonly lasting: boolean
  /** Opens the place again. */
  open(): Promise<Store>
}

export type StoreTest = (title: string, run: (opened: OpenedStore) => Promise<void>) => void

/** Call it inside a `describe` that names the store. */
export function runStoreTests(setup: StoreSetup): void {
  const declare: StoreTest = (title, run) => setup.test(title, () => withStore(setup, run))
  orderTests(declare)
  valueTests(declare)
  lifeTests(declare)
  historyTests(setup)
}
