/**
 * A signaling service in memory, and its clients: the double for the Rendezvous port. It runs no
 * transport and no rate limits; everything else is the port's meaning (tests/contract/rendezvous.ts).
 */
import type {
  Listening,
  ListenKey,
  Rendezvous,
  Slot,
  SlotEvent,
} from '@baton/client/core/ports/rendezvous'
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxQueueBytes, maxQueueMessages, slotClaims, slotLifeMs } from '@baton/shared/limits'
import { pureSha256 } from '@baton/shared/primitives'
import { listenChallenge } from '@baton/shared/protocol/rendezvous'
import { ed25519 } from '@noble/curves/ed25519.js'
import { checkBlob, type End, newEnd, noRoom, type Room, type Side } from './memory-rooms.ts'

export interface Passing {
  readonly nameplate: string
  readonly from: Side
  readonly blob: Bytes
}

export interface MemoryOptions {
  /** Without one, codes never expire. */
  readonly clock?: { now(): number; after(ms: number, run: () => void): () => void }
  /** What a hostile service makes of a slot message: the blobs delivered instead of it. */
  readonly intercept?: (passing: Passing) => readonly Bytes[]
}

export interface MemorySignaling {
  /** One device's client. */
  client(): Rendezvous
  /** While it is down, requests reject and nothing is delivered. */
  setUp(up: boolean): void
  /** Forgets every slot and mailbox, as a restart does; listeners come back by themselves. */
  restart(): void
  /** Every blob it was given, in order. */
  readonly seen: readonly Bytes[]
  /** Resolves when everything under way was delivered. */
  flush(): Promise<void>
}

interface Listener {
  readonly key: ListenKey
  readonly handler: (blob: Bytes) => void
  readonly rendezvous: object
}

export function createMemorySignaling(options: MemoryOptions = {}): MemorySignaling {
  const server = 'http://signaling.test'
  const rooms = new Map<string, Room>()
  const spent = new Set<string>()
  const listeners = new Map<string, Listener[]>()
  const clients = new Set<(up: boolean) => void>()
  const seen: Bytes[] = []
  let up = true
  let next = 100
  let underWay = 0

  async function online(): Promise<void> {
    await later(() => {})
    if (!up) throw new BatonError('signaling-unreachable', 'failed to reach the signaling service')
  }

  function later(run: () => void): Promise<void> {
    underWay++
    return Promise.resolve().then(() => {
      underWay--
      run()
    })
  }

  function tell(end: End | undefined, event: SlotEvent, facing?: End): void {
    if (!end || end.ended) return
    if (event.kind === 'ended') end.ended = true
    void later(() => {
      if (event.kind === 'claimed') end.facing = facing
      if (event.kind === 'released') end.facing = undefined
      if (end.handler) end.handler(event)
      else end.kept.push(event)
    })
  }

  function endRoom(room: Room, reason: 'closed' | 'expired' | 'lost'): void {
    if (!rooms.delete(room.nameplate)) return
    spent.add(room.nameplate)
    room.cancelExpiry?.()
    tell(room.inviter, { kind: 'ended', reason })
    tell(room.joiner, { kind: 'ended', reason })
  }

  function vacate(room: Room, reason: 'closed' | 'lost'): void {
    const { joiner } = room
    if (!joiner) return
    room.joiner = undefined
    tell(joiner, { kind: 'ended', reason })
    tell(room.inviter, { kind: 'released' })
  }

  function pass(room: Room, side: Side, from: End, blob: Bytes): void {
    checkBlob(blob)
    if (from.ended) throw new BatonError('signaling-lost', 'failed to send: the slot has ended')
    from.sent++
    from.sentBytes += blob.length
    if (from.sent > maxQueueMessages || from.sentBytes > maxQueueBytes) {
      throw new BatonError('signaling-full', 'failed to send: the slot is full')
    }
    seen.push(blob)
    const to = side === 'joiner' ? room.inviter : room.joiner
    if (!to || (side === 'inviter' && from.facing !== to)) return
    const blobs = options.intercept?.({ nameplate: room.nameplate, from: side, blob }) ?? [blob]
    for (const each of blobs) tell(to, { kind: 'message', blob: each })
  }

  function slotOf(room: Room, side: Side, end: End): Slot {
    return {
      nameplate: room.nameplate,
      sid: room.sid,
      async send(blob) {
        await online()
        pass(room, side, end, blob)
      },
      onEvent(handler) {
        end.handler = handler
        for (const event of end.kept.splice(0)) handler(event)
      },
      async release() {
        await online()
        if (side === 'inviter' && end.facing === room.joiner) vacate(room, 'closed')
      },
      async close() {
        if (end.ended) return
        end.ended = true
        end.handler = () => {}
        if (side === 'inviter') endRoom(room, 'closed')
        else if (room.joiner === end) vacate(room, 'closed')
      },
    }
  }

  function client(): Rendezvous {
    const self = {}
    const watchers = new Set<(state: 'up' | 'down') => void>()
    let lastState: 'up' | 'down' | undefined
    const mine = new Set<Slot>()
    const setState = (now: boolean) => {
      const state = now ? 'up' : 'down'
      if (state === lastState) return
      lastState = state
      for (const watcher of watchers) watcher(state)
    }
    clients.add(setState)

    return {
      server,
      async open(sid) {
        await online()
        setState(true)
        const nameplate = String(next++)
        const room: Room = {
          nameplate,
          sid,
          inviter: newEnd(),
          joiner: undefined,
          claims: 0,
          cancelExpiry: options.clock?.after(slotLifeMs, () => endRoom(room, 'expired')),
        }
        rooms.set(nameplate, room)
        const slot = slotOf(room, 'inviter', room.inviter)
        mine.add(slot)
        return slot
      },
      async claim(nameplate) {
        await online()
        setState(true)
        const room = rooms.get(nameplate)
        if (!room) throw noRoom(spent.has(nameplate))
        if (room.joiner) {
          tell(room.inviter, { kind: 'crowded' })
          tell(room.joiner, { kind: 'crowded' })
          throw new BatonError('code-busy', 'failed to claim: another device is using this code')
        }
        if (room.claims === slotClaims) {
          endRoom(room, 'expired')
          throw noRoom(true)
        }
        room.claims++
        room.joiner = newEnd()
        Object.assign(room.inviter, { sent: 0, sentBytes: 0 })
        tell(room.inviter, { kind: 'claimed' }, room.joiner)
        const slot = slotOf(room, 'joiner', room.joiner)
        mine.add(slot)
        return slot
      },
      listen(key, handler): Listening {
        const id = toHex(key.mailbox)
        const listener: Listener = { key, handler, rendezvous: self }
        if (proves(key)) listeners.set(id, [...(listeners.get(id) ?? []), listener])
        return {
          ready: Promise.resolve(),
          close() {
            listeners.set(id, listeners.get(id)?.filter((each) => each !== listener) ?? [])
          },
        }
      },
      async post(mailbox, blob) {
        await online()
        setState(true)
        checkBlob(blob)
        seen.push(blob)
        void later(() => listeners.get(toHex(mailbox))?.at(-1)?.handler(blob))
      },
      serverTime: () => (lastState === 'up' ? (options.clock?.now() ?? Date.now()) : undefined),
      onState(handler) {
        watchers.add(handler)
        return () => watchers.delete(handler)
      },
      async close() {
        clients.delete(setState)
        for (const slot of mine) await slot.close()
        for (const [id, all] of listeners) {
          const others = all.filter((each) => each.rendezvous !== self)
          listeners.set(id, others)
        }
      },
    }
  }

  return {
    client,
    setUp(now) {
      up = now
      for (const setState of clients) setState(now)
    },
    restart() {
      for (const room of rooms.values()) endRoom(room, 'lost')
      spent.clear()
    },
    seen,
    async flush() {
      do await new Promise((resolve) => setImmediate(resolve))
      while (underWay > 0)
    },
  }

  function proves(key: ListenKey): boolean {
    const challenge = listenChallenge('signaling.test', key.mailbox, new Uint8Array(32))
    return (
      equalBytes(key.mailbox, pureSha256(key.publicKey).subarray(0, 16)) &&
      ed25519.verify(key.sign(challenge), challenge, key.publicKey)
    )
  }
}
