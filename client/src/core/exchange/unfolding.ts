/**
 * Messages of the bulk lane, unfolded ahead of their turns (rule XC8), though not so many that small
 * ones fill the memory; they are stored in the order in which they came.
 */
import { maxUnfolded } from '@baton/shared/limits'
import type { Turns } from './turns.ts'

export type InOrder = <T>(
  unfolding: () => Promise<T>,
  run: (unfolded: T) => Promise<void>,
  /** With nothing beside it. */
  alone?: boolean,
) => Promise<void>

export function createUnfolding(turns: Turns): InOrder {
  /** Ends of the messages unfolded last. */
  const ahead: Promise<void>[] = []
  return (unfolding, run, alone = false) => {
    const place = ahead.length < maxUnfolded ? undefined : ahead.shift()
    const ready = place ? place.then(unfolding) : unfolding()
    ready.catch(() => undefined)
    const done = turns(async () => {
      const written = run(await ready)
      if (alone) await written
      return { done: written }
    })
    ahead.push(done.catch(() => undefined))
    return done
  }
}
