/** Callbacks as a stream of events, until its reader goes; a reader that is too slow is let go. */
import { createEventQueue } from '../../core/event-queue.ts'
import type { Lines } from './lines.ts'

/** Events kept for a reader that does not read. */
const maxKept = 10_000

export function eventsUntil<E>(subscribe: (tell: (event: E) => void) => () => void): Lines<E> {
  const queue = createEventQueue<E>()
  let kept = 0
  const end = () => {
    stop()
    queue.end()
  }
  const stop = subscribe((event) => {
    kept += 1
    if (kept > maxKept) end()
    else queue.push(event)
  })
  async function* events(): AsyncGenerator<E> {
    for await (const event of queue.events) {
      kept -= 1
      yield event
    }
  }
  return { events: events(), cancel: end }
}
