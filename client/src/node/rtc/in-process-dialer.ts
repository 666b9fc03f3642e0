/**
 * Dialer that runs the native library in this process: for the link host itself, for tests, and
 * where nothing can be forked. A native crash takes the process along, and a process that used it
 * must leave by `process.exit`: the library crashes some natural exits.
 */
import type { Dialer } from '../../core/ports/channel.ts'
import type { Trace } from '../../core/ports/platform.ts'
import { createRtcDialer } from '../../rtc/dialer.ts'
import { createClock } from '../platform.ts'
import { watchNetworks } from './networks.ts'
import { loadWrtc } from './wrtc.ts'

/** Throws `native-missing` where the library does not load. */
export function createInProcessDialer(options: { readonly trace?: Trace } = {}): Dialer {
  const clock = createClock()
  return createRtcDialer({
    webrtc: loadWrtc(),
    clock,
    watchNetworks: (changed) => watchNetworks(clock, changed),
    ...(options.trace && { trace: options.trace }),
  })
}
