/**
 * The Rendezvous port over a Baton signaling service (rules RZ1 to RZ20). Knows nothing of what the
 * blobs say. Needs fetch; without a WebSocket it reads by long poll. What it cannot hide: the
 * service sees this device's address, and mailboxes asked for from one address at one time.
 */
import { fromBase64url, toBase64url } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { sidBytes } from '@baton/shared/limits'
import { requests } from '@baton/shared/protocol/rendezvous'
import type { Clock, Random, Trace } from '../core/ports/platform.ts'
import type { Rendezvous, Slot } from '../core/ports/rendezvous.ts'
import { tooLarge } from './blob.ts'
import { createCalls, type Fetch } from './calls.ts'
import { failure, refused, specialOf } from './failure.ts'
import { createListening } from './listening.ts'
import { createPause } from './pause.ts'
import { createRetry } from './retry.ts'
import { parseServerUrl } from './server-url.ts'
import { createSlot, type SlotOptions } from './slot.ts'
import type { OpenSocket } from './socket.ts'
import { createStop } from './stop.ts'
import type { Way } from './stream.ts'

export interface RendezvousOptions {
  /** `https://signal.example.org`, `http://192.168.1.20:7370`; ws and wss mean the same. */
  readonly server: string
  /** Another address of the same service, by which it is asked; what others are shown stays `server`. */
  readonly dial?: string
  readonly clock: Clock
  readonly random: Random
  /** `(url, protocol) => new WebSocket(url, protocol)`; none: long poll only. */
  readonly socket?: OpenSocket | undefined
  /** The platform's own unless given. */
  readonly fetch?: Fetch
  readonly trace?: Trace
}

/** Throws `invalid` for a URL that is no service's. Nothing is sent before the first request. */
export function createRendezvous(options: RendezvousOptions): Rendezvous {
  const { clock, random, trace = () => {} } = options
  const { origin } = parseServerUrl(options.server)
  const server = parseServerUrl(options.dial ?? options.server)
  const calls = createCalls({
    base: server.calls,
    clock,
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
  })
  const ending = createStop()
  const retry = createRetry(createPause(clock, random, ending))
  const way: Way = { pollUntil: Number.NEGATIVE_INFINITY }
  const open = new Set<() => Promise<void>>()

  /** What one slot or listening reads with, and how it is stopped. */
  function reading() {
    const stop = createStop()
    const pause = createPause(clock, random, stop)
    const stream = {
      calls,
      clock,
      url: server.socket,
      open: options.socket,
      way,
      pause,
      stop,
    }
    return { stream, pause }
  }

  function hold(slot: Pick<SlotOptions, 'nameplate' | 'sid' | 'token' | 'turn'>): Slot {
    const { stream } = reading()
    const made = createSlot({
      ...slot,
      calls,
      retry,
      stream,
      stop() {
        stream.stop.stop()
        open.delete(close)
      },
    })
    const close = () => made.close()
    open.add(close)
    return made
  }

  return {
    server: origin,
    async open(sid) {
      if (sid.length !== sidBytes) throw new BatonError('invalid', `a sid has ${sidBytes} bytes`)
      const outcome = await calls.call('open', { sid: toBase64url(sid) })
      if (outcome.at !== 'answered') throw failure('get a code', outcome)
      const { nameplate, token } = outcome.answer
      return hold({ nameplate, token, sid, turn: undefined })
    },
    async claim(nameplate) {
      if (!requests.claim.safeParse({ nameplate }).success) {
        throw failure('use the code', refused('unknown'), specialOf.claim)
      }
      const outcome = await calls.call('claim', { nameplate })
      if (outcome.at !== 'answered') throw failure('use the code', outcome, specialOf.claim)
      const { sid, token, turn } = outcome.answer
      return hold({ nameplate, token, sid: fromBase64url(sid), turn })
    },
    listen(key, handler) {
      const { stream, pause } = reading()
      const listening = createListening(key, handler, {
        calls,
        pause,
        stream,
        host: server.host,
        trace,
      })
      const close = async () => {
        listening.close()
        open.delete(close)
        await listening.closed()
      }
      open.add(close)
      return { ready: listening.ready, close: () => void close() }
    },
    async post(mailbox, blob) {
      const error = tooLarge(blob)
      if (error) throw error
      const request = { mailbox: toBase64url(mailbox), blob: toBase64url(blob) }
      const outcome = await retry(() => calls.call('post', request))
      if (outcome.at !== 'answered') throw failure('reach the other device', outcome)
    },
    serverTime: calls.serverTime,
    onState: calls.onState,
    async close() {
      await Promise.all([...open].map((close) => close()))
      ending.stop()
      calls.close()
    },
  }
}
