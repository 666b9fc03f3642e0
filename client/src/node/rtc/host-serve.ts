/**
 * The host's side: runs a Dialer for the process at the other end of the wire. Rule LH4.
 * Every received message stays unhandled, and so earns the peer no credit, until that process has
 * handled it. It knows no process and no WebRTC.
 */
import type { Bytes } from '@baton/shared/bytes'
import { concat } from '@baton/shared/bytes'
import type {
  Channel,
  ChannelFacts,
  Dialer,
  Dialing,
  IceSettings,
} from '../../core/ports/channel.ts'
import type { Clock, Trace } from '../../core/ports/platform.ts'
import {
  ask,
  encodeCount,
  encodeError,
  encodeJson,
  laneNames,
  laneNumber,
  parseCount,
  parseJson,
  schemas,
  tell,
} from './host-frames.ts'
import { createTally } from './host-tally.ts'
import type { HostFrame, SendFrame } from './host-wire.ts'

const factsEveryMs = 100
/** How long a close waits for the link to take what the process was told had been taken. */
const takeMs = 2_000

export interface Serving {
  receive(frame: HostFrame): void
  /** Ends every dial and channel, drained. */
  close(): Promise<void>
}

export interface ServingPorts {
  readonly clock: Clock
  /** Native connections that are open now. */
  connections(): number
  /** The process asks the host to end. */
  quit(): void
}

export function serveDialer(dialer: Dialer, send: SendFrame, ports: ServingPorts): Serving {
  const { clock, connections, quit } = ports
  const calls = new Map<number, ReturnType<typeof serveCall>>()

  function receive({ kind, id, lane, body }: HostFrame): void {
    if (kind === ask.dial) {
      const { initiator, ice } = parseJson(schemas.dial, body)
      const dialing = dialer.dial({
        initiator,
        ice: ice as IceSettings,
        signal: (signal) => send(tell.signal, id, encodeJson(signal)),
      })
      calls.set(
        id,
        serveCall(id, dialing, send, clock, () => calls.delete(id)),
      )
    } else if (kind === ask.ping) send(tell.pong, id, encodeCount(connections()))
    else if (kind === ask.quit) quit()
    else calls.get(id)?.receive(kind, lane, body)
  }

  return {
    receive,
    async close() {
      await Promise.all([...calls.values()].map((call) => call.close('the process ends')))
      await dialer.close()
    },
  }
}

function serveCall(id: number, dialing: Dialing, send: SendFrame, clock: Clock, done: () => void) {
  let channel: Channel | undefined
  /** Messages handed to the process and not yet handled there, per lane, oldest first. */
  const unhandled: { resolve(): void; reject(error: Error): void }[][] = [[], [], []]
  let handlerFailed = false
  const taken = createTally(
    (lane, messages) => send(tell.taken, id, encodeCount(messages), lane),
    clock.after,
  )
  let untaken = 0
  let drained = () => {}
  let shown = ''
  let cancelFacts: (() => void) | undefined

  dialing.channel.then(open, (error: unknown) => {
    send(tell.refused, id, encodeError(error))
    done()
  })

  function open(opened: Channel): void {
    channel = opened
    const { local, remote } = opened.fingerprints
    send(tell.opened, id, concat(local, remote))
    showFacts()
    opened.receive((lane, message) => {
      if (handlerFailed) throw new Error('the receiver failed')
      const number = laneNumber(lane)
      send(tell.message, id, message, number)
      soonFacts()
      return new Promise((resolve, reject) => unhandled[number]?.push({ resolve, reject }))
    })
    opened.onClose((end) => {
      cancelFacts?.()
      showFacts()
      // What the process sent and was never told to be taken, it counts as unconfirmed itself.
      taken.flush()
      send(tell.closed, id, encodeJson(end))
      done()
    })
  }

  function receive(kind: number, lane: number, body: Bytes): void {
    switch (kind) {
      case ask.signal:
        dialing.accept(parseJson(schemas.signal, body))
        break
      case ask.cancel:
        dialing.cancel(parseJson(schemas.reason, body))
        break
      case ask.send:
        take(lane, body)
        break
      case ask.handled:
        for (const waiting of unhandled[lane]?.splice(0, parseCount(body)) ?? []) waiting.resolve()
        break
      case ask.unhandled:
        handlerFailed = true
        for (const waiting of unhandled.flat()) waiting.reject(new Error('the receiver failed'))
        break
      case ask.admit:
        channel?.admit()
        break
      case ask.close:
        void close(parseJson(schemas.reason, body))
        break
    }
  }

  function take(lane: number, message: Bytes): void {
    const name = laneNames[lane]
    if (!channel || !name) return
    untaken++
    channel.send(name, message).then(() => {
      settle()
      taken.add(lane, 1, message.length)
    }, settle)
    soonFacts()
  }

  function settle(): void {
    untaken--
    if (untaken === 0) drained()
  }

  /** The process was told that what is still untaken here had been taken: that goes first. */
  async function close(reason: string): Promise<void> {
    if (!channel) {
      dialing.cancel(reason)
      return
    }
    if (untaken > 0) {
      let cancel = () => {}
      await new Promise<void>((resolve) => {
        drained = resolve
        cancel = clock.after(takeMs, resolve)
      })
      cancel()
    }
    await channel.close(reason)
  }

  function soonFacts(): void {
    cancelFacts ??= clock.after(factsEveryMs, () => {
      cancelFacts = undefined
      showFacts()
    })
  }

  function showFacts(): void {
    const facts: ChannelFacts | undefined = channel?.facts()
    const next = JSON.stringify(facts)
    if (!facts || next === shown) return
    shown = next
    send(tell.facts, id, encodeJson(facts))
  }

  return { receive, close }
}

/** Forwards what happened in the host to the process that owns the logs. */
export const tracer =
  (send: SendFrame): Trace =>
  (event, fields) =>
    send(tell.trace, 0, encodeJson({ event, fields }))
