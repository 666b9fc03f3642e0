/**
 * How many readers there may be, and the one that waits by long poll (rules SV6, SV16). One stream
 * serves one side, by poll or by socket (socket.ts), so that nothing links two mailboxes but the
 * address they are read from.
 */
import type { Answer, Request } from '@baton/shared/protocol/rendezvous'
import type { ServiceLimits } from './limits.ts'
import type { Side, Sides } from './sides.ts'
import type { Outcome } from './slots.ts'

export interface Streams {
  /** Takes a place for one stream of `address`; undefined when there is none. */
  enter(address: string): (() => void) | undefined
  /** Answers with events after `after`, at the latest empty after `pollWaitMs`. */
  poll(request: Request<'events'>, gone: AbortSignal): Promise<Outcome<Answer<'events'>>>
  live(): number
}

export function createStreams(sides: Sides, limits: ServiceLimits): Streams {
  const byAddress = new Map<string, number>()
  let live = 0

  function wait(side: Side, after: number, gone: AbortSignal): Promise<Outcome<Answer<'events'>>> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer({ events: [] }), limits.pollWaitMs)
      const detach = sides.attach(side, { end: (why) => answer({ error: why }) })
      const unwatch = side.queue.watch(() => answer({ events: [...side.queue.read(after)] }))
      gone.addEventListener('abort', () => answer({ events: [] }), { once: true })
      const events = side.queue.read(after)
      if (events.length > 0 || gone.aborted) answer({ events: [...events] })

      function answer(outcome: Outcome<Answer<'events'>>): void {
        clearTimeout(timer)
        unwatch()
        detach()
        resolve(outcome)
      }
    })
  }

  return {
    enter(address) {
      const mine = byAddress.get(address) ?? 0
      if (live >= limits.streams || mine >= limits.streamsPerAddress) return undefined
      live++
      byAddress.set(address, mine + 1)
      let inside = true
      return () => {
        if (!inside) return
        inside = false
        live--
        const left = (byAddress.get(address) ?? 1) - 1
        if (left === 0) byAddress.delete(address)
        else byAddress.set(address, left)
      }
    },
    async poll({ token, after }, gone) {
      const side = sides.find(token)
      return side ? wait(side, after, gone) : { error: sides.lost(token) }
    },
    live: () => live,
  }
}
