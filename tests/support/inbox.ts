/** A queue a test awaits: `put` from a callback, `next` in order. */
export interface Inbox<T> {
  readonly put: (item: T) => void
  next(): Promise<T>
  /** What nobody has taken yet. */
  readonly waiting: readonly T[]
}

export function createInbox<T>(): Inbox<T> {
  const items: T[] = []
  const takers: ((item: T) => void)[] = []
  return {
    put(item) {
      const taker = takers.shift()
      if (taker) taker(item)
      else items.push(item)
    },
    next() {
      const item = items.shift()
      return item === undefined
        ? new Promise((resolve) => takers.push(resolve))
        : Promise.resolve(item)
    },
    waiting: items,
  }
}
