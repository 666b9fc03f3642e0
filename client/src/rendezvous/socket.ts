/**
 * Reading events by WebSocket, once (rules RZ18, RZ19). The constructor is injected: Node 20 has
 * none of its own. Frames are a stranger's: bounded, parsed by schema, and the first that is
 * neither ends the socket.
 */
import { maxEventsChars, streamDeadMs } from '@baton/shared/limits'
import {
  answers,
  closeCodes,
  type Refusal,
  type RendezvousEvent,
  rendezvousProtocol,
} from '@baton/shared/protocol/rendezvous'
import type { Clock } from '../core/ports/platform.ts'
import type { Stop } from './stop.ts'

/** What is used of a WebSocket: the browser's, or that of the `ws` package. */
export interface Socket {
  addEventListener(type: 'open' | 'error', listener: (event: object) => void): void
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  send(text: string): void
  close(): void
}

/** `(url, protocol) => new WebSocket(url, protocol)`; with `ws`, bound `maxPayload` there too. */
export type OpenSocket = (url: string, protocol: string) => Socket

/** `blocked`: it never came up. `dropped`: it was up. The rest is what the service said. */
export type SocketEnd =
  | 'blocked'
  | 'dropped'
  | 'stopped'
  | Extract<Refusal, 'unknown' | 'replaced' | 'draining'>

export interface SocketReading {
  readonly url: string
  readonly token: string
  /** Number of the last event that was taken. */
  readonly after: number
  readonly clock: Clock
  readonly open: OpenSocket
  readonly stop: Stop
  /** Every frame, also an empty one; gives the new `after`. */
  onEvents(events: readonly RendezvousEvent[]): number
}

/** Time for the socket to come up, the first frame included: a proxy may swallow frames. */
const upMs = 4_000

export function readSocket(reading: SocketReading): Promise<SocketEnd> {
  const { clock, stop } = reading
  return new Promise((resolve) => {
    if (stop.done) {
      resolve('stopped')
      return
    }
    let up = false
    let over = false
    let socket: Socket | undefined
    let cancel = clock.after(upMs, () => end('blocked'))
    const unstop = stop.whenStopped(() => end('stopped'))

    function end(why: SocketEnd): void {
      if (over) return
      over = true
      cancel()
      unstop()
      resolve(why)
      socket?.close()
    }

    function take(data: unknown): void {
      if (over) return
      const events = typeof data === 'string' ? parseEvents(data) : undefined
      if (!events) {
        end(up ? 'dropped' : 'blocked')
        return
      }
      up = true
      cancel()
      cancel = clock.after(streamDeadMs, () => end('dropped'))
      const ack = reading.onEvents(events)
      if (!stop.done) socket?.send(JSON.stringify({ ack }))
    }

    try {
      socket = reading.open(reading.url, rendezvousProtocol)
    } catch {
      end('blocked')
      return
    }
    socket.addEventListener('open', () => {
      socket?.send(JSON.stringify({ token: reading.token, after: reading.after }))
    })
    socket.addEventListener('message', ({ data }) => take(data))
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', ({ code }) => {
      end(meaning.get(code) ?? (up ? 'dropped' : 'blocked'))
    })
  })
}

const meaning = new Map<number, SocketEnd>([
  [closeCodes.unknown, 'unknown'],
  [closeCodes.replaced, 'replaced'],
  [closeCodes.draining, 'draining'],
  [closeCodes.slow, 'draining'],
])

function parseEvents(text: string): readonly RendezvousEvent[] | undefined {
  if (text.length > maxEventsChars) return undefined
  try {
    return answers.events.safeParse(JSON.parse(text)).data?.events
  } catch {
    // not JSON
    return undefined
  }
}
