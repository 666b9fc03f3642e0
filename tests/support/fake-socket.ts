/** A WebSocket in the test's hand. */
import type { OpenSocket, Socket } from '@baton/client/rendezvous/socket'

export interface FakeSocket {
  readonly url: string
  readonly sent: unknown[]
  closed: boolean
  open(): void
  /** A frame from the service: JSON of what is no text. */
  frame(data: unknown): void
  /** The connection ends with this code. */
  end(code: number): void
}

export function fakeSockets(): { readonly open: OpenSocket; readonly made: FakeSocket[] } {
  const made: FakeSocket[] = []
  return {
    made,
    open(url) {
      const listeners = new Map<string, ((event: never) => void)[]>()
      const emit = (type: string, event: object) => {
        for (const listener of listeners.get(type) ?? []) listener(event as never)
      }
      const fake: FakeSocket = {
        url,
        sent: [],
        closed: false,
        open: () => emit('open', {}),
        frame: (data) =>
          emit('message', { data: typeof data === 'object' ? JSON.stringify(data) : data }),
        end: (code) => emit('close', { code }),
      }
      made.push(fake)
      const socket: Socket = {
        addEventListener(type: string, listener: (event: never) => void) {
          listeners.set(type, [...(listeners.get(type) ?? []), listener])
        },
        send: (text) => fake.sent.push(JSON.parse(text)),
        close() {
          fake.closed = true
        },
      }
      return socket
    },
  }
}
