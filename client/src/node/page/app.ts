/**
 * The page, on the port of the embedded service (rules WB5 to WB7): the files of one folder, read once,
 * under a policy that lets in nothing of another origin, no inline code and no code made of a text.
 * Who does not name this service by its address gets nothing, so that a rebound DNS name reads and
 * runs nothing here. Nothing it serves is secret, and no request changes anything.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDoor, type Door, type DoorOptions, isSecure } from '@baton/signaling/door'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'

/** Where the build puts the page, beside the compiled modules. */
export const pageFolder = (): string => fileURLToPath(new URL('../../page', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

type Env = { Bindings: HttpBindings }
export type PageApp = Hono<Env>

/** Undefined where no page was built. `names`, `covers`: how else this service is called, by https. */
export function createPageApp(
  folder: string,
  { names = [], covers }: Partial<Pick<DoorOptions, 'names' | 'covers'>> = {},
): PageApp | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined
  const files = new Map(
    readdirSync(folder)
      .filter((name) => extname(name) in types)
      .map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
  )
  // Its own origin alone: a page elsewhere has no business here.
  const door: Door = createDoor({
    ...{ names, origins: [], proxies: [] },
    ...(covers ? { covers } : {}),
  })
  const app: PageApp = new Hono<Env>()

  function serve(c: Context<Env>, name: string): Response | Promise<Response> {
    const host = door(c.env.incoming)?.server
    if (host === undefined) return c.text('', 403)
    const body = files.get(name)
    if (!body) return c.notFound()
    for (const [header, value] of headersFor(host, isSecure(c.env.incoming)))
      c.header(header, value)
    c.header('Content-Type', types[extname(name)] as string)
    return c.body(body as Uint8Array<ArrayBuffer>)
  }

  app.get('/', (c) => serve(c, 'index.html'))
  app.get('/:name', (c) => serve(c, c.req.param('name')))
  return app
}

/**
 * Without Strict-Transport-Security, also by TLS: it holds for every port of a host and for a year, so
 * that whatever else a person runs there by http would be gone, and a certificate of one's own that ran
 * out could not even be clicked away. Plain http gives nothing away here: the page does not run on it.
 */
const headersFor = (host: string, secure: boolean): readonly (readonly [string, string])[] => [
  ['Content-Security-Policy', policy(host, secure)],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Permissions-Policy', 'camera=(self), microphone=(), geolocation=(), usb=(), payment=()'],
  // A new version is there at the next reload.
  ['Cache-Control', 'no-cache'],
]

/** Not every browser takes `self` for the sockets of its own host. */
const policy = (host: string, secure: boolean): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    `connect-src 'self' ${secure ? '' : `ws://${host} `}wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // The name of one script alone: page/install.ts
    'trusted-types worker',
  ].join('; ')
