/** Entry of the link host: the child process in which the native library, the adapter and links run. */
import { createClock } from '../platform.ts'
import { runChild } from './host-child.ts'
import { createInProcessDialer } from './in-process-dialer.ts'
import { createReclaim } from './reclaim.ts'
import { liveConnections, onConnectionClosed } from './safe-connection.ts'

const clock = createClock()
process.title = 'baton-link'
onConnectionClosed(createReclaim(clock, () => globalThis.gc?.()))
runChild({
  clock,
  load: (trace) => createInProcessDialer({ trace }),
  connections: liveConnections,
})
