/**
 * One contact per paired device and one exchange per open channel (rules LK1 to LK4): who is
 * connected, over which path, and who still lacks what. Guests have a channel and no contact.
 */
import { compareBytes } from '@baton/shared/bytes'
import { type DeviceId, deviceId, idBytes, type LogId, type SessionId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import { caps } from '@baton/shared/protocol/version'
import type { AheadDesk } from './ahead/desk.ts'
import type { BoundChannel, PairedLink } from './contact/bind.ts'
import type { Contact, ContactHooks, Trouble } from './contact/contact.ts'
import { type Acks, hasAllOf, openAcks } from './exchange/acks.ts'
import { type Exchange, type StoreTrouble, startExchange } from './exchange/exchange.ts'
import { traceFault } from './fault.ts'
import type { PairRecord } from './pairing/memory.ts'
import type { Channel } from './ports/channel.ts'
import type { Clock, Deflate, Trace } from './ports/platform.ts'
import type { Store } from './ports/store.ts'
import type { Presence } from './presence.ts'
import type { Repository } from './repo/repository.ts'
import type { Seen } from './seen.ts'
import type { Reachable } from './sessions/sender.ts'

export interface LinksPorts {
  readonly repository: Repository
  readonly store: Store
  readonly primitives: Primitives
  readonly deflate: Deflate
  readonly clock: Clock
  readonly ahead: AheadDesk
  readonly presence: Presence
  readonly seen: Seen
  readonly trace: Trace
  readonly self: DeviceId
  openContact(record: PairRecord, hooks: ContactHooks, link: PairedLink | undefined): Contact
  /** Sessions that this device and `device` both may hold; the roster first. */
  shared(device: DeviceId): readonly SessionId[]
  shares(device: DeviceId, session: SessionId): boolean
  knows(device: DeviceId, session: SessionId): boolean
  /** Revoked: no link to it is kept or taken. */
  removed(device: DeviceId): boolean
  /** May `device` bring entries that `author` wrote? */
  accepts(device: DeviceId, session: SessionId, author: DeviceId): boolean
  answer(device: DeviceId, method: string, body: Uint8Array): Promise<Uint8Array>
  /** This device's own disk takes nothing, or again takes something (undefined). */
  onDiskTrouble(code: StoreTrouble | undefined): void
}

export interface Links {
  /** Keeps a paired device reachable from now on. */
  keep(record: PairRecord, link?: PairedLink): void
  /** Closes what there is to a device, which is told the reason, and listens for it no longer. */
  forget(device: DeviceId, reason?: string): void
  /** A device that is forgotten when its channel closes. */
  guest(link: PairedLink): void
  state(device: DeviceId): 'connected' | 'connecting' | 'offline'
  /** Why the device is not connected, since it last was. */
  trouble(device: DeviceId): Trouble | undefined
  /** ms since 1970 of the last moment it was connected. */
  lastSeen(device: DeviceId): number | undefined
  reach(device: DeviceId): Reachable | undefined
  connected(): readonly DeviceId[]
  /** Tells every open exchange that a session has more, or has more members. */
  grew(session: SessionId): void
  /** Who is known, or who may hold what, changed. */
  reconsider(): void
  acked(device: DeviceId, session: SessionId): boolean
  ackedBytes(device: DeviceId, session: SessionId): number
  /** What a device that was linked in this process acknowledged of a log as durable. */
  ackedTo(device: DeviceId, log: LogId): number | undefined
  onChange(run: (device: DeviceId) => void): () => void
  wake(device: DeviceId): void
  close(): Promise<void>
}

interface Peer {
  /** Id of the pair record that its contact stands on. */
  record: string | undefined
  contact: Contact | undefined
  channel: Channel | undefined
  exchange: Exchange | undefined
  acks: Acks | undefined
  trouble: Trouble | undefined
  diskTrouble: StoreTrouble | undefined
}

/** What a removed device is told at the end of its link. */
const removedReason = 'removed'

export function createLinks(ports: LinksPorts): Links {
  const peers = new Map<DeviceId, Peer>()
  const listeners = new Set<(device: DeviceId) => void>()

  /** Channels whose exchange finds that this device's disk takes nothing. */
  const full = new Set<Channel>()
  let diskTold: StoreTrouble | undefined

  function tellDisk(code: StoreTrouble | undefined): void {
    if (code === diskTold) return
    diskTold = code
    ports.onDiskTrouble(code)
  }

  // A link that closed with the disk full looks no more; the next thing that is stored shows room.
  const offGrew = ports.repository.onGrew(() => {
    if (full.size === 0) tellDisk(undefined)
  })

  const changed = (device: DeviceId) => {
    for (const run of [...listeners]) run(device)
  }

  function peerOf(device: DeviceId): Peer {
    const known = peers.get(device)
    if (known) return known
    const fresh: Peer = {
      record: undefined,
      contact: undefined,
      channel: undefined,
      exchange: undefined,
      acks: undefined,
      trouble: undefined,
      diskTrouble: undefined,
    }
    peers.set(device, fresh)
    return fresh
  }

  async function begin(bound: BoundChannel): Promise<void> {
    const device = deviceId(bound.device)
    const peer = peerOf(device)
    const { channel } = bound
    if (ports.removed(device)) return void channel.close(removedReason)
    peer.channel = channel
    peer.exchange = undefined
    peer.trouble = undefined
    peer.diskTrouble = undefined
    const gone = ports.seen.begin(device)
    channel.onClose(() => {
      full.delete(channel)
      if (peer.channel === channel) {
        peer.channel = undefined
        peer.exchange = undefined
      }
      gone()
      changed(device)
    })
    peer.acks ??= await openAcks(ports.store, device)
    // Closed or replaced meanwhile.
    if (peer.channel !== channel) return
    peer.exchange = startExchange({
      channel,
      repository: ports.repository,
      acks: peer.acks,
      deflate: ports.deflate,
      primitives: ports.primitives,
      clock: ports.clock,
      trace: ports.trace,
      offers: compareBytes(idBytes(ports.self), bound.device) < 0,
      shared: () => ports.shared(device),
      shares: (session) => ports.shares(device, session),
      knows: ports.knows,
      accepts: (session, author) => ports.accepts(device, session, author),
      onAsk: (method, body) => ports.answer(device, method, body),
      ahead: bound.caps & caps.ahead ? (of) => ports.ahead.join(device, of) : undefined,
      presence: bound.caps & caps.presence ? (of) => ports.presence.join(device, of) : undefined,
      onSettled: () => changed(device),
      onAcked: () => changed(device),
      onTrouble(whose, code) {
        if (whose === 'peer') peer.diskTrouble = code
        else if (code) {
          full.add(channel)
          tellDisk(code)
        } else {
          full.delete(channel)
          if (full.size === 0) tellDisk(undefined)
        }
        changed(device)
      },
    })
    changed(device)
  }

  function start(bound: BoundChannel): void {
    begin(bound).catch((error: unknown) => {
      traceFault(ports.trace, 'exchange.failed', error)
      void bound.channel.close('failed to begin')
    })
  }

  return {
    keep(record, link) {
      const device = deviceId(record.device)
      if (ports.removed(device)) return void link?.bound.channel.close(removedReason)
      const peer = peerOf(device)
      if (peer.contact && peer.record === record.id) return
      // Paired anew: the old root leads nowhere any more.
      void peer.contact?.close()
      peer.record = record.id
      const hooks: ContactHooks = {
        connected: start,
        disconnected: () => changed(device),
        trouble(trouble) {
          peer.trouble = trouble
          changed(device)
        },
      }
      peer.contact = ports.openContact(record, hooks, link)
    },
    forget(device, reason = removedReason) {
      const peer = peers.get(device)
      if (!peer) return
      peers.delete(device)
      const { channel } = peer
      peer.channel = undefined
      peer.exchange = undefined
      // Its reason goes first: closing the contact closes the channel, too.
      void Promise.resolve(channel?.close(reason)).then(() => peer.contact?.close())
      ports.seen.forget(device)
      changed(device)
    },
    guest(link) {
      const device = deviceId(link.bound.device)
      start(link.bound)
      link.bound.channel.onClose(() => {
        // It may have been paired, or have come again over another channel.
        const peer = peers.get(device)
        if (peer && !peer.contact && !peer.channel) {
          peers.delete(device)
          ports.seen.forget(device)
        }
      })
    },
    state(device) {
      const peer = peers.get(device)
      if (peer?.channel) return 'connected'
      return peer?.contact?.state() === 'connecting' ? 'connecting' : 'offline'
    },
    trouble: (device) => peers.get(device)?.trouble,
    lastSeen: ports.seen.last,
    reach(device) {
      const { channel, exchange } = peers.get(device) ?? {}
      if (!channel || !exchange) return undefined
      return {
        exchange,
        facts: () => channel.facts(),
        diskTrouble: () => peers.get(device)?.diskTrouble,
      }
    },
    connected: () => [...peers].filter(([, peer]) => peer.channel).map(([device]) => device),
    grew(session) {
      for (const { exchange } of peers.values()) exchange?.grew(session)
    },
    acked(device, session) {
      const acks = peers.get(device)?.acks
      return acks !== undefined && hasAllOf(acks, ports.repository, session)
    },
    ackedBytes(device, session) {
      const acks = peers.get(device)?.acks
      if (!acks) return 0
      return ports.repository.heads(session).reduce((sum, { log, seq, bytes }) => {
        return sum + (seq > 0 ? Math.round((bytes * Math.min(acks.get(log), seq)) / seq) : 0)
      }, 0)
    },
    ackedTo: (device, log) => peers.get(device)?.acks?.get(log),
    reconsider() {
      for (const { exchange } of peers.values()) exchange?.reconsider()
    },
    onChange(run) {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    wake: (device) => peers.get(device)?.contact?.wake(),
    async close() {
      offGrew()
      const all = [...peers.values()]
      await Promise.all(all.map((peer) => peer.contact?.close()))
      await Promise.all(all.map((peer) => peer.channel?.close('going down')))
    },
  }
}
