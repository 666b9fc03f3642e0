/** Questions and answers over an exchange (XC10): each has a number, a bound and an end. */
import type { Bytes } from '@baton/shared/bytes'
import { cleanText } from '@baton/shared/clean-text'
import { BatonError, type ErrorCode, isBatonError } from '@baton/shared/errors'
import { type SyncForm, type SyncMessage, syncTypes } from '@baton/shared/protocol/sync-messages'
import type { Clock } from './ports/platform.ts'

/** Answers, or throws a BatonError whose code and message the peer is told. */
export type OnAsk = (method: string, body: Bytes) => Promise<Bytes>

interface Open {
  readonly resolve: (body: Bytes) => void
  readonly reject: (error: BatonError) => void
  readonly stop: () => void
}

const maxOpen = 64

export function createAsking(
  clock: Clock,
  say: (form: SyncForm<'ask' | 'answer' | 'refuse'>) => void,
  answer: OnAsk,
) {
  const open = new Map<number, Open>()
  let next = 1
  let answering = 0

  function settle(id: number): Open | undefined {
    const entry = open.get(id)
    open.delete(id)
    entry?.stop()
    return entry
  }

  return {
    ask(method: string, body: Bytes, timeoutMs: number): Promise<Bytes> {
      return new Promise((resolve, reject) => {
        const id = next++
        const stop = clock.after(timeoutMs, () => {
          settle(id)?.reject(new BatonError('timeout', `the other device did not answer ${method}`))
        })
        open.set(id, { resolve, reject, stop })
        say([syncTypes.ask, id, method, body])
      })
    },
    async onAsk([, id, method, body]: SyncForm<'ask'>): Promise<void> {
      if (answering >= maxOpen)
        return say([syncTypes.refuse, id, 'link-limit', 'too many questions'])
      answering += 1
      // The answer comes when it comes; the lane goes on meanwhile.
      void answer(method, body)
        .then((reply) => say([syncTypes.answer, id, reply]))
        .catch((error: unknown) => {
          const known = isBatonError(error)
          const message = known ? error.message.slice(0, 512) : 'it failed there'
          say([syncTypes.refuse, id, known ? error.code : 'invalid', message])
        })
        .finally(() => {
          answering -= 1
        })
    },
    onAnswer(message: Extract<SyncMessage, { kind: 'answer' | 'refuse' }>): void {
      const entry = settle(message.form[1])
      if (!entry) return
      if (message.kind === 'answer') {
        entry.resolve(message.form[2])
        return
      }
      const [, , code, text] = message.form
      entry.reject(
        new BatonError(code as ErrorCode, cleanText(text, 200) ?? 'it was refused there'),
      )
    },
    close(): void {
      for (const id of [...open.keys()]) {
        settle(id)?.reject(new BatonError('link-closed', 'the link to the other device closed'))
      }
    },
  }
}
