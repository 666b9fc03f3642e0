/**
 * Two devices that sync: real repositories on disks that misbehave on demand, and one exchange each
 * over a fake channel. Every message that passes is kept as a test's evidence, and may be lost or
 * changed on its way.
 */
import { inflateRawSync } from 'node:zlib'
import { type Acks, openAcks } from '@baton/client/core/exchange/acks'
import type { OnAsk } from '@baton/client/core/exchange/asking'
import { splitBatch } from '@baton/client/core/exchange/batching'
import {
  type Exchange,
  type StoreTrouble,
  startExchange,
} from '@baton/client/core/exchange/exchange'
import type { Channel, ChannelEnd, Lane } from '@baton/client/core/ports/channel'
import type { Deflate } from '@baton/client/core/ports/platform'
import { type Bytes, compareBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, idBytes, type SessionId } from '@baton/shared/ids'
import { type Delta, decodeDelta, lastSeq } from '@baton/shared/log/delta'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRecord } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import {
  encodeSync,
  parseSync,
  type SyncForm,
  type SyncMessage,
  type syncTypes,
} from '@baton/shared/protocol/sync-messages'
import { type ChannelPair, createChannelPair } from './channel-pair.ts'
import { createFaultyDisk, type FaultyDisk } from './faulty-store.ts'
import { pattern } from './link-pair.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { openTestRepo, type TestRepo } from './repo.ts'
import { nodePrimitives, session } from './signer.ts'
import { zlib } from './zlib.ts'

export const sessions: readonly SessionId[] = [session(1), session(2), session(3)]
export const [one, two] = sessions as [SessionId, SessionId]

/** A device; what decides who may hold what is the test's to set. */
export interface Side {
  readonly seed: number
  readonly disk: FaultyDisk
  readonly clock: ManualClock
  readonly repo: TestRepo
  readonly device: DeviceId
  readonly acksOf: Map<DeviceId, Acks>
  readonly exchanges: Set<Exchange>
  /** What it was told of disks, and the events of its trace. */
  readonly troubles: (readonly ['own' | 'peer', StoreTrouble | undefined])[]
  readonly traced: string[]
  settled: boolean | undefined
  shares(session: SessionId): boolean
  knows(device: DeviceId): boolean
  accepts(session: SessionId, author: DeviceId): boolean
  answer: OnAsk
  deflate: Deflate
}

export async function openSide(seed: number, disk = createFaultyDisk(() => 0)): Promise<Side> {
  const clock = createManualClock()
  const repo = await openTestRepo(seed, { store: await disk.open(), clock })
  const exchanges = new Set<Exchange>()
  repo.onGrew((grown) => {
    for (const exchange of exchanges) exchange.grew(grown)
  })
  return {
    seed,
    disk,
    clock,
    repo,
    device: repo.device,
    acksOf: new Map(),
    exchanges,
    troubles: [],
    traced: [],
    settled: undefined,
    shares: () => true,
    knows: () => true,
    accepts: () => true,
    answer: async (_method, body) => body,
    deflate: zlib,
  }
}

/** Entries of bytes that do not shrink, in one write. */
export const appendNoise = (side: Side, id: SessionId, ...sizes: number[]): Promise<void> =>
  side.repo.write(id, (to) => {
    for (const [i, size] of sizes.entries()) {
      const content = { inline: pattern(size, size + i) }
      to.append(kinds.record, encodeRecord({ epoch: 0, file: mainFile, base: undefined, content }))
    }
    return []
  })

/** An entry that names a blob of its own, which is returned with its name. */
export async function appendBlob(side: Side, id: SessionId, size: number) {
  const content = pattern(size, size)
  const blob = await side.repo.blobs.add(async function* () {
    yield content
  })
  await side.repo.write(id, (to) => {
    const named = { blob: blob.hash, bytes: size }
    const record = { epoch: 0, file: mainFile, base: undefined, content: named }
    to.append(kinds.record, encodeRecord(record))
    return []
  })
  return { hash: blob.hash, content }
}

/** The process of a device dies and another one starts: what was flushed is there. */
export function restart(side: Side): Promise<Side> {
  side.disk.crash()
  return openSide(side.seed, side.disk)
}

/** Starts an exchange of `side` with `peer`, as the links of a mesh do. */
export async function startSide(side: Side, peer: DeviceId, channel: Channel): Promise<Exchange> {
  const acks = side.acksOf.get(peer) ?? (await openAcks(side.repo.store, peer))
  side.acksOf.set(peer, acks)
  const exchange = startExchange({
    channel,
    repository: side.repo,
    acks,
    deflate: {
      deflate: (bytes) => side.deflate.deflate(bytes),
      inflate: (bytes, max) => side.deflate.inflate(bytes, max),
    },
    primitives: nodePrimitives,
    clock: side.clock,
    trace: (event, { error } = {}) => void side.traced.push(error ? `${event} ${error}` : event),
    offers: compareBytes(idBytes(side.device), idBytes(peer)) < 0,
    shared: () => sessions.filter((id) => side.shares(id)),
    shares: (id) => side.shares(id),
    knows: (device) => side.knows(device),
    accepts: (id, author) => side.accepts(id, author),
    onAsk: (method, body) => side.answer(method, body),
    ahead: undefined,
    presence: undefined,
    onSettled(settled) {
      side.settled = settled
    },
    onAcked: () => undefined,
    onTrouble: (whose, code) => void side.troubles.push([whose, code]),
  })
  side.exchanges.add(exchange)
  channel.onClose(() => side.exchanges.delete(exchange))
  return exchange
}

/** A message as it passed. */
export interface Passed {
  readonly from: 'alice' | 'bob'
  readonly lane: Lane
  readonly kind: SyncMessage['kind'] | undefined
  readonly bytes: Bytes
}

export interface Linked {
  readonly pair: ChannelPair
  readonly alice: Exchange
  readonly bob: Exchange
  /** Everything either side sent, in the order of sending, lost messages too. */
  readonly wire: readonly Passed[]
  readonly end: ChannelEnd | undefined
  flush(): Promise<void>
}

export interface LinkOptions {
  /** What arrives in place of a message; undefined loses it. */
  readonly alter?: (message: Passed, index: number) => Bytes | undefined
  /** The channel is lost before the exchanges start. */
  readonly closed?: boolean
}

export async function link(alice: Side, bob: Side, options: LinkOptions = {}): Promise<Linked> {
  const pair = createChannelPair()
  pair.alice.admit()
  pair.bob.admit()
  const wire: Passed[] = []
  let end: ChannelEnd | undefined
  pair.alice.onClose((how) => {
    end = how
  })
  const tapped = (from: 'alice' | 'bob', channel: Channel): Channel => ({
    ...channel,
    send(lane, bytes) {
      const message = { from, lane, kind: parseSync(bytes)?.kind, bytes }
      const index = wire.push(message) - 1
      const arrives = options.alter ? options.alter(message, index) : bytes
      return arrives ? channel.send(lane, arrives) : Promise.resolve()
    },
  })
  if (options.closed) pair.cut()
  const [ofAlice, ofBob] = await Promise.all([
    startSide(alice, bob.device, tapped('alice', pair.alice)),
    startSide(bob, alice.device, tapped('bob', pair.bob)),
  ])
  return {
    pair,
    alice: ofAlice,
    bob: ofBob,
    wire,
    get end() {
      return end
    },
    flush: pair.flush,
  }
}

/** `kind` of each message of one side, with its lane where that is not the live one. */
export const said = (wire: readonly Passed[], from: 'alice' | 'bob'): string[] =>
  wire
    .filter((message) => message.from === from)
    .map(({ kind, lane }) => `${kind}${lane === 'live' ? '' : ` ${lane}`}`)

/** What a peer is that follows no protocol: it says what a test says, and keeps what it hears. */
export interface RawPeer {
  readonly heard: readonly SyncMessage[]
  readonly end: ChannelEnd | undefined
  readonly pair: ChannelPair
  say(form: SyncForm<keyof typeof syncTypes>, lane?: Lane): void
  sayBytes(bytes: Bytes, lane?: Lane): void
  flush(): Promise<void>
}

export async function rawPeer(side: Side, device: DeviceId): Promise<RawPeer> {
  const pair = createChannelPair()
  pair.alice.admit()
  pair.bob.admit()
  const heard: SyncMessage[] = []
  let end: ChannelEnd | undefined
  pair.bob.onClose((how) => {
    end = how
  })
  pair.bob.receive((_lane, bytes) => {
    const message = parseSync(bytes)
    if (message) heard.push(message)
  })
  await startSide(side, device, pair.alice)
  return {
    heard,
    pair,
    get end() {
      return end
    },
    say: (form, lane = 'live') => void pair.bob.send(lane, encodeSync(form)),
    sayBytes: (bytes, lane = 'live') => void pair.bob.send(lane, bytes),
    flush: pair.flush,
  }
}

/** Throws unless both hold the same entries of every session. */
export function checkSame(alice: Side, bob: Side): void {
  for (const id of sessions) {
    const [left, right] = [alice, bob].map(({ repo }) => Buffer.from(repo.frontier(id)))
    if (!left?.equals(right as Buffer)) throw new BatonError('invalid', 'they differ')
  }
}

/** The runs of entries in messages, in order: log, and the seqs from behind `after` up to `to`. */
export function runsOf(wire: readonly Passed[], { resolve }: TestRepo) {
  return wire
    .flatMap(({ bytes }) => deltasOf(bytes, resolve))
    .map((delta) => ({ log: delta.log, after: delta.after, to: lastSeq(delta) }))
}

function deltasOf(bytes: Bytes, resolve: TestRepo['resolve']): Delta[] {
  const message = parseSync(bytes)
  if (message?.kind === 'delta') return [decodeDelta(message.form[1])]
  if (message?.kind === 'batch') {
    const [, raw, packed] = message.form
    return [...splitBatch(raw === 0 ? packed : inflateRawSync(packed))].map(decodeDelta)
  }
  if (message?.kind === 'runs') {
    return message.form[1].map(([raw, packed]) =>
      decodeDelta(raw === 0 ? packed : new Uint8Array(inflateRawSync(packed))),
    )
  }
  if (message?.kind !== 'shortDelta') return []
  const [, name, after, bodies, signature] = message.form
  const log = resolve(name)
  if (log === undefined) throw new BatonError('invalid', 'a name that means no log')
  return [{ log, after, bodies, signature }]
}

/** Throws unless each knows that the other holds all it holds. */
export function checkAcked(alice: Side, bob: Side): void {
  for (const [side, peer] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const acks = side.acksOf.get(peer.device)
    for (const { log, seq } of sessions.flatMap((id) => side.repo.heads(id))) {
      if (acks?.get(log) !== seq) throw new BatonError('invalid', 'not all is acknowledged')
    }
  }
}
