/** First in, first out at constant cost: `Array.shift` moves a long array's memory at every call. */
export interface Fifo<T> {
  readonly length: number
  peek(): T | undefined
  push(item: T): void
  shift(): T | undefined
}

const compactAt = 1024

export function createFifo<T>(): Fifo<T> {
  let items: (T | undefined)[] = []
  let head = 0

  return {
    get length() {
      return items.length - head
    },
    peek: () => items[head],
    push(item) {
      items.push(item)
    },
    shift() {
      if (head === items.length) return undefined
      const item = items[head]
      items[head] = undefined
      head += 1
      if (head === items.length) {
        items = []
        head = 0
      } else if (head > compactAt && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
  }
}
