/** A Dialer behind the two halves of the link host, joined by their own framing instead of a process. */
import type { Dialer } from '@baton/client/core/ports/channel'
import type { Clock } from '@baton/client/core/ports/platform'
import { createHostCalls } from '@baton/client/node/rtc/host-calls'
import { serveDialer } from '@baton/client/node/rtc/host-serve'
import type { HostFrame, SendFrame } from '@baton/client/node/rtc/host-wire'

export function createHostBridge(dialer: Dialer, clock: Clock) {
  let id = 0
  let idle = 0
  let quits = 0
  /** Each direction in order, in a later turn, as a socket would. */
  const later =
    (receive: () => (frame: HostFrame) => void): SendFrame =>
    (kind, call, body = new Uint8Array(0), lane = 0) => {
      const frame = { kind, id: call, lane, body: body.slice() }
      setImmediate(() => receive()(frame))
    }
  const calls = createHostCalls(
    later(() => serving.receive),
    () => ++id,
    () => idle++,
  )
  const serving = serveDialer(
    dialer,
    later(() => calls.receive),
    { clock, connections: () => 7, quit: () => void quits++ },
  )
  return {
    calls,
    serving,
    get idle() {
      return idle
    },
    get quits() {
      return quits
    },
  }
}

/** A dialer whose dials are settled by hand. */
export function createHandDialer() {
  type Call = Parameters<Dialer['dial']>[0]
  const dials: {
    readonly call: Call
    readonly accepted: unknown[]
    readonly cancelled: string[]
    resolve(channel: Awaited<ReturnType<Dialer['dial']>['channel']>): void
    reject(error: Error): void
  }[] = []
  const dialer: Dialer = {
    dial(call) {
      const accepted: unknown[] = []
      const cancelled: string[] = []
      const channel = new Promise<never>((resolve, reject) => {
        dials.push({ call, accepted, cancelled, resolve: resolve as never, reject })
      })
      return {
        channel,
        accept: (signal) => accepted.push(signal),
        cancel: (reason) => cancelled.push(reason),
      }
    },
    close: async () => {},
  }
  return { dialer, dials }
}
