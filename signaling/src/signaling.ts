/**
 * The service as one thing to listen with and to close (rules SV17, SV18): embedded in another
 * process, or run by server.ts. By itself it speaks plain HTTP, and TLS is a reverse proxy's part, which
 * has to pass the Host on and to be named in `proxies`; given a certificate it speaks TLS (rule WB40).
 * State is in memory; a restart forgets it, and clients are made for that.
 */
import { readFileSync } from 'node:fs'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { createApp } from './app.ts'
import { createDoor, type DoorOptions } from './door.ts'
import { defaultLimits, type ServiceLimits } from './limits.ts'
import { createListener, type TlsFiles } from './listener.ts'
import { createMailboxes } from './mailboxes.ts'
import { createMetrics } from './metrics.ts'
import { createRates } from './rate.ts'
import { createSides } from './sides.ts'
import { createSlots } from './slots.ts'
import { createStreams } from './streams.ts'

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
  /**
   * Speaks TLS by these. Whoever runs the service reaches it without a certificate to trust, by plain
   * HTTP on a port of loopback beside it, where there is the service alone.
   */
  readonly tls?: TlsFiles
  /** ms from any start, never going back. */
  readonly now?: () => number
}

export interface Signaling {
  /**
   * Resolves once it listens; rejects with `port-taken` or `invalid`. For a wildcard host the URL is
   * the loopback one: other machines use an address of this one, which it then answers to. `inner`:
   * beside TLS, the plain one of this machine.
   */
  listen(): Promise<Bound>
  /** Connections from now on are met with another certificate; nothing for one that speaks plain HTTP. */
  renew(tls: TlsFiles): void
  /** Takes nothing new, tells readers to come back later, and is gone within 5 s. Never rejects. */
  close(): Promise<void>
  /** Does now what is otherwise done every second: ends what is too old or was left. */
  sweep(): void
}

export interface Bound {
  readonly url: string
  readonly port: number
  readonly inner?: string
}

export function createSignaling(options: SignalingOptions = {}): Signaling {
  const limits = { ...defaultLimits, ...options.limits }
  const now = options.now ?? (() => performance.now())
  const host = options.host ?? '127.0.0.1'
  const { names = [], origins = [], proxies = [], covers, tls } = options
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
  const service = {
    version: packageVersion(),
    door: createDoor({ names, origins, proxies, ...(covers ? { covers } : {}) }),
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
  }
  const app = createApp(service)
  if (options.also) app.route('/', options.also)
  const outer = createListener(app.fetch, limits, tls)
  const inner = tls && createListener(createApp(service).fetch, limits)
  let sweeper: NodeJS.Timeout | undefined

  function sweep(): void {
    slots.sweep()
    mailboxes.sweep()
    rates.sweep()
  }

  return {
    async listen() {
      const port = await outer.listen(host, options.port ?? 0)
      sweeper = setInterval(sweep, limits.sweepMs)
      sweeper.unref()
      const url = `${tls ? 'https' : 'http'}://${urlHost(host)}:${port}`
      if (!inner) return { url, port }
      return { url, port, inner: `http://127.0.0.1:${await inner.listen('127.0.0.1', 0)}` }
    },
    renew: (next) => tls && outer.renew(next),
    async close() {
      if (draining) return
      draining = true
      clearInterval(sweeper)
      sides.endAll('draining')
      await Promise.all([outer.close(), inner?.close()])
    },
    sweep,
  }
}

/** A bound wildcard is reached, from this machine, by loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
