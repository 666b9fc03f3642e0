/**
 * Turns of one lane (rule XC6): each begins when those before it have begun, which is when their runs
 * were given to the repository; it keeps their order, so nothing waits for the disk in between.
 */
export interface Turn {
  /** Everything of it is written. */
  readonly done: Promise<void>
}

export type Turns = (begin: (before: Promise<void>) => Promise<Turn>) => Promise<void>

/** `before` resolves when all earlier turns are done, well or not; `begin` may wait for it. */
export function createTurns(): Turns {
  let begun: Promise<unknown> = Promise.resolve()
  let over: Promise<void> = Promise.resolve()
  return (begin) => {
    // As it stands now: what comes behind waits for this turn, so it must not be waited for here.
    const before = over
    const turn = begun.then(() => begin(before))
    const done = turn.then((begunTurn) => begunTurn.done)
    begun = turn.catch(() => undefined)
    over = done.catch(() => undefined).then(() => before)
    return done
  }
}
