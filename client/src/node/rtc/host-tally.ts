/**
 * Counts of messages taken or handled, on their way over the border. Told one by one they wake the
 * other process for each; windows and credit are many messages wide, so a few together do as well.
 * Rule LH4. It knows neither side.
 */
const enoughBytes = 128 * 1024
const soonMs = 2

export interface Tally {
  add(lane: number, messages: number, bytes: number): void
  /** Tells at once what has gathered. */
  flush(): void
}

export function createTally(
  tell: (lane: number, messages: number) => void,
  after: (ms: number, run: () => void) => void,
): Tally {
  const counts = [0, 0, 0]
  let bytes = 0
  let waiting = false

  function flush(): void {
    bytes = 0
    for (const [lane, count] of counts.entries()) {
      counts[lane] = 0
      if (count > 0) tell(lane, count)
    }
  }

  return {
    add(lane, messages, more) {
      counts[lane] = (counts[lane] ?? 0) + messages
      bytes += more
      if (bytes >= enoughBytes) flush()
      else if (!waiting) {
        waiting = true
        after(soonMs, () => {
          waiting = false
          flush()
        })
      }
    },
    flush,
  }
}
