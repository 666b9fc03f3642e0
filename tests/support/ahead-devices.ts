/** A device that writes, and others that watch it over channels which move when a test says so. */
import type { Document } from '@baton/client/core/mesh-api'
import type { Store } from '@baton/client/core/ports/store'
import { encodeSync, parseSync, type SyncMessage } from '@baton/shared/protocol/sync-messages'
import { type ChannelPair, createChannelPair } from './channel-pair.ts'
import { openTestPeer, type TestPeer } from './peer.ts'

export interface Watching {
  readonly peer: TestPeer
  readonly pair: ChannelPair
  readonly document: Document
  /** What passed from the one that writes; those for which `lose` is true do not arrive. */
  readonly heard: readonly SyncMessage[]
  /** What it answered. */
  readonly said: readonly SyncMessage[]
  lose: (message: SyncMessage) => boolean
  /** What arrives in place of a message. */
  change: (message: SyncMessage) => SyncMessage['form']
}

export interface AheadDevices {
  readonly alice: TestPeer
  readonly here: Document
  /** Another device that watches; not shared with: it may not see the session. */
  join(seed: number, how?: { readonly share?: boolean; readonly store?: Store }): Promise<Watching>
  /** Joins two that met before, anew. */
  again(watching: Watching): Promise<Watching>
  /** Time goes on everywhere, and all that moves by it arrives. */
  elapse(ms: number): Promise<void>
  flush(): Promise<void>
}

export async function aheadDevices(store?: Store): Promise<AheadDevices> {
  const alice = await openTestPeer({ seed: 1, ...(store ? { store } : {}) })
  const here = await alice.documents.create('agent', { title: 'one' })
  const all = new Set<Watching>()
  const flush = async () => {
    for (const { pair } of all) await pair.flush()
  }

  async function connect(peer: TestPeer, document?: Document): Promise<Watching> {
    const pair = createChannelPair()
    pair.alice.admit()
    pair.bob.admit()
    const heard: SyncMessage[] = []
    const said: SyncMessage[] = []
    const watching: { -readonly [K in keyof Watching]: Watching[K] } = {
      ...{
        peer,
        pair,
        heard,
        said,
        lose: () => false,
        change: ({ form }) => form,
        document: document as Document,
      },
    }
    const tapped: typeof pair.alice = {
      ...pair.alice,
      send(lane, bytes) {
        const message = parseSync(bytes)
        if (message) heard.push(message)
        if (message && watching.lose(message)) return Promise.resolve()
        return pair.alice.send(lane, message ? encodeSync(watching.change(message)) : bytes)
      },
    }
    const back: typeof pair.bob = {
      ...pair.bob,
      send(lane, bytes) {
        const message = parseSync(bytes)
        if (message) said.push(message)
        return pair.bob.send(lane, bytes)
      },
    }
    await Promise.all([alice.join(tapped, peer.device), peer.join(back, alice.device)])
    pair.alice.onClose(() => all.delete(watching))
    all.add(watching)
    await pair.flush()
    if (!document && alice.sharing.members(here.session).has(peer.device)) {
      watching.document = await peer.documents.open(here.session)
    }
    return watching
  }

  return {
    alice,
    here,
    async join(seed, { share = true, store: kept } = {}) {
      const peer = await openTestPeer({ seed, ...(kept ? { store: kept } : {}) })
      if (share) await here.share(peer.device)
      return connect(peer)
    },
    again: ({ peer, document }) => connect(peer, document),
    async elapse(ms) {
      await alice.clock.elapse(ms)
      await flush()
      for (const { peer } of all) await peer.clock.elapse(ms)
    },
    flush,
  }
}
