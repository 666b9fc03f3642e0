/**
 * Dialer over WebRTC: a connection attempt, and a link over what it opened. Rule RT19.
 * It runs wherever WebRTC does; in Node it belongs into the link host (node/rtc/host-dialer.ts).
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
  /** Calls back when the addresses of this device changed; watched while anything is open. */
  readonly watchNetworks?: (changed: () => void) => () => void
}

export function createRtcDialer(options: RtcDialerOptions): Dialer {
  const { webrtc, clock, trace, watchNetworks } = options
  const ports = { clock, ...(trace && { trace }) }
  const open = new Set<Connecting>()
  let unwatch: (() => void) | undefined

  function reroute(): void {
    trace?.('rtc.networks-changed', { count: open.size })
    for (const attempt of open) attempt.reroute()
  }

  function close(attempt: Connecting): void {
    open.delete(attempt)
    if (open.size > 0) return
    unwatch?.()
    unwatch = undefined
  }

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
      unwatch ??= watchNetworks?.(reroute)
      const channel = attempt.pipe.then((pipe) => createLink({ pipe, ...ports }))
      channel.then(
        (opened) => opened.onClose(() => close(attempt)),
        () => close(attempt),
      )
      return { channel, accept: attempt.accept, cancel: attempt.cancel }
    },
    async close() {
      for (const attempt of open) attempt.cancel('the dialer closed')
    },
  }
}
