/**
 * The service as one thing to listen with and to close (rules SV17, SV18): embedded in another
 * process, or run by server.ts. It speaks plain HTTP: TLS is a reverse proxy's part, which has to
 * pass the Host on and to be named in `proxies`. State is in memory; a restart forgets it, and
 * clients are made for that.
 */
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BatonError } from '@baton/shared/errors'
import { closeCodes, rendezvousProtocol } from '@baton/shared/protocol/rendezvous'
import { createAdaptorServer, type HttpBindings, type WebSocketServerLike } from '@hono/node-server'
import type { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { createApp } from './app.ts'
import { createDoor, type DoorOptions } from './door.ts'
import { defaultLimits, type ServiceLimits } from './limits.ts'
import { createMailboxes } from './mailboxes.ts'
import { createMetrics } from './metrics.ts'
import { createRates } from './rate.ts'
import { createSides } from './sides.ts'
import { createSlots } from './slots.ts'
import { createStreams } from './streams.ts'
import { endRefusedUpgrades } from './upgrades.ts'

/** A client's frames are a token and a number. */
const maxFrameBytes = 1024
const maxHeaderBytes = 8 * 1024

export interface SignalingOptions extends Partial<DoorOptions> {
  /** Address to bind; 127.0.0.1 unless told, `0.0.0.0` or `::` for other machines. */
  readonly host?: string
  /** 0 or none: any free port. */
  readonly port?: number
  readonly limits?: Partial<ServiceLimits>
  /** `/metrics` for everyone; otherwise only for this machine. */
  readonly publicMetrics?: boolean
  /** Further routes on the same port, like a web page; the service's own go first. */
  readonly also?: Hono<{ Bindings: HttpBindings }>
  /** ms from any start, never going back. */
  readonly now?: () => number
}

export interface Signaling {
  /**
   * Resolves once it listens; rejects with `port-taken` or `invalid`. For a wildcard host the URL is
   * the loopback one: other machines use an address of this one, which it then answers to.
   */
  listen(): Promise<{ readonly url: string; readonly port: number }>
  /** Takes nothing new, tells readers to come back later, and is gone within 5 s. Never rejects. */
  close(): Promise<void>
  /** Does now what is otherwise done every second: ends what is too old or was left. */
  sweep(): void
}

export function createSignaling(options: SignalingOptions = {}): Signaling {
  const limits = { ...defaultLimits, ...options.limits }
  const now = options.now ?? (() => performance.now())
  const host = options.host ?? '127.0.0.1'
  const { names = [], origins = [], proxies = [] } = options
  const held = { bytes: 0, max: limits.heldBytes }
  const sides = createSides(now)
  const slots = createSlots(sides, held, limits, now)
  const mailboxes = createMailboxes(sides, held, limits, now)
  const rates = createRates(limits.addresses, now)
  const streams = createStreams(sides, limits)
  const born = now()
  const uptime = () => Math.floor((now() - born) / 1000)
  const metrics = createMetrics({
    slots: slots.live,
    mailboxes: mailboxes.live,
    streams: streams.live,
    held_bytes: () => held.bytes,
    uptime_seconds: uptime,
  })
  let draining = false
  const app = createApp({
    version: packageVersion(),
    door: createDoor({ names, origins, proxies }),
    limits,
    mailboxes,
    metrics,
    rates,
    sides,
    slots,
    streams,
    publicMetrics: options.publicMetrics ?? false,
    now,
    uptime,
    draining: () => draining,
  })
  if (options.also) app.route('/', options.also)

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(rendezvousProtocol) && rendezvousProtocol,
  })
  const server = createAdaptorServer({
    fetch: app.fetch,
    // the same methods, in types the compiler cannot compare
    websocket: { server: sockets as unknown as WebSocketServerLike },
    serverOptions: {
      headersTimeout: limits.helloMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.sweepMs,
      keepAliveTimeout: limits.helloMs,
      maxHeaderSize: maxHeaderBytes,
    },
  }) as Server
  endRefusedUpgrades(server, sockets)
  server.maxConnections = 2 * limits.streams
  let asked = 0
  server.on('request', (_request, response) => {
    asked++
    response.once('close', () => asked--)
  })
  let sweeper: NodeJS.Timeout | undefined

  function sweep(): void {
    slots.sweep()
    mailboxes.sweep()
    rates.sweep()
  }

  return {
    listen() {
      return new Promise((resolve, reject) => {
        // later errors are of single connections, which end by themselves
        server.on('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, options)))
        server.listen(options.port ?? 0, host, () => {
          sweeper = setInterval(sweep, limits.sweepMs)
          sweeper.unref()
          const { port } = server.address() as AddressInfo
          resolve({ url: `http://${urlHost(host)}:${port}`, port })
        })
      })
    },
    async close() {
      if (draining) return
      draining = true
      clearInterval(sweeper)
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      sides.endAll('draining')
      for (const socket of sockets.clients) socket.close(closeCodes.draining)
      // a connection without a request is not idle in Node's eyes: cut all once nothing is asked
      const reap = setInterval(() => asked === 0 && server.closeAllConnections(), 20)
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        server.closeAllConnections()
      }, limits.drainMs)
      await closed
      clearTimeout(cut)
      clearInterval(reap)
    },
    sweep,
  }
}

/** A bound wildcard is reached, from this machine, by loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function cannotListen(cause: NodeJS.ErrnoException, { port }: SignalingOptions): BatonError {
  if (cause.code === 'EADDRINUSE') {
    return new BatonError('port-taken', `failed to listen: port ${port} is taken`, {
      cause,
      hint: 'stop what uses the port, or choose another one',
    })
  }
  const [why, hint] = reasons[cause.code ?? ''] ?? [cause.code ?? 'unknown reason', undefined]
  return new BatonError('invalid', `failed to listen: ${why}`, {
    cause,
    hint: hint ?? 'check the host and the port',
  })
}

const notOurs = ['the host is no address of this machine', 'leave it out, or give 0.0.0.0'] as const
const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EACCES: ['this user may not use that port', 'choose one above 1023'],
  EADDRNOTAVAIL: notOurs,
  ENOTFOUND: notOurs,
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
