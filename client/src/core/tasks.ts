/**
 * A running task whose events are kept until read (ME1): a surface that looks late misses nothing,
 * and one that never looks holds nothing back. Bounded by what one task says, which is little.
 */
export interface EventQueue<E> {
  push(event: E): void
  /** No more follow. Idempotent. */
  end(): void
  readonly events: AsyncIterable<E>
}

export function createEventQueue<E>(): EventQueue<E> {
  const kept: E[] = []
  let ended = false
  let wake: () => void = () => undefined

  async function* read(): AsyncGenerator<E> {
    for (;;) {
      const next = kept.shift()
      if (next !== undefined) yield next
      else if (ended) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  return {
    push(event) {
      if (ended) return
      kept.push(event)
      wake()
    },
    end() {
      ended = true
      wake()
    },
    events: read(),
  }
}
