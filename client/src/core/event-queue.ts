/** Events kept until they are read, once, by one reader: how a task reports. */

export interface EventQueue<E> {
  readonly events: AsyncIterable<E>
  /** Ignored after `end`. */
  push(event: E): void
  end(): void
}

export function createEventQueue<E>(): EventQueue<E> {
  const kept: E[] = []
  let ended = false
  let woken: (() => void) | undefined

  const wake = () => {
    woken?.()
    woken = undefined
  }

  async function* read(): AsyncGenerator<E> {
    for (;;) {
      while (kept.length > 0) yield kept.shift() as E
      if (ended) return
      await new Promise<void>((resolve) => {
        woken = resolve
      })
    }
  }

  return {
    events: { [Symbol.asyncIterator]: () => read() },
    push(event) {
      if (ended) return
      kept.push(event)
      wake()
    },
    end() {
      ended = true
      wake()
    },
  }
}
