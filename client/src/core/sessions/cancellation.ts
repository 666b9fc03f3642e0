/**
 * Ends a task's waiting at once when a person cancels it (rule SD2). What it waited for goes on, and
 * may still come to its end; nothing more is begun.
 */
import { BatonError } from '@baton/shared/errors'

export interface Cancellation {
  cancel(): void
  /** As `work`, but rejects with `cancelled` from the moment of the cancellation on. */
  unlessCancelled<T>(work: Promise<T>): Promise<T>
}

export function createCancellation(): Cancellation {
  let cancel = () => {}
  const cancelled = new Promise<never>((_, reject) => {
    cancel = () => reject(new BatonError('cancelled', 'the send was cancelled'))
  })
  // Nobody may be waiting when it comes, and nobody for what goes on after it.
  cancelled.catch(() => undefined)
  return {
    cancel: () => cancel(),
    unlessCancelled(work) {
      work.catch(() => undefined)
      return Promise.race([cancelled, work])
    },
  }
}
