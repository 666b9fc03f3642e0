/** Adds a handler to those of one event; what it returns takes it away. */
export const listen =
  <T>(handlers: Set<T>) =>
  (handler: T): (() => void) => {
    handlers.add(handler)
    return () => {
      handlers.delete(handler)
    }
  }
