/**
 * The routes (rules SV12 to SV19): each operation is one POST of compact JSON, answered by JSON or
 * by `{error}`; beside them `/health` and `/metrics`. Nothing here listens, stores or logs. The
 * answer carries `Date`, from which clients know the service's clock.
 */

import { maxRequestChars } from '@baton/shared/limits'
import {
  type Operation,
  type Refusal,
  type Request,
  refusals,
  rendezvousPath,
  requests,
} from '@baton/shared/protocol/rendezvous'
import type { HttpBindings } from '@hono/node-server'
import { upgradeWebSocket } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Caller, Door } from './door.ts'
import type { ServiceLimits } from './limits.ts'
import type { Mailboxes } from './mailboxes.ts'
import type { Metrics } from './metrics.ts'
import { parseCompact, type Schema } from './parse.ts'
import type { Rates } from './rate.ts'
import type { Sides } from './sides.ts'
import type { Outcome, Slots } from './slots.ts'
import { createSocketReader } from './socket.ts'
import type { Streams } from './streams.ts'

export interface Service {
  readonly version: string
  readonly door: Door
  readonly limits: ServiceLimits
  readonly mailboxes: Mailboxes
  readonly metrics: Metrics
  readonly rates: Rates
  readonly sides: Sides
  readonly slots: Slots
  readonly streams: Streams
  /** `/metrics` for everyone, not for this machine alone. */
  readonly publicMetrics: boolean
  now(): number
  /** Seconds since the start. */
  uptime(): number
  draining(): boolean
}

type Env = { Bindings: HttpBindings; Variables: { caller: Caller } }
type Allowance = 'open' | 'claim' | 'put' | 'listen' | 'read'

/** Seconds after which a client may come back to a full or closing service. */
const comeBackSeconds = 1

export function createApp(service: Service): Hono<Env> {
  const { limits, mailboxes, metrics, rates, sides, slots, streams } = service
  const app = new Hono<Env>()

  function refuse(c: Context<Env>, operation: string, error: Refusal, wait = comeBackSeconds) {
    metrics.count(operation, error)
    const status = refusals[error]
    if (status === 429 || status === 503) c.header('Retry-After', String(wait))
    return c.json({ error }, status)
  }

  app.use(`${rendezvousPath}/*`, async (c, next) => {
    c.header('Cache-Control', 'no-store')
    c.header('X-Content-Type-Options', 'nosniff')
    const caller = service.door(c.env.incoming)
    if (!caller) return refuse(c, 'any', 'refused')
    c.set('caller', caller)
    const origin = c.req.header('origin')
    if (origin !== undefined) {
      c.header('Access-Control-Allow-Origin', origin)
      c.header('Access-Control-Expose-Headers', 'Date, Retry-After')
      c.header('Vary', 'Origin')
    }
    if (service.draining()) return refuse(c, 'any', 'draining')
    return next()
  })
  app.use(
    `${rendezvousPath}/*`,
    bodyLimit({ maxSize: maxRequestChars, onError: (c) => refuse(c, 'any', 'too-large') }),
  )

  function route<O extends Operation>(
    operation: O,
    allowance: Allowance,
    run: (request: Request<O>, c: Context<Env>) => Outcome<object> | Promise<Outcome<object>>,
  ): void {
    app.post(`${rendezvousPath}/${operation}`, async (c) => {
      const wait = rates.take(allowance, c.get('caller').address, limits[`${allowance}PerMinute`])
      if (wait > 0) return refuse(c, operation, 'rate', wait)
      const schema: Schema<Request<O>> = requests[operation] as never
      const request = parseCompact(schema, await c.req.text())
      if (request === undefined) return refuse(c, operation, 'invalid')
      const outcome = await run(request, c)
      if ('error' in outcome) return refuse(c, operation, outcome.error)
      metrics.count(operation, 'ok')
      return c.json(outcome)
    })
  }

  route('open', 'open', (request) => slots.open(request))
  route('claim', 'claim', (request) => slots.claim(request))
  route('send', 'put', (request) => slots.send(request))
  route('release', 'put', (request) => slots.release(request))
  route('close', 'put', ({ token }) => {
    const side = sides.find(token)
    return side && (slots.close(side) || mailboxes.close(side)) ? {} : { error: 'unknown' }
  })
  route('challenge', 'listen', (request) => mailboxes.challenge(request))
  route('listen', 'listen', (request, c) => mailboxes.listen(request, c.get('caller').server))
  route('post', 'put', (request) => mailboxes.post(request))
  route('events', 'read', async (request, c) => {
    const leave = streams.enter(c.get('caller').address)
    if (!leave) return { error: 'full' }
    try {
      return await streams.poll(request, c.req.raw.signal)
    } finally {
      leave()
    }
  })

  app.get(
    `${rendezvousPath}/socket`,
    async (c, next) => {
      const { address } = c.get('caller')
      const wait = rates.take('read', address, limits.readPerMinute)
      if (wait > 0) return refuse(c, 'socket', 'rate', wait)
      // an ordinary request, which has an answer: it would keep its place as long as its connection
      if (c.env.outgoing) return refuse(c, 'socket', 'unknown')
      const leave = streams.enter(address)
      if (!leave) return refuse(c, 'socket', 'full')
      c.env.incoming.socket.once('close', leave)
      metrics.count('socket', 'ok')
      return next()
    },
    upgradeWebSocket(() => createSocketReader(sides, limits, service.now), {
      onError: () => metrics.count('socket', 'failed'),
    }),
  )
  app.all(`${rendezvousPath}/*`, (c) => refuse(c, 'any', 'unknown'))

  // a body that broke off, or a fault of ours: neither is told apart or logged
  app.onError((_error, c) => refuse(c, 'any', 'invalid'))

  app.get('/health', (c) =>
    c.json({ status: 'ok', version: service.version, uptime: service.uptime() }),
  )
  app.get('/metrics', (c) => {
    const open = service.publicMetrics || service.door(c.env.incoming)?.loopback === true
    return open ? c.text(metrics.text()) : c.notFound()
  })
  return app
}
