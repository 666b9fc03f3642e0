/**
 * Our side of the document rows: repository, documents and exchange as core/mesh.ts wires them, with
 * the ports of Node, and without what a document does not need (pairing, sources, handing over).
 */
import { createAhead } from '@baton/client/core/ahead/desk'
import { createDocuments, type DocumentKeeper } from '@baton/client/core/documents/documents'
import { openAcks } from '@baton/client/core/exchange/acks'
import { startExchange } from '@baton/client/core/exchange/exchange'
import type { Channel } from '@baton/client/core/ports/channel'
import type { Deflate } from '@baton/client/core/ports/platform'
import type { Store } from '@baton/client/core/ports/store'
import { createPresence } from '@baton/client/core/presence'
import { createCuts } from '@baton/client/core/repo/cuts'
import { openRepository, type Repository } from '@baton/client/core/repo/repository'
import { openSharing } from '@baton/client/core/sessions/sharing'
import {
  createClock,
  createDeflate,
  createPrimitives,
  createRandom,
} from '@baton/client/node/platform'
import { compareBytes } from '@baton/shared/bytes'
import { type DeviceId, idBytes } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import { createMemoryKeyring } from '../../support/memory-keyring.ts'

export interface Device {
  readonly id: DeviceId
  readonly repository: Repository
  readonly documents: DocumentKeeper
  /** Starts an exchange over a channel whose other end is `peer`. */
  join(channel: Channel, peer: DeviceId): Promise<void>
}

export interface DeviceOptions {
  readonly store: Store
  readonly primitives: Primitives
  /** 1 to 100: whose keys. */
  readonly seed?: number
  readonly deflate?: Deflate
}

export async function openDevice(options: DeviceOptions): Promise<Device> {
  const { store, primitives, seed = 1, deflate = createDeflate() } = options
  const keyring = createMemoryKeyring(seed)
  const ports = {
    store,
    primitives,
    keyring,
    clock: createClock(),
    random: createRandom(),
    deflate,
  }
  const repository = await openRepository(ports)
  const cuts = createCuts()
  const sharing = await openSharing({
    ...{ repository, cuts, sha256: primitives.sha256 },
    isOwn: () => true,
  })
  const ahead = createAhead({ ...ports, repository })
  const presence = createPresence(repository.device, ports.clock)
  const documents = createDocuments({
    ...ports,
    repository,
    cuts,
    sharing,
    ahead,
    presence,
  })
  const id = repository.device
  return {
    id,
    repository,
    documents,
    async join(channel, peer) {
      const exchange = startExchange({
        ...ports,
        channel,
        repository,
        acks: await openAcks(store, peer),
        trace: () => undefined,
        offers: compareBytes(idBytes(id), idBytes(peer)) < 0,
        shared: () => sharing.sharedWith(peer),
        knows: () => true,
        shares: (session) => sharing.isShared(session, peer),
        accepts: (session, author) => sharing.accepts(session, peer, author),
        onAsk: () => Promise.reject(new Error('nothing is asked here')),
        ahead: (of) => ahead.join(peer, of),
        presence: (of) => presence.join(peer, of),
        onSettled: () => undefined,
        onAcked: () => undefined,
        onTrouble: () => undefined,
      })
      const stop = repository.onGrew((session) => exchange.grew(session))
      channel.onClose(stop)
      sharing.onChange((session) => {
        exchange.grew(session)
        exchange.reconsider()
      })
    },
  }
}

/**
 * `verify` off: no signature is checked and no entry is hashed, so the chain is 32 zeros throughout;
 * all else is done as ever (decoding, schemas, limits, the names of sessions and blobs, sealing with
 * its tag where the store is sealed). Only for benchmarks: what the two columns differ by is what
 * verification costs.
 */
export async function primitivesFor(verify: boolean): Promise<Primitives> {
  const primitives = await createPrimitives()
  if (verify) return primitives
  const nothing = new Uint8Array(32)
  return {
    ...primitives,
    verify: () => true,
    sha256: (...parts) =>
      parts[0] !== undefined && isOfEntry(parts[0]) ? nothing : primitives.sha256(...parts),
  }
}

/** Input of the two hashes of an entry: begins with "ent\0" or "chn\0". */
function isOfEntry(input: Uint8Array): boolean {
  const name = String.fromCharCode(...input.subarray(0, 4))
  return name === 'ent\0' || name === 'chn\0'
}
