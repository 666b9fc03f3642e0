/**
 * A page as a peer: the one place that builds the adapters of a browser and joins them to the mesh. It
 * shows nothing. One page of an origin at a time runs the device (rule WB4, tabs/); the fence of the
 * store keeps one that lost its turn from writing.
 */
// Before any schema is made.
import './no-eval.ts'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { createMesh } from '../core/mesh.ts'
import type { Mesh } from '../core/mesh-api.ts'
import type { Trace } from '../core/ports/platform.ts'
import type { Kept } from '../core/tabs/page-mesh.ts'
import { createRendezvous } from '../rendezvous/client.ts'
import { createRtcDialer } from '../rtc/dialer.ts'
import { createClock } from './clock.ts'
import { openDatabase } from './database.ts'
import { describeAgent, detectPage } from './device-record.ts'
import { createKept } from './kept.ts'
import { openKeyring } from './keyring.ts'
import { createDeflate, createPrimitives, createRandom } from './platform.ts'
import { readingSources } from './reading.ts'
import { createSealing } from './sealing.ts'
import { openSignalSocket } from './signal-socket.ts'
import { evicted, openPageStore, type PageStore } from './store.ts'

export interface PagePeerOptions {
  /** Where devices meet: the origin of the page, unless the page was told another service. */
  readonly signaling: string
  /** Of the database; another name is another device. */
  readonly database?: string
  readonly trace?: Trace
  /** The device is no longer this page's: another one took it, or the browser removed it. */
  lost(error: BatonError): void
}

export interface PagePeer {
  readonly mesh: Mesh
  /** ms since 1970 by the clock of the service; undefined until it answered. */
  serverTime(): number | undefined
  /** The browser gave no room for what was written last. */
  isFull(): boolean
  /** Of the store: who opened it later has a higher one. */
  readonly term: number
  readonly kept: Kept
  written(): number | undefined
  now(): number
  /** Ends connections at once, so that the others know: for a page that is about to go. */
  leave(): void
  close(): Promise<void>
}

/** Rejects with `native-missing`, `store-newer`, `store-full` or `store-readonly`. */
export async function openPagePeer(options: PagePeerOptions): Promise<PagePeer> {
  const { database: name = 'baton', trace = () => {} } = options
  const clock = createClock()
  const random = createRandom()
  const primitives = await createPrimitives()
  let lose = (_error: BatonError) => {}
  const database = await openDatabase(name, {
    lost(why) {
      const error = why === 'evicted' ? evicted() : superseded()
      lose(error)
      options.lost(error)
    },
  })
  const { keyring, rows } = await openKeyring(database)
  const store = await openPageStore(database, createSealing(rows))
  const room = watchRoom(store)
  lose = store.lose
  const dialer = createRtcDialer({ webrtc: undefined, clock, trace, watchNetworks })
  const rendezvous = createRendezvous({
    server: options.signaling,
    clock,
    random,
    trace,
    socket: openSignalSocket,
  })
  const { browser, system } = describeAgent(navigator)
  const mesh = await createMesh(
    {
      store: room.store,
      keyring,
      primitives,
      clock,
      random,
      deflate: createDeflate(),
      dialer,
      rendezvous,
      sources: readingSources(),
      trace,
      ice: () => ({ servers: [], policy: 'auto' }),
    },
    {
      name: `${browser.split(' ')[0]} on ${system}`,
      platform: `${system}, ${browser}, page`,
      storeKind: 'indexeddb',
      record: detectPage(navigator),
    },
  )
  return {
    mesh,
    serverTime: rendezvous.serverTime,
    isFull: room.isFull,
    term: store.fence,
    kept: createKept(store),
    written: store.written,
    now: clock.now,
    leave: () => void dialer.close(),
    async close() {
      await mesh.close().catch(() => {})
      await rendezvous.close()
      await dialer.close()
      await store.close()
    },
  }
}

function watchNetworks(changed: () => void): () => void {
  addEventListener('online', changed)
  return () => removeEventListener('online', changed)
}

/** A browser says how much room there is only where it says no. */
function watchRoom(store: PageStore) {
  let full = false
  const watched: PageStore = {
    ...store,
    async write(batch) {
      try {
        await store.write(batch)
        full = false
      } catch (error) {
        full ||= isBatonError(error) && error.code === 'store-full'
        throw error
      }
    },
  }
  return { store: watched, isFull: () => full }
}

const superseded = () =>
  new BatonError('store-closed', 'failed to use the store: a newer version of this page took it', {
    hint: 'reload the page',
  })
