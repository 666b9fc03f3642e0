/** What every Store checks before it takes a batch or walks a range (rules ST5, ST6, ST8). */
import { compareBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxStoreKeyBytes, maxStoreValueBytes } from '@baton/shared/limits'
import type { Range, Write } from '../ports/store.ts'

/** Throws `invalid` for a key or value outside the bounds, before anything of the batch is taken. */
export function checkBatch(batch: readonly Write[]): void {
  for (const write of batch) {
    const key = 'put' in write ? write.put : write.delete
    if (!(key instanceof Uint8Array) || key.length === 0 || key.length > maxStoreKeyBytes) {
      throw new BatonError('invalid', `failed to write: a key has 1 to ${maxStoreKeyBytes} bytes`)
    }
    if (!('put' in write)) continue
    if (!(write.value instanceof Uint8Array) || write.value.length > maxStoreValueBytes) {
      throw new BatonError(
        'invalid',
        `failed to write: a value has at most ${maxStoreValueBytes} bytes`,
      )
    }
  }
}

/** True for a range that can hold no key. */
export function isEmptyRange(range: Range): boolean {
  return compareBytes(range.from, range.to) >= 0 || range.limit === 0
}

export const storeClosed = (): BatonError =>
  new BatonError('store-closed', 'failed to use the store: it is closed')
