/**
 * Link frames as bytes (rules FR): what one pipe message holds. Knows no order, credit or time.
 *
 *   frame  = kind(4 bits) low(4 bits) seq(u32) body                        integers are big-endian
 *   data   = 1, low: lane(2 bits) first(4) last(8); body: total(u24, if first) payload
 *   credit = 2, low: lane; body: consumed(u48) window(u32)
 *   ping   = 3, pong = 4; body: id(u32) sent(u48)
 *   bye    = 5; body: sent(3 x u48) got(3 x u48) reason(printable ASCII)
 *   parted = 6; body: got(3 x u48)
 */
import type { Bytes } from '../bytes.ts'
import {
  maxFrameBytes,
  maxMessageBytes,
  maxReasonChars,
  maxWindowBytes,
  minWindowBytes,
} from '../limits.ts'

/** 0 control, 1 live, 2 bulk. */
export type FrameLane = 0 | 1 | 2

/** Bytes of each lane from the start, counted as credit counts them. */
export type Offsets = readonly [control: number, live: number, bulk: number]

export interface DataFrame {
  readonly kind: 'data'
  readonly seq: number
  readonly lane: FrameLane
  /** Length of the whole message; only the frame that begins one says it. */
  readonly total: number | undefined
  readonly last: boolean
  /** A view into the decoded bytes. */
  readonly payload: Bytes
}

/** A frame of the link's own; it costs no credit. */
export type LinkFrame =
  /** The peer may send on `lane` up to the offset `consumed + window`. */
  | {
      readonly kind: 'credit'
      readonly lane: FrameLane
      readonly consumed: number
      readonly window: number
    }
  /** `sent`: the offset of bulk that has left, so that a lost tail is noticed. */
  | { readonly kind: 'ping' | 'pong'; readonly id: number; readonly sent: number }
  /** Nothing follows. `sent` is what left, `got` what was handed to this side's receiver. */
  | { readonly kind: 'bye'; readonly sent: Offsets; readonly got: Offsets; readonly reason: string }
  /** The answer to a bye. */
  | { readonly kind: 'parted'; readonly got: Offsets }

export type Frame = DataFrame | (LinkFrame & { readonly seq: number })

/** Bytes before the payload of a frame that begins a message; one that does not has 3 fewer. */
export const dataHeadBytes = 8
/** The longest frame that is not data. */
export const maxLinkFrameBytes = 5 + 36 + maxReasonChars

const codes = { data: 1, credit: 2, ping: 3, pong: 4, bye: 5, parted: 6 } as const
const firstBit = 4
const lastBit = 8

/**
 * Writes a data frame to the start of `out` and returns its length. `payload` is
 * `message[from..to)`; the frame begins the message when `from` is 0 and ends it when `to` is its
 * length.
 */
export function encodeData(
  out: Bytes,
  seq: number,
  lane: FrameLane,
  message: Bytes,
  from: number,
  to: number,
): number {
  const first = from === 0
  out[0] = (codes.data << 4) | lane | (first ? firstBit : 0) | (to === message.length ? lastBit : 0)
  writeUint(out, 1, 4, seq)
  let at = 5
  if (first) {
    writeUint(out, at, 3, message.length)
    at += 3
  }
  out.set(from === 0 && to === message.length ? message : message.subarray(from, to), at)
  return at + to - from
}

/** Writes a frame of the link's own to the start of `out` and returns its length. */
export function encodeLinkFrame(out: Bytes, seq: number, frame: LinkFrame): number {
  out[0] = (codes[frame.kind] << 4) | (frame.kind === 'credit' ? frame.lane : 0)
  writeUint(out, 1, 4, seq)
  switch (frame.kind) {
    case 'credit':
      writeUint(out, 5, 6, frame.consumed)
      writeUint(out, 11, 4, frame.window)
      return 15
    case 'ping':
    case 'pong':
      writeUint(out, 5, 4, frame.id)
      writeUint(out, 9, 6, frame.sent)
      return 15
    case 'bye': {
      writeOffsets(out, 5, frame.sent)
      writeOffsets(out, 23, frame.got)
      const reason = printable(frame.reason)
      for (let i = 0; i < reason.length; i++) out[41 + i] = reason.charCodeAt(i)
      return 41 + reason.length
    }
    case 'parted':
      writeOffsets(out, 5, frame.got)
      return 23
  }
}

/** Undefined for anything that no honest link sends; never throws. */
export function decodeFrame(bytes: Bytes): Frame | undefined {
  if (bytes.length < 5 || bytes.length > maxFrameBytes) return undefined
  const head = bytes[0] as number
  const seq = readUint(bytes, 1, 4)
  const low = head & 15
  if (head >> 4 === codes.data) return decodeData(bytes, seq, low)
  if (head >> 4 === codes.credit) {
    const window = bytes.length === 15 ? readUint(bytes, 11, 4) : 0
    if (low > 2 || window < minWindowBytes || window > maxWindowBytes) return undefined
    return { kind: 'credit', seq, lane: low as FrameLane, consumed: readUint(bytes, 5, 6), window }
  }
  if (low !== 0) return undefined
  switch (head >> 4) {
    case codes.ping:
    case codes.pong:
      if (bytes.length !== 15) return undefined
      return {
        kind: head >> 4 === codes.ping ? 'ping' : 'pong',
        seq,
        id: readUint(bytes, 5, 4),
        sent: readUint(bytes, 9, 6),
      }
    case codes.bye: {
      const reason = readReason(bytes, 41)
      if (reason === undefined) return undefined
      return { kind: 'bye', seq, sent: readOffsets(bytes, 5), got: readOffsets(bytes, 23), reason }
    }
    case codes.parted:
      return bytes.length === 23 ? { kind: 'parted', seq, got: readOffsets(bytes, 5) } : undefined
    default:
      return undefined
  }
}

/** What a reason may look like on the wire and in a log: printable ASCII, bounded. */
export function printable(reason: string): string {
  return reason.slice(0, maxReasonChars).replace(/[^ -~]/g, '?')
}

function decodeData(bytes: Bytes, seq: number, low: number): DataFrame | undefined {
  const lane = low & 3
  const first = (low & firstBit) !== 0
  const last = (low & lastBit) !== 0
  const at = first ? dataHeadBytes : 5
  if (lane > 2 || bytes.length < at) return undefined
  const size = bytes.length - at
  const total = first ? readUint(bytes, 5, 3) : undefined
  // Only an empty message is an empty frame; a message in one frame has its length twice.
  if (size === 0 && !(first && last)) return undefined
  if (total !== undefined) {
    if (total > maxMessageBytes || (last ? size !== total : size >= total)) return undefined
  }
  return {
    kind: 'data',
    seq,
    lane: lane as FrameLane,
    total,
    last,
    payload: bytes.subarray(at),
  }
}

function readReason(bytes: Bytes, at: number): string | undefined {
  if (bytes.length < at || bytes.length > at + maxReasonChars) return undefined
  const reason = String.fromCharCode(...bytes.subarray(at))
  return printable(reason) === reason ? reason : undefined
}

function writeOffsets(out: Bytes, at: number, offsets: Offsets): void {
  for (const lane of [0, 1, 2] as const) writeUint(out, at + 6 * lane, 6, offsets[lane])
}

function readOffsets(bytes: Bytes, at: number): Offsets {
  return [readUint(bytes, at, 6), readUint(bytes, at + 6, 6), readUint(bytes, at + 12, 6)]
}

function writeUint(out: Bytes, at: number, size: number, value: number): void {
  let rest = value
  for (let i = at + size - 1; i >= at; i--) {
    out[i] = rest & 255
    rest = Math.floor(rest / 256)
  }
}

function readUint(bytes: Bytes, at: number, size: number): number {
  let value = 0
  for (let i = at; i < at + size; i++) value = value * 256 + (bytes[i] as number)
  return value
}
