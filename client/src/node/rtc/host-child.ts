/**
 * The child's side as a process: its end of the socket pair, its way to end, and what it tells of
 * why. Rules LH6, LH7. It does not know which Dialer it runs (link-host.ts does).
 */
import { Socket, type SocketConstructorOpts } from 'node:net'
import type { Dialer } from '../../core/ports/channel.ts'
import type { Clock, Trace } from '../../core/ports/platform.ts'
import { encodeError, tell } from './host-frames.ts'
import { serveDialer, tracer } from './host-serve.ts'
import { createFrameReader, createFrameWriter } from './host-wire.ts'

const wireFd = 3
const readBytes = 256 * 1024
/** Lets the last frames leave before the exit. */
const farewellMs = 50
const exitBroken = 70

export interface ChildPorts {
  readonly clock: Clock
  /** May throw: then every dial of the parent is refused with it. */
  load(trace: Trace): Dialer
  /** Native connections that are open now. */
  connections(): number
}

/** Never returns to a natural exit: the process ends with its parent, always by `process.exit`. */
export function runChild({ clock, load, connections }: ChildPorts): void {
  let read: (chunk: Buffer) => void = () => {}
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
  const fatal = (error: unknown) => {
    send(tell.fatal, 0, encodeError(error))
    setTimeout(() => process.exit(exitBroken), farewellMs)
  }

  // Ctrl-C reaches the whole process group; the parent drains its channels and then quits this one.
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
  process.on('uncaughtException', fatal)
  process.on('unhandledRejection', fatal)
  for (const gone of ['end', 'error', 'close']) socket.on(gone, () => process.exit(0))

  try {
    read = serve(load(tracer(send)))
    send(tell.ready, 0)
  } catch (error) {
    fatal(error)
  }

  function serve(dialer: Dialer): (chunk: Buffer) => void {
    const serving = serveDialer(dialer, send, { clock, connections, quit })
    function quit(): void {
      serving.close().then(() => setTimeout(() => process.exit(0), farewellMs), fatal)
    }
    return createFrameReader(serving.receive, () => process.exit(exitBroken))
  }
}
