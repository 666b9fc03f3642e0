/**
 * When a send is given up because nothing moves (rule ME7), and what a person is told: a link that is
 * stuck and a disk that is full over there ask for different things to be done.
 */
import { BatonError } from '@baton/shared/errors'
import { diskRetryMs } from '@baton/shared/limits'
import type { StoreTrouble } from '../exchange/exchange.ts'

/** Longest without any progress. */
export const stallMs = 60_000
/** A device whose disk took nothing tries again after `diskRetryMs`; that much is waited for. */
const diskMs = diskRetryMs + 5_000

/** Undefined while there is hope. `trouble`: what the other device said of its disk. */
export function stallOf(
  quietMs: number,
  trouble: StoreTrouble | undefined,
): BatonError | undefined {
  if (quietMs <= (trouble === undefined ? stallMs : diskMs)) return undefined
  switch (trouble) {
    case 'store-full':
      return new BatonError(trouble, 'failed to send: the disk of the other device is full', {
        hint: 'make room there, then send again: it goes on where it stopped',
      })
    case 'store-readonly':
      return new BatonError(trouble, 'failed to send: the other device cannot write to its disk', {
        hint: 'baton doctor there tells more; then send again to go on where it stopped',
      })
    default:
      return new BatonError('timeout', 'failed to send: nothing moved for a minute', {
        hint: 'the link may be stuck; send again to go on where it stopped',
      })
  }
}
