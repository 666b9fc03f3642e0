/**
 * Listens on the control socket (rules CS1, CS2): a unix socket only its owner reaches, or a named
 * pipe; never a TCP port. A socket that a dead process left is removed; a living one is told about.
 *
 * Limits: a named pipe has the system's default access list, which lets other users of the same
 * machine read from it but not write, so that they cannot ask anything.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { dirname } from 'node:path'
import { BatonError } from '@baton/shared/errors'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { connectControl } from './client.ts'
import { checkSocketFolder, isPipe } from './folder.ts'

export interface ControlServer {
  /** Ends what is being answered, and removes the socket. Never rejects. */
  close(): Promise<void>
}

/** Rejects with `already-running`, naming the process, or `keyring-mode`. */
export async function serveControl(path: string, app: Hono): Promise<ControlServer> {
  const pipe = isPipe(path)
  if (!pipe) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  checkSocketFolder(path)
  await checkAlone(path)
  if (!pipe) rmSync(path, { force: true })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listen(server, path, pipe)
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      if (!pipe) rmSync(path, { force: true })
    },
  }
}

/** Rejects with `already-running` when a device of this home answers on the socket. */
export async function checkAlone(path: string): Promise<void> {
  const status = await connectControl(path)
    .status()
    .catch(() => undefined)
  if (status === undefined) return
  throw new BatonError(
    'already-running',
    `failed to start: process ${status.process.pid} already runs this device`,
    { hint: 'baton status shows it, baton down stops it; another BATON_HOME is another device' },
  )
}

function listen(server: Server, path: string, pipe: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'already-running' : 'invalid'
      reject(
        new BatonError(code, `failed to open the control socket: ${cause.code ?? 'unknown'}`, {
          cause,
          hint: 'baton doctor tells more',
        }),
      )
    })
    // The socket is bound before `listen` returns, so that it is never open to others.
    const before = process.umask(0o077)
    try {
      server.listen(path, () => {
        if (!pipe) chmodSync(path, 0o600)
        resolve()
      })
    } finally {
      process.umask(before)
    }
  })
}
