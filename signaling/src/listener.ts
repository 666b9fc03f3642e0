/**
 * One port: HTTP and WebSocket on one socket, plain or by TLS (rules SV17, SV18, WB40). It knows what
 * may be slow, big or left half open, and nothing of what is asked.
 */
import type { Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { BatonError } from '@baton/shared/errors'
import { closeCodes, rendezvousProtocol } from '@baton/shared/protocol/rendezvous'
import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server'
import { WebSocketServer } from 'ws'
import type { ServiceLimits } from './limits.ts'
import { endRefusedUpgrades } from './upgrades.ts'

/** A client's frames are a token and a number. */
const maxFrameBytes = 1024
const maxHeaderBytes = 8 * 1024

/** Certificate, with those it rests on, and its key: PEM. Whoever gives them has checked them. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

export interface Listener {
  /** Resolves with the port; rejects with `port-taken` or `invalid`. */
  listen(host: string, port: number): Promise<number>
  /** Connections from now on are met with this; those that are open go on. */
  renew(tls: TlsFiles): void
  /** Resolves when the last connection ended, `drainMs` later at most. Never rejects. */
  close(): Promise<void>
}

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch']

export function createListener(fetch: Fetch, limits: ServiceLimits, tls?: TlsFiles): Listener {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(rendezvousProtocol) && rendezvousProtocol,
  })
  const common = {
    fetch,
    // the same methods, in types the compiler cannot compare
    websocket: { server: sockets as unknown as WebSocketServerLike },
  }
  const serverOptions = {
    headersTimeout: limits.helloMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.sweepMs,
    keepAliveTimeout: limits.helloMs,
    maxHeaderSize: maxHeaderBytes,
  }
  const server = (
    tls
      ? createAdaptorServer({
          ...common,
          createServer: createSecureServer,
          serverOptions: { ...serverOptions, ...tls, handshakeTimeout: limits.helloMs },
        })
      : createAdaptorServer({ ...common, serverOptions })
  ) as Server
  endRefusedUpgrades(server, sockets)
  server.maxConnections = 2 * limits.streams
  let asked = 0
  server.on('request', (_request, response) => {
    asked++
    response.once('close', () => asked--)
  })

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        // later errors are of single connections, which end by themselves
        server.on('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, port)))
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
      }),
    renew: (next) => (server as unknown as SecureServer).setSecureContext({ ...next }),
    async close() {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
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
  }
}

function cannotListen(cause: NodeJS.ErrnoException, port: number): BatonError {
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
