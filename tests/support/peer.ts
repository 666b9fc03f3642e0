/**
 * A device without pairing: repository, folds, source and exchange as the mesh wires them, joined to
 * another by an in-memory channel pair. For tests of sync and handing over.
 */

import { createDocuments, type DocumentKeeper } from '@baton/client/core/documents/documents'
import { openAcks } from '@baton/client/core/exchange/acks'
import { type Exchange, startExchange } from '@baton/client/core/exchange/exchange'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Channel } from '@baton/client/core/ports/channel'
import type { Keyring, Random, Trace } from '@baton/client/core/ports/platform'
import type { Source } from '@baton/client/core/ports/source'
import type { Store } from '@baton/client/core/ports/store'
import { type CutKeeper, createCuts } from '@baton/client/core/repo/cuts'
import { openRepository, type Repository } from '@baton/client/core/repo/repository'
import { createCut } from '@baton/client/core/sessions/cut'
import { deliverMethod } from '@baton/client/core/sessions/delivery'
import { createImporter } from '@baton/client/core/sessions/importer'
import { createLibrary, type Library } from '@baton/client/core/sessions/library'
import { createMerging } from '@baton/client/core/sessions/merging'
import { createPlacing, type Placing } from '@baton/client/core/sessions/placing'
import { createProjections } from '@baton/client/core/sessions/projections'
import { createReceipts, type Receipts } from '@baton/client/core/sessions/receipts'
import { createReceiver } from '@baton/client/core/sessions/receiver'
import { createSender } from '@baton/client/core/sessions/sender'
import { openSharing, type Sharing } from '@baton/client/core/sessions/sharing'
import { createTaking, type Taking } from '@baton/client/core/sessions/taking'
import { createTranscripts, type Transcripts } from '@baton/client/core/sessions/transcripts'
import { compareBytes } from '@baton/shared/bytes'
import { type DeviceId, deviceId, idBytes, type SessionId } from '@baton/shared/ids'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createMemoryKeyring } from './memory-keyring.ts'
import { nodePrimitives } from './signer.ts'
import { zlib } from './zlib.ts'

export interface TestPeer {
  readonly device: DeviceId
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: ManualClock
  readonly repository: Repository
  readonly cuts: CutKeeper
  readonly transcripts: Transcripts
  readonly documents: DocumentKeeper
  readonly sharing: Sharing
  readonly taking: Taking
  readonly receipts: Receipts
  readonly library: Library
  readonly placing: Placing
  readonly source: Source | undefined
  readonly traced: readonly string[]
  readonly send: ReturnType<typeof createSender>
  /** Starts an exchange over a channel whose other end is `peer`. */
  join(channel: Channel, peer: DeviceId): Promise<Exchange>
  exchange(peer: DeviceId): Exchange | undefined
}

export interface TestPeerOptions {
  readonly seed: number
  readonly source?: Source
  readonly store?: Store
  readonly knows?: (device: DeviceId) => boolean
  readonly clock?: ManualClock
  readonly random?: Random
}

export async function openTestPeer(options: TestPeerOptions): Promise<TestPeer> {
  const clock = options.clock ?? createManualClock()
  const store = options.store ?? createMemoryStore()
  const keyring = createMemoryKeyring(options.seed)
  let drawn = options.seed * 1000
  const random = options.random ?? {
    bytes: (length: number) => {
      drawn += 1
      return nodePrimitives.sha256(new TextEncoder().encode(`${drawn}`)).slice(0, length)
    },
  }
  const ports = { store, keyring, clock, random, deflate: zlib, primitives: nodePrimitives }
  const { sha256 } = nodePrimitives
  const traced: string[] = []
  const trace: Trace = (event, { error = '' } = {}) => void traced.push(`${event} ${error}`)
  const repository = await openRepository(ports)
  const cuts = createCuts()
  const transcripts = createTranscripts(repository, cuts, store, nodePrimitives)
  const projections = createProjections(store, sha256)
  const sharing = await openSharing(repository, sha256)
  const documents = createDocuments({ ...ports, repository, cuts, sharing })
  const receipts = createReceipts(store, nodePrimitives, trace)
  const placing = createPlacing({ repository, transcripts, projections, random })
  const merging = createMerging({ repository, transcripts, placing, sha256, trace })
  const importer = createImporter({ ...ports, repository, transcripts, projections })
  const sources = options.source ? [options.source] : []
  const library = createLibrary({
    repository,
    transcripts,
    projections,
    sharing,
    sha256,
    trace,
    sources,
  })
  const taking = createTaking({ library, importer })
  const device = deviceId(keyring.device)
  const exchanges = new Map<DeviceId, { exchange: Exchange; channel: Channel }>()
  const acksOf = new Map<DeviceId, Awaited<ReturnType<typeof openAcks>>>()
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const run of [...listeners]) run()
  }
  const receive = createReceiver({
    repository,
    transcripts,
    placing,
    merging,
    sharing,
    receipts,
    keyring,
    primitives: nodePrimitives,
    trace,
    sourceOf: (agent) => sources.find((source) => source.agent === agent),
    refresh: ({ session }) => taking.session(session, { thorough: true }),
    received: () => undefined,
  })

  const grew = (session: SessionId) => {
    for (const { exchange } of exchanges.values()) exchange.grew(session)
  }
  repository.onGrew(grew)
  sharing.onChange((session) => {
    grew(session)
    for (const { exchange } of exchanges.values()) exchange.reconsider()
  })

  return {
    device,
    store,
    keyring,
    clock,
    repository,
    cuts,
    transcripts,
    documents,
    sharing,
    taking,
    receipts,
    library,
    placing,
    source: options.source,
    traced,
    async join(channel, peer) {
      const acks = acksOf.get(peer) ?? (await openAcks(store, peer))
      acksOf.set(peer, acks)
      const exchange = startExchange({
        channel,
        repository,
        acks,
        deflate: zlib,
        primitives: nodePrimitives,
        clock,
        trace,
        offers: compareBytes(idBytes(device), idBytes(peer)) < 0,
        shared: () => sharing.sharedWith(peer),
        knows: options.knows ?? (() => true),
        shares: (session) => sharing.isShared(session, peer),
        accepts: (session, author) => sharing.accepts(session, peer, author),
        onAsk: (method, body) => {
          if (method !== deliverMethod) throw new Error('unknown question')
          return receive(peer, body)
        },
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
    exchange: (peer) => exchanges.get(peer)?.exchange,
    send: createSender({
      repository,
      transcripts,
      sharing,
      receipts,
      keyring,
      primitives: nodePrimitives,
      clock,
      trace,
      knows: options.knows ?? (() => true),
      cut: createCut({ transcripts, projections, library }),
      take: (ref, how) => taking.ref(ref, { ...how, thorough: true }),
      reach(peer) {
        const open = exchanges.get(peer)
        return (
          open && {
            exchange: open.exchange,
            facts: () => open.channel.facts(),
            diskTrouble: () => undefined,
          }
        )
      },
      acked(peer, session) {
        const acks = acksOf.get(peer)
        return !!acks && repository.heads(session).every(({ log, seq }) => acks.get(log) >= seq)
      },
      ackedBytes: () => 0,
      onChange(run) {
        listeners.add(run)
        return () => listeners.delete(run)
      },
      grew(session) {
        for (const { exchange } of exchanges.values()) exchange.grew(session)
      },
    }),
  }
}
