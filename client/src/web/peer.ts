/**
 * A page as a peer: the one place that builds the adapters of a browser and joins them to the mesh. It
 * shows nothing. One page of an origin at a time holds the device (rule WB4); the fence of the store
 * keeps one that lost it from writing.
 */
// Before any schema is made.
import './no-eval.ts'
import { BatonError } from '@baton/shared/errors'
import { createMesh } from '../core/mesh.ts'
import type { Mesh } from '../core/mesh-api.ts'
import type { Trace } from '../core/ports/platform.ts'
import { createRendezvous } from '../rendezvous/client.ts'
import { createRtcDialer } from '../rtc/dialer.ts'
import { openDatabase } from './database.ts'
import { describeAgent, detectPage } from './device-record.ts'
import { openKeyring } from './keyring.ts'
import { createClock, createDeflate, createPrimitives, createRandom } from './platform.ts'
import { readingSources } from './reading.ts'
import { createSealing } from './sealing.ts'
import { openSignalSocket } from './signal-socket.ts'
import { evicted, openPageStore } from './store.ts'

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
      store,
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

const superseded = () =>
  new BatonError('store-closed', 'failed to use the store: a newer version of this page took it', {
    hint: 'reload the page',
  })
