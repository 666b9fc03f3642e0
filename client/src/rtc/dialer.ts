/**
 * Dialer over WebRTC: a connection attempt, and a link over what it opened. It runs wherever
 * WebRTC does; in Node it belongs into the link host (node/rtc/host-dialer.ts).
 */
import { createLink } from '../core/link/link.ts'
import type { Dialer } from '../core/ports/channel.ts'
import type { Clock, Trace } from '../core/ports/platform.ts'
import { type Connecting, connect } from './connect.ts'
import type { WebRtc } from './peer.ts'

export interface RtcDialerOptions {
  /** Undefined: the browser's own. */
  readonly webrtc: WebRtc | undefined
  readonly clock: Clock
  readonly trace?: Trace
}

export function createRtcDialer({ webrtc, clock, trace }: RtcDialerOptions): Dialer {
  const open = new Set<Connecting>()
  const ports = { clock, ...(trace && { trace }) }
  return {
    dial(call) {
      const attempt = connect({
        initiator: call.initiator,
        ice: call.ice,
        webrtc,
        ...ports,
        signal: (signal) => call.signal(signal),
      })
      open.add(attempt)
      const channel = attempt.pipe.then((pipe) => createLink({ pipe, ...ports }))
      channel.then(
        (opened) => opened.onClose(() => open.delete(attempt)),
        () => open.delete(attempt),
      )
      return { channel, accept: attempt.accept, cancel: attempt.cancel }
    },
    async close() {
      for (const attempt of open) attempt.cancel('the dialer closed')
    },
  }
}
