/** Something that is stopped once, and who wants to know. */
export interface Stop {
  readonly done: boolean
  stop(): void
  /** Runs when it is stopped, never if it already is; returns how to take that back. */
  whenStopped(run: () => void): () => void
}

export function createStop(): Stop {
  const waiting = new Set<() => void>()
  let done = false
  return {
    get done() {
      return done
    },
    stop() {
      done = true
      for (const run of [...waiting]) run()
      waiting.clear()
    },
    whenStopped(run) {
      waiting.add(run)
      return () => waiting.delete(run)
    },
  }
}
