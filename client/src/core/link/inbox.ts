/**
 * The receiving half of a link: frames in order become messages for one handler, and what the handler
 * is done with becomes credit (rules L8, L9, L14, L16, L17, L26). Knows no pipe and no disorder.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { DataFrame, FrameLane, Offsets } from '@baton/shared/encoding/frame'
import type { ErrorCode } from '@baton/shared/errors'
import {
  frameCostBytes,
  partialIdleMs,
  strangerBytes,
  strangerFrames,
  windowBytes,
} from '@baton/shared/limits'
import type { Lane } from '../ports/channel.ts'
import type { RoundTrip } from './rtt.ts'
import { createReceiveWindow, type ReceiveWindow } from './window.ts'

export type Receiver = (lane: Lane, message: Bytes) => void | Promise<void>

export const laneNames: readonly Lane[] = ['control', 'live', 'bulk']

/** What a peer may send on `control` before it is admitted, as credit counts it. */
export const strangerCredit = strangerBytes + strangerFrames * frameCostBytes

export interface Inbox {
  /** A data frame, in order. */
  data(frame: DataFrame, now: number): void
  receive(handler: Receiver): void
  admit(): void
  /** The credit to tell the peer now; recorded as told. */
  grant(lane: FrameLane): { readonly consumed: number; readonly window: number }
  /** What was handed to the handler. */
  got(): Offsets
  /** What arrived. */
  received(lane: FrameLane): number
  /** When a message that began and does not go on has waited too long; Infinity without one. */
  deadline(): number
  /** Nothing is handed over any more. */
  stop(): void
}

export interface InboxPorts {
  readonly rtt: RoundTrip
  now(): number
  /** The peer should be told of new credit on this lane. */
  owe(lane: FrameLane): void
  fail(code: ErrorCode, reason: string): void
}

/** Messages the handler has, or will have: oldest first, `end` the offset behind the message. */
interface Held {
  end: number
  message: Bytes | undefined
  done: boolean
  next: Held | undefined
}

interface LaneState {
  readonly index: FrameLane
  readonly window: ReceiveWindow | undefined
  received: number
  got: number
  consumed: number
  limit: number
  partial: { readonly message: Bytes; at: number; heard: number } | undefined
  oldest: Held | undefined
  newest: Held | undefined
}

export function createInbox(ports: InboxPorts): Inbox {
  const { rtt } = ports
  let handler: Receiver | undefined
  let admitted = false
  let stopped = false
  let strangers = 0

  const lane = (index: FrameLane): LaneState => ({
    index,
    // Control messages are small and never held back by traffic: their window stays as it is.
    window: index === 0 ? undefined : createReceiveWindow(rtt),
    received: 0,
    got: 0,
    consumed: 0,
    limit: index === 0 ? strangerCredit : 0,
    partial: undefined,
    oldest: undefined,
    newest: undefined,
  })
  const lanes = [lane(0), lane(1), lane(2)] as const
  const windowOf = (state: LaneState) => state.window?.bytes ?? windowBytes

  /** Everything before the oldest message still held is done with. */
  function settle(state: LaneState): void {
    while (state.oldest?.done) {
      state.consumed = Math.max(state.consumed, state.oldest.end)
      state.oldest = state.oldest.next
    }
    if (state.oldest === undefined) {
      state.newest = undefined
      state.consumed = state.received
    }
    state.window?.consumed(state.consumed, ports.now())
    const window = windowOf(state)
    if (admitted && state.consumed + window - state.limit >= window / 4) ports.owe(state.index)
  }

  function hold(state: LaneState, message: Bytes | undefined): Held {
    const held: Held = { end: state.received, message, done: false, next: undefined }
    if (state.newest === undefined) state.oldest = held
    else state.newest.next = held
    state.newest = held
    return held
  }

  function hand(state: LaneState, message: Bytes, end: number): Promise<void> | undefined {
    state.got = end
    try {
      return handler?.(laneNames[state.index] as Lane, message) ?? undefined
    } catch {
      ports.fail('link-closed', 'receiver failed')
      return undefined
    }
  }

  function finishLater(state: LaneState, held: Held, pending: Promise<void>): void {
    pending.then(
      () => {
        held.done = true
        if (!stopped) settle(state)
      },
      () => ports.fail('link-closed', 'receiver failed'),
    )
  }

  function complete(state: LaneState, message: Bytes): void {
    if (handler === undefined) {
      hold(state, message)
      return
    }
    const pending = hand(state, message, state.received)
    if (pending !== undefined) finishLater(state, hold(state, undefined), pending)
    else if (state.newest?.done) state.newest.end = state.received
    else if (state.newest !== undefined) hold(state, undefined).done = true
  }

  /** Adds a frame to the message under way; undefined when it fits nowhere. */
  function assemble(state: LaneState, frame: DataFrame, now: number): 'more' | Bytes | undefined {
    const { payload, total, last } = frame
    if (total !== undefined) {
      if (state.partial !== undefined) return undefined
      if (last) return payload
      state.partial = { message: new Uint8Array(total), at: 0, heard: now }
    }
    const partial = state.partial
    if (partial === undefined) return undefined
    const end = partial.at + payload.length
    if (last ? end !== partial.message.length : end >= partial.message.length) return undefined
    partial.message.set(payload, partial.at)
    partial.at = end
    partial.heard = now
    if (!last) return 'more'
    state.partial = undefined
    return partial.message
  }

  return {
    data(frame, now) {
      if (stopped) return
      const state = lanes[frame.lane]
      strangers += 1
      if (!admitted && strangers > strangerFrames) {
        ports.fail('link-limit', 'too many frames before admission')
        return
      }
      state.received += frame.payload.length + frameCostBytes
      if (state.received > state.limit) {
        ports.fail('link-limit', 'more than the credit given')
        return
      }
      const message = assemble(state, frame, now)
      if (message === undefined) ports.fail('invalid', 'frames that make no message')
      else {
        if (message !== 'more') complete(state, message)
        if (state.oldest !== undefined) state.window?.waiting(state.received - state.consumed)
        if (!stopped) settle(state)
      }
    },
    receive(next) {
      handler = next
      for (const state of lanes) {
        for (let held = state.oldest; held !== undefined && !stopped; held = held.next) {
          const message = held.message
          if (message === undefined) continue
          held.message = undefined
          const pending = hand(state, message, held.end)
          if (pending === undefined) held.done = true
          else finishLater(state, held, pending)
        }
        if (!stopped) settle(state)
      }
    },
    admit() {
      if (admitted) return
      admitted = true
      for (const state of lanes) ports.owe(state.index)
    },
    grant(index) {
      const state = lanes[index]
      const window = windowOf(state)
      state.limit = Math.max(state.limit, state.consumed + window)
      return { consumed: state.consumed, window }
    },
    got: () => [lanes[0].got, lanes[1].got, lanes[2].got],
    received: (index) => lanes[index].received,
    deadline() {
      let earliest = Number.POSITIVE_INFINITY
      for (const { partial, oldest } of lanes) {
        // A peer that is held back by this side's own handler is not idle.
        if (partial === undefined || oldest !== undefined) continue
        earliest = Math.min(earliest, partial.heard + partialIdleMs)
      }
      return earliest
    },
    stop() {
      stopped = true
      for (const state of lanes) {
        state.oldest = undefined
        state.newest = undefined
        state.partial = undefined
      }
    },
  }
}
