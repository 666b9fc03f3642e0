/** Inside the page: databases of a test's own, and devices that sync made of the page's adapters. */

import type { ChannelEnds } from '@baton/client/testing/channel'
import { openBarePeer } from '@baton/client/testing/peer'
import type { StorePlace } from '@baton/client/testing/store'
import type { SyncPeer, SyncWorld } from '@baton/client/testing/sync'
import { createClock } from '@baton/client/web/clock'
import { openDatabase } from '@baton/client/web/database'
import { openKeyring } from '@baton/client/web/keyring'
import { createDeflate, createPrimitives, createRandom } from '@baton/client/web/platform'
import { createSealing, newSealingKey } from '@baton/client/web/sealing'
import { openPageStore } from '@baton/client/web/store'

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))

let names = 0
const newName = () => `place-${names++}`
const open = (name: string) => openDatabase(name, { lost: () => {} })

export const newDatabase = () => open(newName())

/** A database of its own that can be opened again. */
export async function newPlace(): Promise<StorePlace> {
  const name = newName()
  const sealing = createSealing(await newSealingKey())
  return {
    lasting: true,
    open: async () => openPageStore(await open(name), sealing),
    remove: async () => void indexedDB.deleteDatabase(name),
  }
}

type Connect = () => Promise<
  Pick<ChannelEnds, 'alice' | 'bob' | 'lose'> & { close(): Promise<void> }
>

/** Three devices, each with keys and rows in a database of its own. */
export async function openWorld(connect: Connect): Promise<SyncWorld> {
  const devices = await Promise.all([newDevice(), newDevice(), newDevice()])
  const [one, two, three] = devices
  const closing: (() => Promise<void>)[] = []
  return {
    peers: [await one.start(), await two.start(), await three.start()],
    async connect() {
      const { close, ...ends } = await connect()
      closing.push(close)
      return ends
    },
    move: () => pause(4),
    async restart(index) {
      await devices[index]?.end()
      return await (devices[index] as (typeof devices)[0]).start()
    },
    async dispose() {
      for (const close of closing) await close()
      for (const { end } of devices) await end()
    },
  }
}

async function newDevice() {
  const name = newName()
  let end = async () => {}
  return {
    async start(): Promise<SyncPeer> {
      const database = await open(name)
      const { keyring, rows } = await openKeyring(database)
      const store = await openPageStore(database, createSealing(rows))
      end = () => store.close()
      return await openBarePeer({
        store,
        keyring,
        clock: createClock(),
        random: createRandom(),
        deflate: createDeflate(),
        primitives: await createPrimitives(),
      })
    },
    end: () => end(),
  }
}
