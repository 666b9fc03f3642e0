/**
 * What became of a session that was to be placed (rule DV5): a file, or the reason why there is none.
 * Whatever goes wrong on the way to the agent's folder, the session itself is held.
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { PlacementReport } from '@baton/shared/model/receipt'
import { traceFault } from '../fault.ts'
import type { Trace } from '../ports/platform.ts'
import type { Placed } from '../ports/source.ts'

export interface Outcome extends Pick<PlacementReport, 'unplaced' | 'merged'> {
  readonly placed: Placed | undefined
}

export const notPlaced = (
  code: string,
  message: string,
  hint: string,
  merged?: Outcome['merged'],
): Outcome => ({ placed: undefined, unplaced: { code, message, hint }, merged })

/** Places by `run`. Rejects only with `store-corrupt`: then what is held cannot be vouched for. */
export async function attempt(
  trace: Trace,
  run: () => Promise<Placed>,
  merged?: Outcome['merged'],
): Promise<Outcome> {
  try {
    return { placed: await run(), unplaced: undefined, merged }
  } catch (error) {
    traceFault(trace, 'place.failed', error)
    if (isBatonError(error) && error.code === 'store-corrupt') throw unreadable(error)
    if (isBatonError(error)) return notPlaced(error.code, error.message, error.hint ?? '', merged)
    const hint = 'see whether its folder can be written and has room, then send it again'
    return notPlaced(
      'invalid',
      'failed to place the session: its file was not written',
      hint,
      merged,
    )
  }
}

/** Told to the sender, too: it says whose disk it is. */
const unreadable = (cause: unknown): BatonError =>
  new BatonError(
    'store-corrupt',
    'failed to place the session: the receiving device cannot read back what it stored',
    { cause, hint: 'the store of that device is damaged: see its baton show' },
  )
