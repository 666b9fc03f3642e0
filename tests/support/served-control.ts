/** A control socket over a mesh of doubles. */
import { join } from 'node:path'
import { createControl } from '@baton/client/node/control/app'
import { connectControl } from '@baton/client/node/control/client'
import { serveControl } from '@baton/client/node/control/serve'
import { onTestFinished, vi } from 'vitest'
import { createFakeMesh, type FakeParts, noArchiveFiles } from './fake-mesh.ts'
import { tempFolder } from './temp.ts'

export const facts = {
  pid: 4711,
  version: '0.1.0',
  startedAt: 0,
  embedded: true,
  beyond: false,
  confirm: false,
  keys: 'files' as const,
  ice: { servers: 0, policy: 'auto' as const },
}
export const rest = { archives: noArchiveFiles, facts: () => facts }

/** Served, with its client, until the test ends. */
export async function openControl(parts: FakeParts = {}) {
  const mesh = createFakeMesh(parts)
  const path = join(tempFolder('control'), 'run', 'control.sock')
  const stop = vi.fn()
  const serve = () => serveControl(path, createControl({ mesh, ...rest, stop }))
  const server = await serve()
  onTestFinished(() => server.close())
  return { mesh, path, stop, serve, server, control: connectControl(path) }
}
