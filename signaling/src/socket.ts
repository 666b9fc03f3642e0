/**
 * A side's events by WebSocket (rules SV6, SV16, SV17): the first frame is the long poll's request,
 * every frame back is its answer, and the client answers each with `{ack}`. An empty answer every 25 s
 * lets both ends see a dead link. A socket that says nothing or does not take what it is sent is
 * closed.
 */
import { maxEventsChars } from '@baton/shared/limits'
import { ackSchema, closeCodes, type Request, requests } from '@baton/shared/protocol/rendezvous'
import type { WSContext, WSEvents } from 'hono/ws'
import type { WebSocket } from 'ws'
import type { ServiceLimits } from './limits.ts'
import { parseCompact } from './parse.ts'
import type { Sides } from './sides.ts'

export function createSocketReader(
  sides: Sides,
  limits: ServiceLimits,
  now: () => number,
): WSEvents {
  let heardAt = now()
  /** Set by the first frame; false for a number that was never sent. */
  let ack: ((upTo: number) => boolean) | undefined
  const undo: (() => void)[] = []

  function stop(): void {
    for (const each of undo.splice(0)) each()
  }

  function end(ws: WSContext, code: number): void {
    stop()
    ws.close(code)
    setTimeout(() => raw(ws).terminate(), limits.helloMs).unref()
  }

  function begin(ws: WSContext, { token, after }: Request<'events'>): void {
    const side = sides.find(token)
    if (!side) {
      end(ws, closeCodes[sides.lost(token)])
      return
    }
    let acked = after
    let sent = after
    const push = () => {
      if (raw(ws).bufferedAmount > maxEventsChars) {
        end(ws, closeCodes.slow)
        return
      }
      const events = side.queue.read(acked).filter((event) => event.seq > sent)
      sent = events.at(-1)?.seq ?? sent
      ws.send(JSON.stringify({ events }))
    }
    ack = (upTo) => {
      if (upTo < acked || upTo > sent) return false
      acked = upTo
      side.queue.read(acked)
      return true
    }
    undo.push(sides.attach(side, { end: (why) => end(ws, closeCodes[why]) }))
    undo.push(side.queue.watch(push))
    const pings = setInterval(() => {
      if (now() - heardAt > limits.deadMs) raw(ws).terminate()
      else push()
    }, limits.pingMs)
    undo.push(() => clearInterval(pings))
    push()
  }

  return {
    onOpen(_event, ws) {
      const hello = setTimeout(() => {
        if (!ack) end(ws, closeCodes.silent)
      }, limits.helloMs)
      undo.push(() => clearTimeout(hello))
    },
    onMessage({ data }, ws) {
      if (ws.readyState !== 1) return
      heardAt = now()
      const text = typeof data === 'string' ? data : ''
      if (ack) {
        const frame = parseCompact(ackSchema, text)
        if (!frame || !ack(frame.ack)) end(ws, closeCodes.invalid)
        return
      }
      const request = parseCompact(requests.events, text)
      if (request) begin(ws, request)
      else end(ws, closeCodes.invalid)
    },
    onClose: stop,
  }
}

/** The socket of the `ws` package, which the composition root gave the adapter. */
const raw = (ws: WSContext): WebSocket => ws.raw as WebSocket
