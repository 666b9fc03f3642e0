/**
 * The child's side of peer-process.ts: one real peer that answers over IPC, in this process. It is
 * told what to be by its first argument.
 */
import { appendFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mesh } from '@baton/client/core/mesh-api'
import { findPlaces } from '@baton/client/node/paths'
import { openPeer, type PeerOptions } from '@baton/client/node/peer'
import { isBatonError } from '@baton/shared/errors'
import type { Ask, PeerSetup, Told } from './peer-process.ts'

export const tell = (told: Told) => process.connected && process.send?.(told)
const codeOf = (error: unknown) => (isBatonError(error) ? error.code : String(error))

/** ms since 1970, on the clock that all processes of a machine share; finer than Date.now. */
export const now = (): number => performance.timeOrigin + performance.now()

/** `adapt`: how a benchmark looks at what passes the ports; `play`: what else it has a peer do. */
export interface ServeOptions extends Pick<PeerOptions, 'adapt'> {
  play?(mesh: Mesh, part: unknown): AsyncIterable<unknown>
}

export async function servePeer({ play, ...more }: ServeOptions = {}): Promise<void> {
  const started = performance.now()
  const setup = JSON.parse(process.argv[2] ?? '') as PeerSetup
  const wallClock = Date.now
  Date.now = () => wallClock() + (setup.aheadMs ?? 0)
  const log = join(setup.folder, 'trace.log')

  const peer = await openPeer({
    places: findPlaces({
      platform: process.platform,
      env: { BATON_HOME: join(setup.folder, 'baton') },
      home: setup.folder,
      temp: tmpdir(),
      cwd: setup.folder,
    }),
    signaling: setup.signaling,
    ice: { servers: [], policy: setup.policy ?? 'auto' },
    name: setup.name,
    home: join(setup.folder, 'home'),
    env: {},
    ...more,
    // For whoever looks into a failure; nothing reads it.
    trace(event, fields) {
      appendFileSync(log, `${new Date().toISOString()} ${event} ${JSON.stringify(fields ?? {})}\n`)
    },
  }).catch((error: unknown) => {
    tell({ at: 'refused', code: codeOf(error) })
    process.exit(1)
  })
  const { mesh } = peer

  async function* answer(ask: Ask): AsyncIterable<unknown> {
    switch (ask.kind) {
      case 'invite':
        return yield* mesh.invite({ qr: false, confirm: ask.confirm === true }).events
      case 'join':
        return yield* mesh.join(ask.code, { confirm: false }).events
      case 'send':
        return yield* mesh.send(ask.ref, ask.options).events
      case 'devices':
        return yield await mesh.devices()
      case 'sessions':
        return yield await mesh.sessions()
      case 'receipts':
        return yield await mesh.receipts()
      case 'play':
        if (play) return yield* play(mesh, ask.part)
        throw new Error('it plays nothing')
      case 'exit':
        await peer.close()
        process.exit(0)
    }
  }

  async function serve({ id, ...ask }: Ask & { readonly id: number }): Promise<void> {
    try {
      for await (const event of answer(ask)) tell({ at: 'event', id, event, when: now() })
      tell({ at: 'end', id })
    } catch (error) {
      tell({ at: 'end', id, error: codeOf(error) })
    }
  }

  mesh.watch((event) => tell({ at: 'mesh', event }))
  // Who was met while the mesh still opened was told to nobody.
  for (const device of await mesh.devices()) {
    if (!device.self) tell({ at: 'mesh', event: { kind: 'device', device } })
  }
  process.on('message', (ask: Ask & { id: number }) => void serve(ask))
  // A parent that died must not leave it running.
  process.on('disconnect', () => process.exit(1))
  tell({ at: 'ready', self: mesh.self, ms: Math.round(performance.now() - started) })
}
