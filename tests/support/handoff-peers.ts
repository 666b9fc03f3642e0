/** Devices that hand sessions over, over channels that a test joins, cuts and flushes. */
import { createCheckpoints } from '@baton/client/core/checkpoints/checkpoints'
import { answerTrail, trailMethod } from '@baton/client/core/checkpoints/trails'
import { createForkCare } from '@baton/client/core/forks'
import { openHandoffs } from '@baton/client/core/handoff/handoffs'
import { createPlaces } from '@baton/client/core/handoff/places'
import { handoffMethod } from '@baton/client/core/handoff/ports'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Document, HandoffEvent, HandoffTask } from '@baton/client/core/mesh-api'
import type { Random } from '@baton/client/core/ports/platform'
import type { Store } from '@baton/client/core/ports/store'
import { createReceipts } from '@baton/client/core/sessions/receipts'
import { createTranscripts } from '@baton/client/core/sessions/transcripts'
import { openBarePeer } from '@baton/client/testing/peer'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, parseSessionId } from '@baton/shared/ids'
import { createChannelPair } from './channel-pair.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createMemoryKeyring } from './memory-keyring.ts'
import { nodePrimitives } from './signer.ts'
import { zlib } from './zlib.ts'

export interface HandoffPeerOptions {
  readonly store?: Store
  readonly capabilities?: readonly string[]
  /** Of the run: another one draws other numbers. */
  readonly run?: number
  readonly clock?: ManualClock
  readonly random?: Random
  /** Devices of the same person; all unless said otherwise. */
  readonly isOwn?: (device: DeviceId) => boolean
  /** It makes its logs smaller, as the devices of a mesh do. */
  readonly checkpoints?: boolean
}

export async function openHandoffPeer(seed: number, options: HandoffPeerOptions = {}) {
  const clock = options.clock ?? createManualClock()
  const store = options.store ?? createMemoryStore()
  let drawn = seed * 1000 + (options.run ?? 0) * 100_000
  const random = options.random ?? {
    bytes: (length: number) => {
      drawn += 1
      return nodePrimitives.sha256(new TextEncoder().encode(`${drawn}`)).slice(0, length)
    },
  }
  const traced: string[] = []
  const removed = new Set<DeviceId>()
  const roots = new Map<DeviceId, Uint8Array>()
  const ports = {
    ...{ store, clock, random, deflate: zlib, primitives: nodePrimitives },
    keyring: createMemoryKeyring(seed),
    trace: (event: string) => void traced.push(event),
    ...(options.isOwn && { isOwn: options.isOwn }),
  }
  const peer = await openBarePeer({
    ...ports,
    async onAsk(from, method, body): Promise<Uint8Array> {
      if (method === trailMethod) return answerTrail(peer, from, body)
      if (method !== handoffMethod) throw new BatonError('unsupported-version', 'unknown')
      return handoffs.receive(from, body)
    },
  })
  const receipts = createReceipts(store, nodePrimitives, ports.trace)
  const handoffs = await openHandoffs({
    ...ports,
    ...{ self: peer.self, repository: peer.repository, documents: peer.documents },
    receipts,
    ...{
      sharing: peer.sharing,
      cuts: peer.cuts,
      capabilities: options.capabilities ?? [],
      grew: peer.grew,
    },
    places: createPlaces(),
    named: async (ref) => parseSessionId(ref),
    title: (session) => peer.sharing.descriptor(session)?.title,
    knows: (device) => !removed.has(device),
    isRemoved: (device) => removed.has(device),
    isGuest: () => false,
    isOutside: () => false,
    admit: () => undefined,
    roots: () => roots,
    reach: (device) => peer.exchange(device),
    ackedTo: (device, log) => peer.acks(device)?.get(log),
    onLinks: peer.onChange,
  })
  const makeCheckpoints = () =>
    createCheckpoints({
      ...{ ...ports, ...peer },
      links: {
        ackedTo: (device, log) => peer.acks(device)?.get(log),
        reach: (device) => peer.exchange(device),
        onChange: (run) => peer.onChange(run),
      },
      devices: { isRemoved: (device) => removed.has(device) },
    })
  const checkpoints = options.checkpoints ? await makeCheckpoints() : undefined
  const { repository, cuts, documents } = peer
  const forks = createForkCare({
    ...{ repository, cuts, store, primitives: nodePrimitives, trace: ports.trace },
    transcripts: createTranscripts(repository, cuts, store, nodePrimitives, documents.state),
    told: () => undefined,
  })
  const { keyring } = ports
  const kept = {
    store,
    clock,
    handoffs,
    receipts,
    checkpoints,
    traced,
    removed,
    roots,
    keyring,
    forks,
  }
  return { ...peer, ...kept }
}

export type HandoffPeer = Awaited<ReturnType<typeof openHandoffPeer>>

export async function joinPeers(one: HandoffPeer, other: HandoffPeer) {
  const pair = createChannelPair({ auto: true })
  const root = nodePrimitives.sha256(new TextEncoder().encode([one.self, other.self].sort().join()))
  one.roots.set(other.self, root)
  other.roots.set(one.self, root)
  pair.alice.admit()
  pair.bob.admit()
  await Promise.all([one.join(pair.alice, other.self), other.join(pair.bob, one.self)])
  return pair
}

/** All that a task tells, to its end. */
export async function told(task: HandoffTask): Promise<HandoffEvent[]> {
  const events: HandoffEvent[] = []
  for await (const event of task.events) events.push(event)
  return events
}

export const stagesOf = (events: readonly HandoffEvent[]) => events.map(({ at }) => at)

/** Gives other work its turns until something is so. */
export async function soon<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let turn = 0; turn < 2000; turn++) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('it never became so')
}

/** Who holds a session, as each of them sees it, by their places in the list. */
export const holders = async (session: string, ...peers: readonly HandoffPeer[]) =>
  Promise.all(
    peers.map(async (peer) => {
      const { holder } = await peer.handoffs.holding(session)
      const at = peers.findIndex(({ self }) => self === holder)
      return at < 0 ? undefined : at
    }),
  )

export const shownBy = async (document: Document): Promise<unknown[]> =>
  (await document.history()).map(({ value }) => value)

/** A session that one device holds. */
export async function heldBy(peer: HandoffPeer, ...share: readonly DeviceId[]): Promise<Document> {
  const document = await peer.documents.create('agent', { title: 'held' })
  await document.say('begun')
  for (const device of share) await document.share(device, { write: true })
  return document
}
