/**
 * The process's side: dials whose connections live in the link host at the other end of the wire.
 * Rules LH4, LH5. It knows no process: `lost` says that the host is gone.
 */
import type { BatonError } from '@baton/shared/errors'
import type { Call, Channel, ChannelEnd, Dialing } from '../../core/ports/channel.ts'
import { createHostChannel } from './host-channel.ts'
import { ask, encodeJson, parseError, parseJson, schemas, tell } from './host-frames.ts'
import type { HostFrame, SendFrame } from './host-wire.ts'

export interface HostCalls {
  dial(call: Call): Dialing
  receive(frame: HostFrame): void
  /** The host is gone: every dial is refused and every channel ends with this. */
  lost(error: BatonError): void
  readonly size: number
}

interface HostCall {
  readonly dialing: Dialing
  receive(frame: HostFrame): void
  lost(error: BatonError): void
}

/** `idle` runs when the last dial or channel is gone. */
export function createHostCalls(
  send: SendFrame,
  nextId: () => number,
  idle: () => void,
): HostCalls {
  const calls = new Map<number, HostCall>()
  return {
    dial(call) {
      const id = nextId()
      const made = createHostCall(id, call, send, () => {
        calls.delete(id)
        if (calls.size === 0) idle()
      })
      calls.set(id, made)
      return made.dialing
    },
    receive: (frame) => calls.get(frame.id)?.receive(frame),
    lost(error) {
      for (const call of [...calls.values()]) call.lost(error)
    },
    get size() {
      return calls.size
    },
  }
}

function createHostCall(id: number, call: Call, send: SendFrame, done: () => void): HostCall {
  let resolve!: (channel: Channel) => void
  let reject!: (error: Error) => void
  const promise = new Promise<Channel>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  let channel: ReturnType<typeof createHostChannel> | undefined
  let over = false

  const refuse = (error: Error): void => {
    over = true
    reject(error)
    done()
  }

  send(ask.dial, id, encodeJson({ initiator: call.initiator, ice: call.ice }))
  return {
    dialing: {
      channel: promise,
      accept(signal) {
        if (!over) send(ask.signal, id, encodeJson(signal))
      },
      cancel(reason) {
        if (!channel && !over) send(ask.cancel, id, encodeJson(reason))
      },
    },
    receive({ kind, lane, body }) {
      if (over) return
      if (kind === tell.signal) call.signal(parseJson(schemas.signal, body))
      else if (kind === tell.refused) refuse(parseError(body))
      else if (kind === tell.opened) {
        channel = createHostChannel(id, body, send)
        resolve(channel.channel)
      } else if (kind === tell.closed) {
        over = true
        channel?.closed(parseJson(schemas.end, body) as ChannelEnd)
        done()
      } else channel?.receive(kind, lane, body)
    },
    lost(error) {
      if (over) return
      if (!channel) {
        refuse(error)
        return
      }
      over = true
      channel.lost(error)
      done()
    },
  }
}
