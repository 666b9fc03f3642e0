/**
 * Two ends of a Channel in memory, without a link: what is sent waits until `flush`, and control
 * overtakes live, live overtakes bulk, so that a test sees order only where a lane promises it.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type {
  Channel,
  ChannelEnd,
  ChannelFacts,
  Fingerprints,
  Lane,
} from '@baton/client/core/ports/channel'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxMessageBytes, strangerBytes, strangerFrames } from '@baton/shared/limits'

/** What one lane holds before `send` waits, and how far it runs ahead of a pending handler. */
const laneBytes = 256 * 1024
const lanes: readonly Lane[] = ['control', 'live', 'bulk']

export interface ChannelPairOptions {
  /** Deliver by itself in a later turn, without `flush`. */
  readonly auto?: boolean
  readonly path?: ChannelFacts['path']
  /** A machine in the middle: both ends then measure different fingerprints. */
  readonly fingerprints?: { readonly alice: Fingerprints; readonly bob: Fingerprints }
}

export interface ChannelPair {
  readonly alice: Channel
  readonly bob: Channel
  /** Delivers, and what that makes both sides send, until all is delivered and every handler done. */
  flush(): Promise<void>
  /** Delivers the next message to `to`, of lane `first` if any may come; false when none. */
  step(to: 'alice' | 'bob', first?: Lane): boolean
  /** Messages on their way to one side. */
  waiting(to: 'alice' | 'bob'): number
  /** One side closes, and nothing more is taken. */
  closing(): boolean
  /** The link is lost: both ends close, not clean; what was on its way is gone. */
  cut(reason?: string): void
}

interface Item {
  readonly message: Bytes
  readonly taken: () => void
  readonly refused: (error: BatonError) => void
  accepted: boolean
}

/** One direction: what `from` sent and `to` has not been handed. */
function createDirection(changed: () => void) {
  const queues: Record<Lane, Item[]> = { control: [], live: [], bulk: [] }
  const held: Record<Lane, number> = { control: 0, live: 0, bulk: 0 }
  let handler: ((lane: Lane, message: Bytes) => void | Promise<void>) | undefined
  let admitted = false
  let strangers = 0
  let strangerTotal = 0
  let running = 0
  let delivered = 0

  const size = (lane: Lane) => queues[lane].reduce((sum, item) => sum + item.message.length, 0)

  function mayDeliver(lane: Lane, item: Item): boolean {
    if (handler === undefined || held[lane] >= laneBytes) return false
    if (admitted) return true
    const total = strangerTotal + item.message.length
    return lane === 'control' && strangers < strangerFrames && total <= strangerBytes
  }

  function accept(lane: Lane): void {
    let room = laneBytes
    for (const item of queues[lane]) {
      if (room <= 0) return
      if (!item.accepted) item.taken()
      item.accepted = true
      room -= item.message.length
    }
  }

  return {
    push(lane: Lane, message: Bytes): Promise<void> {
      const sending = new Promise<void>((taken, refused) => {
        queues[lane].push({ message: message.slice(), taken, refused, accepted: false })
        accept(lane)
        changed()
      })
      sending.catch(() => {})
      return sending
    },
    receive(next: typeof handler) {
      handler = next
      changed()
    },
    admit() {
      admitted = true
      changed()
    },
    step(fail: () => void, first?: Lane): boolean {
      for (const lane of first ? [first, ...lanes] : lanes) {
        const item = queues[lane][0]
        if (item === undefined || !mayDeliver(lane, item)) continue
        queues[lane].shift()
        accept(lane)
        strangers += 1
        strangerTotal += item.message.length
        delivered += item.message.length
        const weight = Math.max(1, item.message.length)
        running += 1
        held[lane] += weight
        const done = () => {
          running -= 1
          held[lane] -= weight
          changed()
        }
        const run = async () => handler?.(lane, item.message)
        run().then(done, () => {
          done()
          fail()
        })
        return true
      }
      return false
    },
    drop(): number {
      let bytes = 0
      for (const lane of lanes) {
        bytes += size(lane)
        for (const item of queues[lane].splice(0)) {
          if (!item.accepted) item.refused(new BatonError('link-closed', 'the channel is closed'))
        }
      }
      return bytes
    },
    waiting: () => lanes.reduce((sum, lane) => sum + queues[lane].length, 0),
    running: () => running,
    delivered: () => delivered,
  }
}

export function createChannelPair(options: ChannelPairOptions = {}): ChannelPair {
  const prints = options.fingerprints ?? {
    alice: { local: new Uint8Array(32).fill(1), remote: new Uint8Array(32).fill(2) },
    bob: { local: new Uint8Array(32).fill(2), remote: new Uint8Array(32).fill(1) },
  }
  let end: ChannelEnd | undefined
  let closing = false
  let woken = () => {}
  let scheduled = false

  const changed = () => {
    woken()
    if (!options.auto || scheduled) return
    scheduled = true
    void turn().then(() => {
      scheduled = false
      while (stepAny());
    })
  }
  const toBob = createDirection(changed)
  const toAlice = createDirection(changed)
  const listeners: ((end: ChannelEnd) => void)[] = []

  function finish(clean: boolean, reason: string): void {
    if (end !== undefined) return
    end = { clean, code: 'link-closed', reason, unconfirmedBytes: toBob.drop() + toAlice.drop() }
    for (const listener of listeners.splice(0)) listener(end)
    woken()
  }
  const fail = () => finish(false, 'receiver failed')
  const stepAny = () => end === undefined && (toBob.step(fail) || toAlice.step(fail))

  function createEnd(out: typeof toBob, back: typeof toBob, fingerprints: Fingerprints): Channel {
    return {
      fingerprints,
      send(lane, message) {
        if (end !== undefined || closing) {
          return Promise.reject(new BatonError('link-closed', 'the channel is closed'))
        }
        if (message.length > maxMessageBytes) {
          return Promise.reject(new BatonError('too-large', 'failed to send: message too large'))
        }
        return out.push(lane, message)
      },
      receive: (handler) => back.receive(handler),
      admit: () => back.admit(),
      facts: () => ({
        path: options.path ?? 'direct',
        rttMs: undefined,
        bytesSent: out.delivered(),
        bytesReceived: back.delivered(),
      }),
      onClose(handler) {
        if (end === undefined) listeners.push(handler)
        else handler(end)
      },
      async close(reason) {
        if (end !== undefined) return
        closing = true
        while (end === undefined && stepAny()) await turn()
        finish(toBob.waiting() + toAlice.waiting() === 0, reason)
      },
    }
  }

  return {
    alice: createEnd(toBob, toAlice, prints.alice),
    bob: createEnd(toAlice, toBob, prints.bob),
    async flush() {
      for (;;) {
        while (stepAny());
        await turn()
        if (end === undefined && stepAny()) continue
        if (toBob.running() + toAlice.running() === 0 || end !== undefined) return
        await new Promise<void>((resolve) => {
          woken = resolve
        })
      }
    },
    step: (to, first) => end === undefined && (to === 'alice' ? toAlice : toBob).step(fail, first),
    waiting: (to) => (to === 'alice' ? toAlice : toBob).waiting(),
    closing: () => closing,
    cut: (reason = 'cut') => finish(false, reason),
  }
}
