/** Questions and answers over an exchange (rule XC10): each has a number, a bound and an end. */
import type { Bytes } from '@baton/shared/bytes'
import { cleanText } from '@baton/shared/clean-text'
import { BatonError, type ErrorCode, isBatonError } from '@baton/shared/errors'
import { maxAskBytes, maxOpenAsks } from '@baton/shared/limits'
import { type SyncForm, type SyncMessage, syncTypes } from '@baton/shared/protocol/sync-messages'
import { traceFault } from '../fault.ts'
import type { Clock, Trace } from '../ports/platform.ts'

/** Answers, or throws a BatonError whose code and message the peer is told. */
export type OnAsk = (method: string, body: Bytes) => Promise<Bytes>

interface Open {
  readonly resolve: (body: Bytes) => void
  readonly reject: (error: BatonError) => void
  readonly stop: () => void
}

/** What a peer may answer with; any other word of its counts as `invalid`. */
const refusals: ReadonlySet<string> = new Set<ErrorCode>([
  'bad-signature',
  'cancelled',
  'invalid',
  'link-limit',
  'not-found',
  'not-permitted',
  'place-exists',
  'place-live',
  'place-unmapped',
  'source-changed',
  'store-corrupt',
  'store-full',
  'store-readonly',
  'timeout',
  'too-large',
  'unsupported-version',
])

export function createAsking(ports: {
  readonly clock: Clock
  readonly trace: Trace
  say(form: SyncForm<'ask' | 'answer' | 'refuse'>): void
  readonly answer: OnAsk
}) {
  const { clock, trace, say, answer } = ports
  const open = new Map<number, Open>()
  let next = 1
  let answering = 0
  let closed = false

  function settle(id: number): Open | undefined {
    const entry = open.get(id)
    open.delete(id)
    entry?.stop()
    return entry
  }

  async function reply(id: number, method: string, body: Bytes): Promise<void> {
    answering += 1
    try {
      const bytes = await answer(method, body)
      if (bytes.length > maxAskBytes) throw new BatonError('too-large', 'the answer is too large')
      say([syncTypes.answer, id, bytes])
    } catch (error) {
      const known = isBatonError(error)
      if (!known) traceFault(trace, 'ask.failed', error)
      const message = known ? error.message.slice(0, 512) : 'it failed there'
      say([syncTypes.refuse, id, known ? error.code : 'invalid', message])
    } finally {
      answering -= 1
    }
  }

  return {
    ask(method: string, body: Bytes, timeoutMs: number): Promise<Bytes> {
      if (closed) return Promise.reject(linkClosed())
      if (body.length > maxAskBytes) {
        return Promise.reject(new BatonError('too-large', `failed to ask ${method}: too large`))
      }
      return new Promise((resolve, reject) => {
        const id = next++
        const stop = clock.after(timeoutMs, () => {
          settle(id)?.reject(new BatonError('timeout', `the other device did not answer ${method}`))
        })
        open.set(id, { resolve, reject, stop })
        say([syncTypes.ask, id, method, body])
      })
    },
    /** The answer comes when it comes; the lane goes on meanwhile. */
    onAsk([, id, method, body]: SyncForm<'ask'>): void {
      if (answering >= maxOpenAsks) {
        say([syncTypes.refuse, id, 'link-limit', 'too many questions'])
        return
      }
      void reply(id, method, body)
    },
    onAnswer(message: Extract<SyncMessage, { kind: 'answer' | 'refuse' }>): void {
      const entry = settle(message.form[1])
      if (!entry) return
      if (message.kind === 'answer') {
        entry.resolve(message.form[2])
        return
      }
      const [, , said, text] = message.form
      const code = refusals.has(said) ? (said as ErrorCode) : 'invalid'
      entry.reject(new BatonError(code, cleanText(text, 200) ?? 'it was refused there'))
    },
    close(): void {
      closed = true
      for (const id of [...open.keys()]) settle(id)?.reject(linkClosed())
    },
  }
}

const linkClosed = (): BatonError =>
  new BatonError('link-closed', 'the link to the other device closed')
