/** Work that has to follow other work about the same thing, and nothing else. */

/** What has the same key runs one after the other, however the one before ended. */
export type InTurn<K> = <T>(key: K, run: () => Promise<T>) => Promise<T>

export function createLanes<K>(): InTurn<K> {
  const running = new Map<K, Promise<unknown>>()
  return (key, run) => {
    const before = running.get(key) ?? Promise.resolve()
    const task = before.catch(() => undefined).then(run)
    running.set(key, task)
    const forget = () => {
      if (running.get(key) === task) running.delete(key)
    }
    task.then(forget, forget)
    return task
  }
}
