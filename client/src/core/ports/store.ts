/**
 * Store: an ordered map of byte strings with atomic batches. What is kept in it is core/repo's
 * business; one kit (client/src/testing/store.ts) holds for every implementation.
 */
import type { Bytes } from '@baton/shared/bytes'

/**
 * Keys have 1 to `maxStoreKeyBytes`, values 0 to `maxStoreValueBytes`. The bytes stay the caller's,
 * who must not change them before `write` resolves.
 */
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
  /** The value is the caller's own copy, a plain Uint8Array; so are a walk's rows. */
  get(key: Bytes): Promise<Bytes | undefined>
  /**
   * In key order, bytewise. Sees the state of its first step: later writes are not in it. A walk
   * left half way (without `break`) holds back the space of rows deleted meanwhile.
   */
  list(range: Range): AsyncIterable<readonly [key: Bytes, value: Bytes]>
  /**
   * All or none; later reads of this process see it when it resolves, and batches become durable in
   * the order they were given. Rejects with `store-full`, `store-fenced` or `store-readonly`, and
   * then refuses the batches given after it too, also those given before its giver, and the givers of
   * all that it took along, could hear of it: so a log never has a gap. `invalid` refuses that batch
   * alone.
   */
  write(batch: readonly Write[]): Promise<void>
  /**
   * Resolves when everything given to `write` before the call is on disk; rejects when a batch of
   * those still under way was refused.
   */
  flush(): Promise<void>
  /** Flushes and lets go. After it every call and every open walk rejects with `store-closed`. */
  close(): Promise<void>
}
