/** Three devices of a seed each for the kit that syncs, over stores and channels of a test's choice. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Clock, Deflate, Random } from '@baton/client/core/ports/platform'
import type { Store } from '@baton/client/core/ports/store'
import { openBarePeer } from '@baton/client/testing/peer'
import type { SyncPeer, SyncWorld } from '@baton/client/testing/sync'
import { createManualClock } from './manual-clock.ts'
import { createMemoryKeyring } from './memory-keyring.ts'
import { seededRandom } from './pair-world.ts'
import { nodePrimitives } from './signer.ts'
import { zlib } from './zlib.ts'

/** Where a device keeps its rows; `end` is how its process ends before it is opened again. */
export interface Disk {
  open(): Promise<Store>
  end?(): Promise<void>
}

export interface WorldParts extends Pick<SyncWorld, 'connect' | 'move' | 'dispose'> {
  readonly disks?: readonly Disk[]
  readonly clock?: Clock
  readonly deflate?: Deflate
  /** What is done to each device before the kit sees it. */
  readonly spoil?: (peer: SyncPeer) => Partial<SyncPeer>
  readonly knows?: () => boolean
}

const memory = (): Disk => ({ open: async () => createMemoryStore() })

export async function openWorld(parts: WorldParts): Promise<SyncWorld> {
  const { clock = createManualClock(), deflate = zlib, spoil = () => ({}) } = parts
  const disks = parts.disks ?? [memory(), memory(), memory()]
  let started = 0
  const start = async (index: number): Promise<SyncPeer> => {
    const random: Random = seededRandom(`device ${index}, process ${started++}`)
    const peer = await openBarePeer({
      store: await (disks[index] as Disk).open(),
      keyring: createMemoryKeyring(index + 1),
      clock,
      random,
      deflate,
      primitives: nodePrimitives,
      ...(parts.knows ? { knows: parts.knows } : {}),
    })
    return { ...peer, ...spoil(peer) }
  }
  const { connect, move, dispose } = parts
  return {
    peers: [await start(0), await start(1), await start(2)],
    connect,
    move,
    dispose,
    ...(disks.every(({ end }) => end)
      ? {
          async restart(index: number) {
            await disks[index]?.end?.()
            return await start(index)
          },
        }
      : {}),
  }
}
