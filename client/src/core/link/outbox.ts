/**
 * The sending half of a link: bounded queues of messages, and the choice of what enters the pipe next
 * (rules L2 to L4, L8, L10, L11, L15). Knows no reassembly and no liveness.
 *
 * Order of choice: the link's own frames and control always; then, while the pipe's gate is open and
 * the peer gave credit, four live frames to one of bulk. A message is copied once, into the frame.
 */
import type { Bytes } from '@baton/shared/bytes'
import {
  dataHeadBytes,
  encodeData,
  encodeLinkFrame,
  type FrameLane,
  type LinkFrame,
  maxLinkFrameBytes,
  type Offsets,
} from '@baton/shared/encoding/frame'
import { BatonError } from '@baton/shared/errors'
import {
  burstBytes,
  frameCostBytes,
  framePayloadBytes,
  laneQueueBytes,
  liveFramesPerBulk,
  maxFrameBytes,
  strangerFrames,
  windowBytes,
} from '@baton/shared/limits'
import type { FramePipe, PipeLane } from '../ports/pipe.ts'
import { createFifo, type Fifo } from './fifo.ts'
import { strangerCredit } from './inbox.ts'
import { createRate } from './rate.ts'

export interface Outbox {
  /** Resolves when the lane's queue has room for the message. */
  take(lane: FrameLane, message: Bytes): Promise<void>
  /** Sends a frame of the link's own, now. */
  signal(frame: LinkFrame): void
  /** False when the peer confirms what was never sent. */
  credit(lane: FrameLane, consumed: number, window: number): boolean
  /** What the peer says it was handed; as `credit`, without any. */
  confirm(got: Offsets): boolean
  /** Moves what may move into the pipe. */
  pump(): Pumped
  sent(): Offsets
  /** Bytes taken and not confirmed. */
  unconfirmed(): number
  /** Rejects those that wait for room; what was taken stays. */
  refuse(): void
  readonly bytes: number
}

/** What holds back the rest: nothing, credit, the pipe's gate, or that other work shall go first. */
export type Pumped = 'done' | 'credit' | 'gate' | 'burst'

interface Waiting {
  readonly message: Bytes
  readonly resolve: () => void
  readonly reject: (error: BatonError) => void
}

interface LaneState {
  readonly index: FrameLane
  readonly queue: Fifo<Bytes>
  readonly waiting: Fifo<Waiting>
  /** Cost of the queue, and bytes of its first message that have left. */
  queued: number
  at: number
  sent: number
  confirmed: number
  limit: number
  window: number
}

const accepted = Promise.resolve()
/** A pong is dropped beyond this: only a flood of pings gets there. */
const signalBacklogBytes = 64 * 1024

export interface OutboxPorts {
  readonly pipe: FramePipe
  now(): number
  /** The round trip allows frames of 64 KiB. */
  bigFrames(): boolean
}

export function createOutbox({ pipe, now, bigFrames }: OutboxPorts): Outbox {
  const rate = createRate()
  const gateBytes = pipe.gate === 'empty' ? 0 : pipe.gate
  const maxFrame = Math.min(pipe.maxMessageBytes, maxFrameBytes)
  const scratch = new Uint8Array(maxFrame)
  const signals = new Uint8Array(maxLinkFrameBytes)
  const seqs: [number, number] = [0, 0]
  let closed = false
  let bytes = 0
  let strangers = 0
  let admitted = false
  let liveRun = 0

  const lane = (index: FrameLane): LaneState => ({
    index,
    queue: createFifo(),
    waiting: createFifo(),
    queued: 0,
    at: 0,
    sent: 0,
    confirmed: 0,
    limit: index === 0 ? strangerCredit : 0,
    window: windowBytes,
  })
  const lanes = [lane(0), lane(1), lane(2)] as const
  const [control, live, bulk] = lanes

  const closedError = () => new BatonError('link-closed', 'failed to send: the link is closed')

  /** Who does not wait for `send` learns of the end by `onClose`: no unhandled rejection is due. */
  function quiet(promise: Promise<void>): Promise<void> {
    promise.catch(() => {})
    return promise
  }

  function push(pipeLane: PipeLane, frame: Bytes): void {
    // Counted first: a pipe may hand something over, and so send again, before it returns.
    seqs[pipeLane] = (seqs[pipeLane] + 1) >>> 0
    bytes += frame.length
    pipe.send(pipeLane, frame)
  }

  function enqueue(state: LaneState, message: Bytes): void {
    state.queue.push(message)
    state.queued += message.length + frameCostBytes
  }

  function admitWaiting(state: LaneState): void {
    while (state.queued < laneQueueBytes && !closed) {
      const next = state.waiting.shift()
      if (next === undefined) return
      enqueue(state, next.message)
      next.resolve()
    }
  }

  /** Payload of the lane's next frame, or undefined while it has no credit for one. */
  function nextSize(state: LaneState): number | undefined {
    const message = state.queue.peek()
    if (message === undefined) return undefined
    const rest = message.length - state.at
    const room = state.limit - state.sent - frameCostBytes
    // A stranger's message leaves whole or not at all.
    if (!admitted && (strangers >= strangerFrames || rest > room)) return undefined
    // A quarter of the window always gets free again, so a frame of at most that never starves.
    const most = state.index === 2 ? bulkPayload() : framePayloadBytes
    const size = Math.min(rest, most, maxFrame - dataHeadBytes, state.window / 4 - frameCostBytes)
    return size <= room ? size : undefined
  }

  const bulkPayload = () => (bigFrames() ? maxFrameBytes : rate.framePayload())

  function sendFrame(state: LaneState, size: number): void {
    const message = state.queue.peek() as Bytes
    const pipeLane = state.index === 2 ? 1 : 0
    const end = state.at + size
    const length = encodeData(scratch, seqs[pipeLane], state.index, message, state.at, end)
    if (!admitted) strangers += 1
    if (state === bulk && state.sent === state.confirmed) rate.start(state.sent, now())
    state.sent += size + frameCostBytes
    if (end === message.length) {
      state.queue.shift()
      state.queued -= message.length + frameCostBytes
      state.at = 0
    } else state.at = end
    push(pipeLane, scratch.subarray(0, length))
    if (state.waiting.length > 0) admitWaiting(state)
  }

  /** The lane whose turn it is, by its next frame; undefined when the gate or credit holds all. */
  function choose(): { readonly state: LaneState; readonly size: number } | 'gate' | undefined {
    const liveSize = nextSize(live)
    const bulkSize = nextSize(bulk)
    const ahead = liveSize === undefined && bulkSize === undefined ? 0 : pipe.buffered(0)
    const liveMay = liveSize !== undefined && ahead <= gateBytes
    const bulkMay = bulkSize !== undefined && ahead + pipe.buffered(1) <= gateBytes
    if (liveMay && !(bulkMay && liveRun >= liveFramesPerBulk)) {
      liveRun += 1
      return { state: live, size: liveSize }
    }
    if (bulkMay) {
      liveRun = 0
      return { state: bulk, size: bulkSize }
    }
    return liveSize === undefined && bulkSize === undefined ? undefined : 'gate'
  }

  const empty = () => lanes.every((state) => state.queue.length === 0)

  return {
    take(index, message) {
      if (closed) return quiet(Promise.reject(closedError()))
      const state = lanes[index]
      if (state.queued < laneQueueBytes && state.waiting.length === 0) {
        enqueue(state, message)
        return accepted
      }
      const waiting = new Promise<void>((resolve, reject) => {
        state.waiting.push({ message, resolve, reject })
      })
      return quiet(waiting)
    },
    signal(frame) {
      if (frame.kind === 'pong' && pipe.buffered(0) > signalBacklogBytes) return
      push(0, signals.subarray(0, encodeLinkFrame(signals, seqs[0], frame)))
    },
    credit(index, consumed, window) {
      const state = lanes[index]
      if (consumed > state.sent) return false
      admitted = true
      state.confirmed = Math.max(state.confirmed, consumed)
      state.limit = Math.max(state.limit, consumed + window)
      state.window = window
      if (state === bulk) rate.delivered(consumed, now())
      return true
    },
    confirm(got) {
      for (const state of lanes) {
        if (got[state.index] > state.sent) return false
        state.confirmed = Math.max(state.confirmed, got[state.index])
      }
      return true
    },
    pump() {
      let budget = burstBytes
      for (;;) {
        const controlSize = nextSize(control)
        if (controlSize !== undefined) {
          sendFrame(control, controlSize)
          continue
        }
        const next = choose()
        if (next === 'gate') return 'gate'
        if (next === undefined) return empty() ? 'done' : 'credit'
        if (budget <= 0) return 'burst'
        budget -= next.size + frameCostBytes
        sendFrame(next.state, next.size)
      }
    },
    sent: () => [control.sent, live.sent, bulk.sent],
    unconfirmed: () =>
      lanes.reduce((sum, state) => sum + state.sent - state.confirmed + state.queued - state.at, 0),
    refuse() {
      closed = true
      for (const state of lanes) {
        for (let next = state.waiting.shift(); next; next = state.waiting.shift()) {
          next.reject(closedError())
        }
      }
    },
    get bytes() {
      return bytes
    },
  }
}
