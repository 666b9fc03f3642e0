/**
 * Whole meshes without sockets, disks of their own or WebRTC: memory stores and signaling, fake
 * connections, real agent folders. A pump moves what waits, so time is the machine's own.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { createMemoryStore } from '@baton/client/core/memory/store'
import { createMesh } from '@baton/client/core/mesh'
import type { Mesh } from '@baton/client/core/mesh-api'
import type { Random } from '@baton/client/core/ports/platform'
import type { Store } from '@baton/client/core/ports/store'
import { createClock, createRandom } from '@baton/client/node/platform'
import { createClaudeCodeSource } from '@baton/client/node/sources/claude-code/source'
import { onTestFinished } from 'vitest'
import { createFakeNetwork } from './fake-network.ts'
import { createMemoryKeyring } from './memory-keyring.ts'
import { createMemorySignaling } from './memory-rendezvous.ts'
import { nodePrimitives } from './signer.ts'
import { zlib } from './zlib.ts'

export interface MeshHome {
  readonly name: string
  readonly configDir: string
  readonly store: Store
  /** A process of the device; the store and the keys outlive it. */
  start(): Promise<Mesh>
}

export function createMeshWorld(root: string) {
  const clock = createClock()
  const signaling = createMemorySignaling({ clock })
  const network = createFakeNetwork(clock)
  let pumping = true
  const pump = async () => {
    while (pumping) {
      await signaling.flush()
      for (const pair of network.pairs) await pair.flush()
      await turn()
    }
  }
  const pumped = pump()
  onTestFinished(async () => {
    pumping = false
    await pumped
  })

  function home(
    name: string,
    seed: number,
    configDir = join(root, name, '.claude'),
    random: Random = createRandom(),
  ): MeshHome {
    mkdirSync(configDir, { recursive: true })
    const store = createMemoryStore()
    const keyring = createMemoryKeyring(seed)
    return {
      name,
      configDir,
      store,
      async start() {
        const { sha256 } = nodePrimitives
        const mesh = await createMesh(
          {
            store: { ...store, close: async () => undefined },
            keyring,
            primitives: nodePrimitives,
            clock,
            random,
            deflate: zlib,
            dialer: network.dialer(),
            rendezvous: signaling.client(),
            sources: [createClaudeCodeSource({ sha256, clock, configDir })],
            trace: () => undefined,
            ice: () => ({ servers: [], policy: 'auto' }),
          },
          {
            name,
            platform: 'test',
            storeKind: 'memory',
            record: { type: 'server', capabilities: [] },
          },
        )
        onTestFinished(() => mesh.close())
        return mesh
      },
    }
  }

  return { home, network }
}

/** The first event that is at `at`; a `failed` one fails the test. */
export async function until<E extends { at: string }>(events: AsyncIterable<E>, at: E['at']) {
  for await (const event of events) {
    if (event.at === at) return event
    if (event.at === 'failed') throw new Error(JSON.stringify(event))
  }
  throw new Error(`it ended before ${at}`)
}

/** Looks again until `look` gives something. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await turn()
  }
}

/** Alice shows a code and bob types it. */
export async function pair(alice: Mesh, bob: Mesh, guest = false) {
  const invite = alice.invite({ qr: false, confirm: false, guest })
  const events = invite.events[Symbol.asyncIterator]()
  for (;;) {
    const { value } = await events.next()
    if (value?.at !== 'code') continue
    const [paired, joined] = await Promise.allSettled([
      until({ [Symbol.asyncIterator]: () => events }, 'paired'),
      until(bob.join(value.code, { confirm: false }).events, 'paired'),
    ])
    if (paired.status === 'rejected') throw paired.reason
    if (joined.status === 'rejected') throw joined.reason
    return { paired: paired.value, joined: joined.value }
  }
}
