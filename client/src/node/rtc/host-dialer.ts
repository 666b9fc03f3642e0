/**
 * Dialer whose native library lives in a forked child, so that its crash is a reconnect and not a
 * lost daemon. Rules LH6 to LH8, LH10: the child is started by the first dial, watched, counted when it
 * dies, started again within a second, and never outlives `close` or this process.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { BatonError } from '@baton/shared/errors'
import type { Dialer } from '../../core/ports/channel.ts'
import type { Trace, TraceField } from '../../core/ports/platform.ts'
import { createHostCalls } from './host-calls.ts'
import { ask, parseCount, parseError, parseJson, schemas, tell } from './host-frames.ts'
import {
  createFrameReader,
  createFrameWriter,
  type HostFrame,
  type SendFrame,
} from './host-wire.ts'

export interface HostDialer extends Dialer {
  /** Starts the child now, so that the first dial need not wait for it. */
  warm(): void
  /** Times the child died without being told to. */
  readonly crashes: number
  /** Process id of the child while one runs. */
  readonly pid: number | undefined
  /** Native connections open in the child, as of its last sign of life. */
  readonly connections: number
}

export interface HostDialerOptions {
  readonly trace?: Trace
  /** The child's program, compiled. Default: link-host.js as built beside this file. */
  readonly entry?: URL
  /** How often the child is asked for a sign of life. Default 5 s. */
  readonly beatMs?: number
}

/**
 * The host collects by itself (reclaim.ts). Beside the library's own threads V8's collecting helpers
 * only cost: a gigabyte takes 2 to 3 s of CPU time less without them (measured, 2 cores).
 */
const childFlags = ['--expose-gc', '--single-threaded-gc'] as const
/** A child silent for this many beats is taken for hung, and killed. */
const missedBeats = 3
const quitMs = 3_000
/** Wait before the n-th start after a crash; past the last one only a dial starts it again. */
const restartMs = [0, 100, 400, 900, 900] as const
/** A child that ran this long was not part of a crash loop. */
const stableMs = 30_000

interface Host {
  readonly child: ChildProcess
  readonly send: SendFrame
  readonly calls: ReturnType<typeof createHostCalls>
  readonly startedAt: number
  fatal: BatonError | undefined
  connections: number
}

export function createHostDialer(options: HostDialerOptions = {}): HostDialer {
  const entry = fileURLToPath(options.entry ?? defaultEntry())
  const trace: Trace = options.trace ?? (() => {})
  let host: Host | undefined
  let lastId = 0
  let crashes = 0
  let inRow = 0
  let restart: NodeJS.Timeout | undefined
  let missing = existsSync(entry) ? undefined : notBuilt()
  let closed = false

  function start(): Host {
    clearTimeout(restart)
    const child = spawn(process.execPath, [...childFlags, entry], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: childEnvironment(),
      windowsHide: true,
    })
    const socket = child.stdio[3] as Socket
    const send = createFrameWriter(socket)
    const calls = createHostCalls(
      send,
      () => ++lastId,
      () => rest(child, socket),
    )
    const started: Host = {
      child,
      send,
      calls,
      startedAt: Date.now(),
      fatal: undefined,
      connections: 0,
    }
    const alive = watch(started)
    const read = createFrameReader(
      (frame) => receive(started, frame, alive),
      () => child.kill('SIGKILL'),
    )
    socket.on('data', read)
    // The exit that follows tells more than any error of the socket.
    socket.on('error', () => {})
    child.on('error', () => gone(started, null, null))
    child.on('exit', (code, signal) => gone(started, code, signal))
    rest(child, socket)
    host = started
    return started
  }

  function receive(from: Host, frame: HostFrame, alive: () => void): void {
    alive()
    try {
      if (frame.kind === tell.fatal) from.fatal = parseError(frame.body)
      else if (frame.kind === tell.trace) forward(frame)
      else if (frame.kind === tell.pong) from.connections = parseCount(frame.body)
      else from.calls.receive(frame)
    } catch {
      // Frames a sound host never sends: it is no longer to be believed.
      from.child.kill('SIGKILL')
    }
  }

  function forward(frame: HostFrame): void {
    const { event, fields } = parseJson(schemas.trace, frame.body)
    trace(event, fields as Record<string, TraceField>)
  }

  function gone(from: Host, code: number | null, signal: string | null): void {
    if (host !== from) return
    host = undefined
    if (from.fatal?.code === 'native-missing') missing = from.fatal
    if (!closed && !missing) {
      crashes++
      trace('host.crash', {
        count: crashes,
        status: code ?? undefined,
        kind: signal?.toLowerCase(),
      })
      again(from)
    }
    from.calls.lost(missing ?? from.fatal ?? crashed(signal ?? `exit ${code}`))
  }

  function again(from: Host): void {
    inRow = Date.now() - from.startedAt > stableMs ? 0 : inRow + 1
    const wait = restartMs[inRow - 1] ?? (inRow === 0 ? 0 : undefined)
    if (wait === undefined) return
    restart = setTimeout(start, wait)
    restart.unref()
  }

  /** Kills a child that hangs; returns what is to be called when it is heard. */
  function watch(of: Host): () => void {
    let missed = 0
    const timer = setInterval(() => {
      if (host !== of) return clearInterval(timer)
      if (++missed > missedBeats) of.child.kill('SIGKILL')
      else of.send(ask.ping, 0)
    }, options.beatMs ?? 5_000)
    timer.unref()
    return () => {
      missed = 0
    }
  }

  return {
    warm() {
      if (!closed && !missing && !host) start()
    },
    dial(call) {
      if (closed || missing) {
        const error = missing ?? new BatonError('link-closed', 'failed to dial: already closed')
        const channel = Promise.reject(error)
        channel.catch(() => {})
        return { channel, accept: () => {}, cancel: () => {} }
      }
      const { child, calls } = host ?? start()
      child.ref()
      ;(child.stdio[3] as Socket).ref()
      return calls.dial(call)
    },
    async close() {
      closed = true
      clearTimeout(restart)
      if (!host) return
      const { child, send } = host
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.ref()
      send(ask.quit, 0)
      const late = setTimeout(() => child.kill('SIGKILL'), quitMs)
      await exited
      clearTimeout(late)
    },
    get crashes() {
      return crashes
    },
    get connections() {
      return host?.connections ?? 0
    },
    get pid() {
      return host?.child.pid
    },
  }
}

/** What Node and the native library need, and none of the keys an agent's shell is full of. */
function childEnvironment(): NodeJS.ProcessEnv {
  const needed = ['PATH', 'SystemRoot', 'TEMP', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']
  const all = process.env
  return Object.fromEntries(needed.filter((name) => name in all).map((name) => [name, all[name]]))
}

/** Without a dial or a channel the child keeps nobody's process alive. */
function rest(child: ChildProcess, socket: Socket): void {
  child.unref()
  socket.unref()
}

const notBuilt = () =>
  new BatonError('native-missing', 'failed to start the link host: its program is not built', {
    hint: 'npm run build',
  })

const crashed = (how: string) =>
  new BatonError('native-crash', `failed to go on: the link host died (${how})`, {
    hint: 'it is started again by itself; when this repeats, report it with the output of doctor',
  })

/** Run from source, as tests do, the child still is the built one: Node 20 reads no TypeScript. */
function defaultEntry(): URL {
  const built = import.meta.url.endsWith('.ts') ? '../../../dist/node/rtc/' : './'
  return new URL(`${built}link-host.js`, import.meta.url)
}
