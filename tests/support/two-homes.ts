/** Two devices with folders of their own around a real service: the setting of most real tests. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SignalingOptions } from '@baton/signaling/signaling'
import { onTestFinished } from 'vitest'
import { type PeerProcess, type PeerSetup, startPeer } from './peer-process.ts'
import { startSignaling } from './signaling.ts'
import { tempFolder } from './temp.ts'

export interface TwoHomes {
  readonly root: string
  /** A folder on both devices that sessions are placed for. */
  readonly project: string
  readonly signaling: Awaited<ReturnType<typeof startSignaling>>
  readonly folder: (name: string) => string
  /** Starts a device on its folder, new or again. It is stopped with the test. */
  start(name: string, more?: Partial<PeerSetup>): Promise<PeerProcess>
}

export async function twoHomes(
  child: string,
  name: string,
  service: SignalingOptions = {},
): Promise<TwoHomes> {
  const root = tempFolder(name)
  const project = join(root, 'project')
  mkdirSync(project)
  const signaling = await startSignaling(service)
  onTestFinished(() => signaling.close())
  const folder = (of: string) => join(root, of)
  return {
    root,
    project,
    signaling,
    folder,
    async start(of, more = {}) {
      mkdirSync(folder(of), { recursive: true })
      const setup = { folder: folder(of), signaling: signaling.url, name: of, ...more }
      const peer = await startPeer(child, setup)
      onTestFinished(() => peer.stop())
      return peer
    },
  }
}
