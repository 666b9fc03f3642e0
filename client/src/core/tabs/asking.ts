/**
 * The side of a page that asks (rule WB31). Nothing is waited for longer than the leader is there: its
 * end comes from the browser's lock, or from questions that it does not answer (leading.ts).
 */
import { BatonError, type ErrorCode } from '@baton/shared/errors'
import { createEventQueue, type EventQueue } from '../event-queue.ts'
import type { Following } from './calls.ts'
import { maxTabAsks, maxTabAskUnits, maxTabStreams } from './limits.ts'
import { isWithin, type TabError, type TabMessage, type TabWord } from './messages.ts'

/** The page that was asked is gone, and nobody knows whether it did what it was asked. */
export const gone = Symbol('the page that was asked is gone')

export interface Asking {
  /** Rejects with what the leader says, or with `gone`. */
  call(to: string, name: string, args: readonly unknown[]): Promise<unknown>
  /** Its events throw the same. */
  follow(to: string, name: string, args: readonly unknown[]): Required<Following>
  /** From the leader. */
  heard(message: TabMessage): void
  /** Everything that is under way ends with `gone`. */
  lose(): void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

interface Followed {
  readonly queue: EventQueue<readonly unknown[]>
  failed: unknown
}

/** `maxUnits`: what a message may hold on its way. */
export function createAsking(post: (word: TabWord) => void, maxUnits: number): Asking {
  const waiting = new Map<number, Waiting>()
  const followed = new Map<number, Followed>()
  let asked = 0

  function check(kept: number, most: number, args: readonly unknown[]): void {
    if (kept >= most) {
      throw new BatonError('rate-limited', 'failed to ask the other tab: too much is under way', {
        hint: 'wait a moment, or close some tabs',
      })
    }
    if (isWithin(args, Math.min(maxTabAskUnits, maxUnits) - 1024)) return
    throw new BatonError('too-large', 'failed to ask the other tab: it is too long')
  }

  function end(ask: number, failed: unknown): void {
    const own = followed.get(ask)
    if (!own) return
    followed.delete(ask)
    own.failed = failed
    own.queue.end()
  }

  return {
    async call(to, name, args) {
      check(waiting.size, maxTabAsks, args)
      const ask = asked++
      const answered = new Promise((resolve, reject) => waiting.set(ask, { resolve, reject }))
      post({ kind: 'ask', to, ask, name, args: [...args] })
      return await answered
    },
    follow(to, name, args) {
      check(followed.size, maxTabStreams, args)
      const ask = asked++
      const own: Followed = { queue: createEventQueue(), failed: undefined }
      followed.set(ask, own)
      post({ kind: 'ask', to, ask, name, args: [...args] })
      async function* read(): AsyncGenerator<unknown> {
        try {
          for await (const events of own.queue.events) {
            yield* events
            tell({ kind: 'more', to, ask })
          }
          if (own.failed !== undefined) throw own.failed
        } finally {
          tell({ kind: 'cancel', to, ask, drop: true })
          end(ask, undefined)
        }
      }
      const tell = (word: TabWord) => followed.has(ask) && post(word)
      return {
        events: read(),
        cancel: () => void tell({ kind: 'cancel', to, ask, drop: false }),
        answer: (yes) => void tell({ kind: 'reply', to, ask, yes }),
      }
    },
    heard(message) {
      if (message.kind === 'answer') {
        const own = waiting.get(message.ask)
        waiting.delete(message.ask)
        if (message.error) own?.reject(errorOf(message.error))
        else own?.resolve(message.value)
      } else if (message.kind === 'events') {
        const { ask, events, over, error } = message
        if (events.length > 0) followed.get(ask)?.queue.push(events)
        if (over) end(ask, error && errorOf(error))
      }
    },
    lose() {
      const all = [...waiting.values()]
      waiting.clear()
      for (const { reject } of all) reject(gone)
      for (const ask of [...followed.keys()]) end(ask, gone)
    },
  }
}

const errorOf = ({ code, message, hint }: TabError) =>
  new BatonError(code as ErrorCode, message, hint === undefined ? {} : { hint })
