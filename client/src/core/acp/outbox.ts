/** Effects of one step of the ACP client, gathered in order. */
import type { AcpEffect } from './effects.ts'
import type { RequestId } from './schema.ts'

export interface Outbox {
  emit(...effects: readonly AcpEffect[]): void
  /** A JSON-RPC message. */
  send(message: object): void
  /** The one timer, anew; none without `ms`. */
  timer(ms?: number): void
  /** The question of an agent comes to nothing. */
  decline(id: RequestId): void
  /** What was gathered; the next is another one. */
  take(): readonly AcpEffect[]
}

export function createOutbox(): Outbox {
  let effects: AcpEffect[] = []
  const emit = (...more: readonly AcpEffect[]) => void effects.push(...more)
  const send = (message: object) => emit({ do: 'send', message: { jsonrpc: '2.0', ...message } })
  return {
    emit,
    send,
    timer: (ms) => emit({ do: 'timer', ms }),
    decline: (id) => send({ id, result: { outcome: { outcome: 'cancelled' } } }),
    take() {
      const taken = effects
      effects = []
      return taken
    },
  }
}
