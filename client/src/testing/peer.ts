/**
 * A device without pairing, for tests: repository, sharing, documents and one exchange per channel,
 * wired as the mesh wires them. Who is at the other end of a channel is the caller's word.
 */
import { compareBytes } from '@baton/shared/bytes'
import { type DeviceId, deviceId, idBytes, type SessionId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import { type AheadDesk, createAhead } from '../core/ahead/desk.ts'
import { createDocuments, type DocumentKeeper } from '../core/documents/documents.ts'
import { type Acks, openAcks } from '../core/exchange/acks.ts'
import { type Exchange, startExchange } from '../core/exchange/exchange.ts'
import type { Channel } from '../core/ports/channel.ts'
import type { Clock, Deflate, Keyring, Random, Trace } from '../core/ports/platform.ts'
import type { Store } from '../core/ports/store.ts'
import { createPresence, type Presence } from '../core/presence.ts'
import { type CutKeeper, createCuts } from '../core/repo/cuts.ts'
import { openRepository, type Repository } from '../core/repo/repository.ts'
import { openSharing, type Sharing } from '../core/sessions/sharing.ts'

export interface BarePeerPorts {
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly deflate: Deflate
  readonly primitives: Primitives
  readonly trace?: Trace
  /** Devices whose entries it takes; all unless said otherwise. */
  readonly knows?: (device: DeviceId) => boolean
  /** Devices of the same person; all unless said otherwise. */
  readonly isOwn?: (device: DeviceId) => boolean
  /** Answers what another device asks; nothing is known unless said otherwise. */
  readonly onAsk?: (peer: DeviceId, method: string, body: Uint8Array) => Promise<Uint8Array>
}

export interface OpenExchange {
  readonly exchange: Exchange
  readonly channel: Channel
}

export interface BarePeer {
  readonly self: DeviceId
  readonly repository: Repository
  readonly sharing: Sharing
  readonly documents: DocumentKeeper
  readonly cuts: CutKeeper
  readonly ahead: AheadDesk
  readonly presence: Presence
  /** Starts an exchange over an admitted channel whose other end is `peer`; ends with the channel. */
  join(channel: Channel, peer: DeviceId): Promise<Exchange>
  exchange(peer: DeviceId): OpenExchange | undefined
  acks(peer: DeviceId): Acks | undefined
  /** Tells every open exchange that a session has more. */
  grew(session: SessionId): void
  /** Runs when an exchange began, ended, settled, or heard what its peer holds. */
  onChange(run: () => void): () => void
}

export async function openBarePeer(ports: BarePeerPorts): Promise<BarePeer> {
  const { store, keyring, clock, deflate, primitives, trace = () => {} } = ports
  const self = deviceId(keyring.device)
  const repository = await openRepository(ports)
  const cuts = createCuts()
  const { isOwn = () => true } = ports
  const sharing = await openSharing({ repository, cuts, sha256: primitives.sha256, isOwn })
  const ahead = createAhead({ repository, clock, trace })
  const presence = createPresence(self, clock)
  const documents = createDocuments({ ...ports, repository, cuts, sharing, ahead, presence })
  const exchanges = new Map<DeviceId, OpenExchange>()
  const acksOf = new Map<DeviceId, Acks>()
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const run of [...listeners]) run()
  }
  const grew = (session: SessionId) => {
    for (const { exchange } of exchanges.values()) exchange.grew(session)
  }
  repository.onGrew(grew)
  sharing.onChange((session) => {
    grew(session)
    for (const { exchange } of exchanges.values()) exchange.reconsider()
  })

  return {
    self,
    repository,
    sharing,
    documents,
    cuts,
    ahead,
    presence,
    async join(channel, peer) {
      const acks = acksOf.get(peer) ?? (await openAcks(store, peer))
      acksOf.set(peer, acks)
      const exchange = startExchange({
        channel,
        repository,
        acks,
        deflate,
        primitives,
        clock,
        trace,
        offers: compareBytes(idBytes(self), idBytes(peer)) < 0,
        shared: () => sharing.sharedWith(peer),
        knows: ports.knows ?? (() => true),
        shares: (session) => sharing.isShared(session, peer),
        accepts: (session, author) => sharing.accepts(session, peer, author),
        onAsk: async (method, body) => {
          if (!ports.onAsk) throw new Error('unknown question')
          return await ports.onAsk(peer, method, body)
        },
        ahead: (of) => ahead.join(peer, of),
        presence: (of) => presence.join(peer, of),
        onSettled: changed,
        onAcked: changed,
        onTrouble: changed,
      })
      exchanges.set(peer, { exchange, channel })
      channel.onClose(() => {
        if (exchanges.get(peer)?.channel === channel) exchanges.delete(peer)
        changed()
      })
      changed()
      return exchange
    },
    exchange: (peer) => exchanges.get(peer),
    acks: (peer) => acksOf.get(peer),
    grew,
    onChange(run) {
      listeners.add(run)
      return () => listeners.delete(run)
    },
  }
}
