/**
 * Store: an ordered map of byte strings with atomic batches. What is kept in it is core/repo's
 * business; one contract suite (tests/contract/store.ts) holds for every implementation.
 */
import type { Bytes } from '@baton/shared/bytes'

export type Write = { readonly put: Bytes; readonly value: Bytes } | { readonly delete: Bytes }

export interface Range {
  /** Inclusive. */
  readonly from: Bytes
  /** Exclusive. */
  readonly to: Bytes
  readonly limit?: number
  readonly reverse?: boolean
}

export interface Store {
  get(key: Bytes): Promise<Bytes | undefined>
  /** In key order, bytewise. Sees one state: writes made during the walk are not in it. */
  list(range: Range): AsyncIterable<readonly [key: Bytes, value: Bytes]>
  /**
   * All or none; later reads of this process see it when it resolves, and batches become durable in
   * the order they were given. Rejects with `store-full`, `store-fenced` or `store-readonly`.
   */
  write(batch: readonly Write[]): Promise<void>
  /** Resolves when everything written before the call is on disk. */
  flush(): Promise<void>
  close(): Promise<void>
}
