/** Who is being told something over the control socket now: whether a device is in use (rule CS8). */
export interface Readers {
  /** One more stream; returns how it ends, which counts once. */
  enter(): () => void
  /** False when someone still reads after `ms`: a reader's going takes a moment to be noticed. */
  gone(ms: number): Promise<boolean>
}

export function createReaders(): Readers {
  const waiting = new Set<() => void>()
  let open = 0

  return {
    enter() {
      let counted = true
      open += 1
      return () => {
        if (!counted) return
        counted = false
        open -= 1
        if (open === 0) for (const wake of [...waiting]) wake()
      }
    },
    gone(ms) {
      if (open === 0) return Promise.resolve(true)
      return new Promise((resolve) => {
        const settle = () => {
          clearTimeout(timer)
          waiting.delete(settle)
          resolve(open === 0)
        }
        const timer = setTimeout(settle, ms)
        waiting.add(settle)
      })
    },
  }
}
