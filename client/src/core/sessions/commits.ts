/**
 * Batches of one import on their way to the disk (rules IM3, IM5): a few may wait while the next is
 * read, so that those which come during a flush share the one behind it. One that fails ends the
 * run: what was given after it would go on from records that are not there.
 */
import type { Build } from '../repo/repository.ts'

export interface Commits {
  /** Resolves when there is room for the next one. Rejects when an earlier one failed. */
  give(build: Build): Promise<void>
  /** Resolves when all of them are durable; rejects with the first failure. */
  settled(): Promise<void>
  /** Resolves when none is under way any more, however they ended. */
  over(): Promise<void>
}

export function createCommits(most: number, write: (build: Build) => Promise<void>): Commits {
  const inFlight: Promise<void>[] = []
  let failure: unknown

  return {
    async give(build) {
      if (inFlight.length >= most) await inFlight.shift()
      const written = write((to) => {
        if (failure !== undefined) throw failure
        return build(to)
      })
      // The rejection is met where the batch is waited for, too.
      written.catch((error: unknown) => {
        failure ??= error
      })
      inFlight.push(written)
    },
    async settled() {
      while (inFlight.length > 0) await inFlight.shift()
    },
    async over() {
      await Promise.allSettled(inFlight)
    },
  }
}
