/** A session to a sealed file and from it into another device's store, each in this process. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Task } from '@baton/client/core/mesh-api'
import type { ExportEvent, ImportEvent } from '@baton/client/node/archive/desk'
import { findPlaces } from '@baton/client/node/paths'
import { openPeer, type Peer } from '@baton/client/node/peer'
import { agentFolder } from '../support/peer-process.ts'
import { transcripts, writeSession } from './devices.ts'
import type { Measure, Options } from './measure.ts'
import { memoryOf } from './processes.ts'

const mebi = 1_048_576
const words = 'words of the bench'

export async function measureArchive({ mib }: Options): Promise<Measure[]> {
  const root = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  const id = writeSession(join(root, 'alice'), transcripts, mib * mebi)
  const path = join(root, 'session.baton')
  try {
    const { timed: out, memory: writing } = await within(root, 'alice', (peer) =>
      timeline(peer.archives.export({ ref: id, path, to: { passphrase: words } })),
    )
    const { timed: back, memory: reading } = await within(root, 'bob', (peer) =>
      timeline(peer.archives.import({ path, passphrase: words })),
    )
    const rate = (seconds: number) => mib / seconds
    return [
      { name: 'file', value: statSync(path).size / mebi, unit: 'MiB' },
      { name: 'export', value: rate(out.end - out.of('writing')), unit: 'MiB/s' },
      { name: 'check', value: rate(back.of('storing') - back.of('checking')), unit: 'MiB/s' },
      { name: 'store', value: rate(back.end - back.of('storing')), unit: 'MiB/s' },
      { name: 'private memory, export', value: writing, unit: 'MiB' },
      { name: 'private memory, import', value: reading, unit: 'MiB' },
    ]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function within<T>(root: string, name: string, run: (peer: Peer) => Promise<T>) {
  const folder = join(root, name)
  const home = { BATON_HOME: join(folder, 'baton') }
  const where = { platform: process.platform, env: home, home: folder, temp: root, cwd: root }
  const peer = await openPeer({
    places: findPlaces(where),
    // Nobody is there: neither device has to meet anyone.
    signaling: 'http://127.0.0.1:9',
    ice: { servers: [], policy: 'auto' },
    name,
    home: folder,
    env: { CLAUDE_CONFIG_DIR: agentFolder(folder) },
  })
  let memory = 0
  const before = memoryOf([process.pid]).privateBytes
  const timer = setInterval(() => {
    memory = Math.max(memory, memoryOf([process.pid]).privateBytes - before)
  }, 100)
  try {
    return { timed: await run(peer), memory: memory / mebi }
  } finally {
    clearInterval(timer)
    await peer.close()
  }
}

/** Seconds at which each stage began, and the end. */
async function timeline<E extends ExportEvent | ImportEvent>({ events }: Task<E>) {
  const began = new Map<string, number>()
  for await (const event of events) {
    if (event.at === 'failed') throw new Error(event.message)
    if (!began.has(event.at)) began.set(event.at, performance.now() / 1000)
  }
  return { of: (at: E['at']) => began.get(at) ?? Number.NaN, end: performance.now() / 1000 }
}
