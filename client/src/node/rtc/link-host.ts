/**
 * Entry of the link host: the child process in which the native library, the adapter and the links
 * run. Rules LH4 to LH7. It ends with its parent, always by `process.exit`, and tells it why.
 */
import { Socket, type SocketConstructorOpts } from 'node:net'
import type { Dialer } from '../../core/ports/channel.ts'
import { createClock } from '../platform.ts'
import { encodeError, tell } from './host-frames.ts'
import { serveDialer, tracer } from './host-serve.ts'
import { createFrameReader, createFrameWriter } from './host-wire.ts'
import { createInProcessDialer } from './in-process-dialer.ts'
import { createReclaim } from './reclaim.ts'
import { liveConnections, onConnectionClosed } from './safe-connection.ts'

const wireFd = 3
const readBytes = 256 * 1024
/** Lets the last frames leave before the exit. */
const farewellMs = 50
const exitBroken = 70

/** One buffer for all reads: half as much again as with a new one for each (measured). */
const onread = {
  buffer: Buffer.alloc(readBytes),
  callback(length: number, buffer: Buffer) {
    read(buffer.subarray(0, length))
    return true
  },
}
const socket = new Socket({ fd: wireFd, onread } as SocketConstructorOpts)
const send = createFrameWriter(socket)
const clock = createClock()
const serving = serveDialer(load(), send, { clock, quit, connections: liveConnections })
const read = createFrameReader(
  (frame) => guard(() => serving.receive(frame)),
  () => process.exit(exitBroken),
)

process.title = 'baton-link'
onConnectionClosed(createReclaim(clock, () => globalThis.gc?.()))
// Ctrl-C reaches the whole process group; the parent drains its channels and then quits this one.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
process.on('uncaughtException', fatal)
process.on('unhandledRejection', fatal)
for (const gone of ['end', 'error', 'close']) socket.on(gone, () => process.exit(0))
send(tell.ready, 0)

/** A library that does not load is told to the parent, which then refuses every dial with it. */
function load(): Dialer {
  try {
    return createInProcessDialer({ trace: tracer(send) })
  } catch (error) {
    fatal(error)
    return { dial: () => Promise.reject(error) as never, close: async () => {} }
  }
}

function guard(run: () => void): void {
  try {
    run()
  } catch (error) {
    fatal(error)
  }
}

function fatal(error: unknown): void {
  send(tell.fatal, 0, encodeError(error))
  setTimeout(() => process.exit(exitBroken), farewellMs)
}

function quit(): void {
  serving.close().then(() => setTimeout(() => process.exit(0), farewellMs), fatal)
}
