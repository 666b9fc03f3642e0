/**
 * Two ends of a FramePipe on a manual clock, with what real ones do to a link: a rate with a queue in
 * front of it, delay, an outage, loss, disorder, a native queue that drops in silence and lies about
 * its size (@roamhq/wrtc), data lost by a close. Nothing moves while the clock stands still.
 */
import type { FramePipe, PipeLane } from '@baton/client/core/ports/pipe'
import type { Clock } from '@baton/client/core/ports/platform'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'

/** What happens to one message; `later` lets that many of its lane pass it. */
export type Fault = 'pass' | 'drop' | 'duplicate' | 'truncate' | { readonly later: number }

export interface PipePairOptions {
  readonly gate?: FramePipe['gate']
  readonly maxMessageBytes?: number
  /** One way, ms. */
  readonly delayMs?: number
  /** Of each direction, both lanes together. */
  readonly bytesPerMs?: number
  /** What the network queues in front of the rate before the sender's own buffer fills. */
  readonly queueBytes?: number
  /** `buffered` says 0 until so much waits. */
  readonly lieBytes?: number
  /** Beyond so much waiting, `send` drops in silence. */
  readonly dropBeyondBytes?: number
  /** Told of every message as it enters. */
  readonly entering?: (from: Side, lane: PipeLane, message: Bytes) => void
  readonly fault?: (from: Side, lane: PipeLane, message: Bytes) => Fault
}

export type Side = 'alice' | 'bob'

export interface FakePipe extends FramePipe {
  /** The most that ever waited, as the platform would tell it. */
  readonly peak: Readonly<Record<PipeLane, number>>
  readonly restarts: number
}

export interface PipePair {
  readonly alice: FakePipe
  readonly bob: FakePipe
  /** The cable is out: nothing moves, nothing is lost. */
  pull(): void
  plug(): void
  /** Another way, with this delay, for what is sent from now on. */
  delay(ms: number): void
  /** As the platform reports it in the end. */
  fail(reason: string): void
  /** Hands bytes to one side as if its peer had sent them. */
  inject(to: Side, lane: PipeLane, message: Bytes): void
}

/** One direction: own buffers by lane, then the network's queue, then the way. */
function createDirection(clock: Clock, from: Side, options: PipePairOptions) {
  const { bytesPerMs = Number.POSITIVE_INFINITY, queueBytes = 128 * 1024 } = options
  let { delayMs = 0 } = options
  const local: [Bytes[], Bytes[]] = [[], []]
  const waiting: [number, number] = [0, 0]
  const late: { lane: PipeLane; message: Bytes; passes: number }[] = []
  /** In order: the first `left` have passed the rate and are only delayed. */
  const way: { lane: PipeLane; message: Bytes; leaves: number }[] = []
  let left = 0
  let deliver: (lane: PipeLane, message: Bytes) => void = () => {}
  let drained = () => {}
  let inNetwork = 0
  let freeAt = 0
  let turn: PipeLane = 0
  let up = true
  let armed = false

  function arm(): void {
    const [first, leaving] = [way[0], way[left]]
    if (armed || first === undefined || !up) return
    const next = Math.min(first.leaves + delayMs, leaving?.leaves ?? Number.POSITIVE_INFINITY)
    armed = true
    clock.after(Math.max(0, next - clock.monotonic()), () => {
      armed = false
      if (!up) return
      arrive()
      pull()
    })
  }

  function arrive(): void {
    // A sum of fractions may miss the time it was armed for by a hair.
    const now = clock.monotonic() + 1e-6
    for (let next = way[left]; next !== undefined && next.leaves <= now; next = way[left]) {
      left += 1
      inNetwork -= next.message.length
    }
    while (left > 0 && up && (way[0]?.leaves ?? 0) + delayMs <= now) {
      const { lane, message } = way.shift() as (typeof way)[number]
      left -= 1
      hand(lane, message)
    }
  }

  function hand(lane: PipeLane, message: Bytes): void {
    const fault = options.fault?.(from, lane, message) ?? 'pass'
    if (fault === 'drop') return
    if (typeof fault === 'object') {
      late.push({ lane, message, passes: fault.later })
      return
    }
    deliver(lane, fault === 'truncate' ? message.slice(0, message.length >> 1) : message)
    if (fault === 'duplicate') deliver(lane, message.slice())
    for (const item of late.filter((one) => one.lane === lane)) {
      item.passes -= 1
      if (item.passes > 0) continue
      late.splice(late.indexOf(item), 1)
      deliver(lane, item.message)
    }
  }

  /** Lets the network take what fits, the lanes by turns, as SCTP does with its streams. */
  function pull(): void {
    while (up && inNetwork < queueBytes) {
      if (local[turn].length === 0) turn = turn === 0 ? 1 : 0
      const message = local[turn].shift()
      if (message === undefined) break
      const lane = turn
      turn = turn === 0 ? 1 : 0
      waiting[lane] -= message.length
      inNetwork += message.length
      freeAt = Math.max(freeAt, clock.monotonic()) + message.length / bytesPerMs
      way.push({ lane, message, leaves: freeAt })
      if (waiting[0] + waiting[1] === 0) clock.after(0, drained)
    }
    arm()
  }

  return {
    waiting,
    send(lane: PipeLane, message: Bytes): void {
      const { dropBeyondBytes = Number.POSITIVE_INFINITY } = options
      if (waiting[lane] + message.length > dropBeyondBytes) return
      local[lane].push(message.slice())
      waiting[lane] += message.length
      pull()
    },
    attach(handler: typeof deliver) {
      deliver = handler
    },
    onDrain(handler: typeof drained) {
      drained = handler
    },
    deliver: (lane: PipeLane, message: Bytes) => deliver(lane, message),
    delay(ms: number) {
      delayMs = ms
    },
    stop() {
      up = false
    },
    go() {
      up = true
      // What waited leaves from now on, one behind the other.
      freeAt = clock.monotonic()
      for (const item of way) {
        freeAt += item.message.length / bytesPerMs
        item.leaves = freeAt
      }
      pull()
    },
  }
}

type Direction = ReturnType<typeof createDirection>

export function createPipePair(clock: Clock, options: PipePairOptions = {}): PipePair {
  const { gate = 128 * 1024, maxMessageBytes = 262_144, lieBytes = 0 } = options
  const toBob = createDirection(clock, 'alice', options)
  const toAlice = createDirection(clock, 'bob', options)
  const prints = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const
  let cableOut = false

  function createEnd(out: Direction, back: Direction, side: 0 | 1) {
    const peak: [number, number] = [0, 0]
    const closers: ((reason: string) => void)[] = []
    let closed: string | undefined
    let restarts = 0
    const shut = (reason: string) => {
      if (closed !== undefined) return
      closed = reason
      out.stop()
      back.attach(() => {})
      for (const closer of closers.splice(0)) closer(reason)
    }
    const pipe: FakePipe = {
      fingerprints: { local: prints[side] as Bytes, remote: prints[1 - side] as Bytes },
      maxMessageBytes,
      gate,
      peak,
      get restarts() {
        return restarts
      },
      buffered: (lane) => (out.waiting[lane] < lieBytes ? 0 : out.waiting[lane]),
      send(lane, message) {
        if (closed !== undefined) throw new BatonError('link-closed', 'the pipe is closed')
        if (message.length > maxMessageBytes) throw new Error('message too large')
        options.entering?.(side === 0 ? 'alice' : 'bob', lane, message)
        out.send(lane, message)
        peak[lane] = Math.max(peak[lane], out.waiting[lane])
      },
      onMessage: (handler) => back.attach(handler),
      onDrain: (handler) => out.onDrain(handler),
      onClose(handler) {
        if (closed === undefined) closers.push(handler)
        else handler(closed)
      },
      path: () => 'direct',
      restart() {
        restarts += 1
      },
      close() {
        if (closed !== undefined) return
        shut('closed here')
        if (!cableOut) clock.after(options.delayMs ?? 0, () => peerOf(side).shut('closed there'))
      },
    }
    return { pipe, shut }
  }
  const alice = createEnd(toBob, toAlice, 0)
  const bob = createEnd(toAlice, toBob, 1)
  const peerOf = (side: 0 | 1) => (side === 0 ? bob : alice)

  return {
    alice: alice.pipe,
    bob: bob.pipe,
    pull() {
      cableOut = true
      toBob.stop()
      toAlice.stop()
    },
    plug() {
      cableOut = false
      toBob.go()
      toAlice.go()
    },
    delay(ms) {
      toBob.delay(ms)
      toAlice.delay(ms)
    },
    fail(reason) {
      alice.shut(reason)
      bob.shut(reason)
    },
    inject: (to, lane, message) => (to === 'bob' ? toBob : toAlice).deliver(lane, message),
  }
}
