/**
 * A device without pairing: repository, folds, source and exchange as the mesh wires them, joined to
 * another by an in-memory channel pair. For tests of sync and handing over.
 */

import type { AheadDesk } from '@baton/client/core/ahead/desk'
import { type Checkpoints, createCheckpoints } from '@baton/client/core/checkpoints/checkpoints'
import { answerTrail, trailMethod } from '@baton/client/core/checkpoints/trails'
import type { DocumentKeeper } from '@baton/client/core/documents/documents'
import { hasAllOf } from '@baton/client/core/exchange/acks'
import type { Exchange } from '@baton/client/core/exchange/exchange'
import { createForkCare, type ForkCare } from '@baton/client/core/forks'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Channel } from '@baton/client/core/ports/channel'
import type { Keyring, Random, Trace } from '@baton/client/core/ports/platform'
import type { Source } from '@baton/client/core/ports/source'
import type { Store } from '@baton/client/core/ports/store'
import type { Presence } from '@baton/client/core/presence'
import type { CutKeeper } from '@baton/client/core/repo/cuts'
import type { Repository } from '@baton/client/core/repo/repository'
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
import type { Sharing } from '@baton/client/core/sessions/sharing'
import { createTaking, type Taking } from '@baton/client/core/sessions/taking'
import { createTranscripts, type Transcripts } from '@baton/client/core/sessions/transcripts'
import { openBarePeer } from '@baton/client/testing/peer'
import type { DeviceId } from '@baton/shared/ids'
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
  readonly ahead: AheadDesk
  readonly presence: Presence
  readonly transcripts: Transcripts
  readonly documents: DocumentKeeper
  /** Of a device that makes its logs smaller. */
  readonly checkpoints: Checkpoints | undefined
  readonly sharing: Sharing
  readonly taking: Taking
  readonly receipts: Receipts
  readonly library: Library
  readonly placing: Placing
  readonly source: Source | undefined
  readonly traced: readonly string[]
  readonly forks: ForkCare
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
  readonly keyring?: Keyring
  /** It makes its logs smaller, which devices of a mesh do not do yet. */
  readonly checkpoints?: boolean
}

export async function openTestPeer(options: TestPeerOptions): Promise<TestPeer> {
  const clock = options.clock ?? createManualClock()
  const store = options.store ?? createMemoryStore()
  const keyring = options.keyring ?? createMemoryKeyring(options.seed)
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
  const peer = await openBarePeer({
    ...ports,
    trace,
    ...(options.knows ? { knows: options.knows } : {}),
    async onAsk(from, method, body) {
      if (method === trailMethod) return await answerTrail(peer, from, body)
      if (method !== deliverMethod) throw new Error('unknown question')
      return receive(from, body)
    },
  })
  const { repository, sharing, documents, cuts } = peer
  const makeCheckpoints = () =>
    createCheckpoints({
      ...{ ...ports, repository, cuts, sharing, documents, trace },
      links: {
        ackedTo: (device, log) => peer.acks(device)?.get(log),
        reach: (device) => peer.exchange(device),
        onChange: (run) => peer.onChange(run),
      },
      devices: { isRemoved: () => false },
    })
  const checkpoints = options.checkpoints ? await makeCheckpoints() : undefined
  const transcripts = createTranscripts(repository, cuts, store, nodePrimitives, documents.state)
  const projections = createProjections(store, sha256)
  const receipts = createReceipts(store, nodePrimitives, trace)
  const sources = options.source ? [options.source] : []
  const found = { repository, transcripts, projections, sources, trace }
  const placing = createPlacing({ ...ports, ...found })
  const merging = createMerging({ repository, transcripts, placing, sha256, trace })
  const importer = createImporter({ ...ports, repository, transcripts, projections })
  const library = createLibrary({
    repository,
    transcripts,
    projections,
    sharing,
    documents,
    sha256,
    trace,
    sources,
  })
  const taking = createTaking({ library, importer })
  const forks = createForkCare({
    repository,
    cuts,
    store,
    primitives: nodePrimitives,
    transcripts,
    trace,
    told: (forked) => void traced.push(`forked ${forked === repository.device ? 'self' : 'other'}`),
  })
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

  return {
    device: peer.self,
    store,
    keyring,
    clock,
    repository,
    cuts,
    ahead: peer.ahead,
    presence: peer.presence,
    transcripts,
    documents,
    checkpoints,
    sharing,
    taking,
    receipts,
    library,
    placing,
    source: options.source,
    traced,
    forks,
    join: peer.join,
    exchange: (other) => peer.exchange(other)?.exchange,
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
      reach(other) {
        const open = peer.exchange(other)
        return (
          open && {
            exchange: open.exchange,
            facts: () => open.channel.facts(),
            diskTrouble: () => undefined,
          }
        )
      },
      acked(other, session) {
        const acks = peer.acks(other)
        return !!acks && hasAllOf(acks, repository, session)
      },
      ackedBytes: () => 0,
      onChange: peer.onChange,
      grew: peer.grew,
    }),
  }
}
