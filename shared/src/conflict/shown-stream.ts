/**
 * What is shown of messages that are written bit by bit (rules SW3 to SW6, SW12): the pieces that make up
 * the text, whoever wrote them, and how it stands.
 */
import { type Bytes, equalBytes, utf8Encode } from '../bytes.ts'
import { type DeviceId, splitLogId } from '../ids.ts'
import type { Sha256 } from '../primitives.ts'
import {
  createStream,
  isOwn,
  partsOf,
  type Stream,
  type Streaming,
  type StreamPart,
  type StreamState,
  streamKey,
  streamState,
} from './streams.ts'

export interface ShownStream {
  readonly state: StreamState
  /** What makes up the text, in order. */
  readonly parts: readonly StreamPart[]
  /** Some of the text is not held, or does not count. */
  readonly missing: boolean
  /** Of the whole text, where its author said it. */
  readonly hash: Bytes | undefined
  /** Devices that said parts of it again which they took over from its author. */
  readonly adoptedBy: readonly DeviceId[]
  /** Who writes it, or did last. */
  readonly writer: DeviceId
  /** Devices that went on with it, each once, in their order. */
  readonly continuedBy: readonly DeviceId[]
}

/**
 * Where the text of a streamed message stands. Of an open one up to the first hole: what is behind it
 * moves when the hole fills. What is beyond the end, or says a place of the text twice, is passed over.
 * Who went on with it is believed from where it did; how it stands is up to who did last.
 */
export function shownStream(of: Streaming, author: DeviceId, id: string): ShownStream {
  const turns = turnsOf(of, of.streams.get(streamKey(author, id)) ?? createStream(author, id))
  const { stream: last } = turns.at(-1) as Turn
  const state = streamState(of, last)
  const end = state === 'open' ? undefined : last.end
  const parts: StreamPart[] = []
  const adoptedBy = new Set<DeviceId>()
  let at = 0
  let missing = false
  for (const { stream, part } of turns.flatMap(within)) {
    missing ||= part.offset > at
    if (missing && state === 'open') break
    parts.push(part)
    at = endOf(part)
    const { device } = splitLogId(part.log)
    if (device !== stream.author) adoptedBy.add(device)
  }
  missing ||= at < Math.max(end?.total ?? 0, turns.at(-1)?.from ?? 0)
  const continuedBy = [...new Set(turns.slice(1).map((turn) => turn.stream.author))]
  const said = { state, parts, missing, hash: end?.hash, adoptedBy: [...adoptedBy].sort() }
  return { ...said, writer: last.author, continuedBy }
}

/** A stretch of the text that one device wrote; the last one has no end. */
interface Turn {
  readonly stream: Stream
  readonly from: number
  readonly upTo: number
}

function turnsOf({ streams }: Streaming, root: Stream): readonly Turn[] {
  const turns: Turn[] = [{ stream: root, from: 0, upTo: Number.POSITIVE_INFINITY }]
  for (const [epoch, { device, offset }] of [...root.continued].sort(([a], [b]) => a - b)) {
    const last = turns.at(-1)
    const { end } = last?.stream ?? {}
    // Nobody goes on with what is whole.
    if (end?.hash && end.epoch < epoch) break
    while (turns.length > 1 && (turns.at(-1)?.from ?? 0) >= offset) turns.pop()
    turns.push({ ...(turns.pop() as Turn), upTo: offset })
    const stream = streams.get(streamKey(device, root.id)) ?? createStream(device, root.id)
    turns.push({ stream, from: offset, upTo: Number.POSITIVE_INFINITY })
  }
  return turns
}

const within = ({ stream, from, upTo }: Turn) =>
  fitting(stream)
    .filter((part) => part.offset >= from && endOf(part) <= upTo)
    .map((part) => ({ stream, part }))

/** What does not overlap, nor is beyond the end: its author's own first, and in its gaps what is said again. */
function fitting(stream: Stream): readonly StreamPart[] {
  const all = partsOf(stream)
  const { end } = stream
  const total = end?.hash ? end.total : Number.POSITIVE_INFINITY
  // An end that is said again cuts nothing off that its author wrote.
  const most = end && isOwn(stream, end) ? total : Number.POSITIVE_INFINITY
  const own = inLine(
    all.filter((part) => isOwn(stream, part)),
    most,
  )
  if (own.length === all.length) return own
  const isKept = new Set(own)
  let next = 0
  const others = all.filter((part) => {
    if (isKept.has(part)) next++
    const before = own[next]?.offset ?? total
    return isKept.has(part) || (!isOwn(stream, part) && endOf(part) <= Math.min(before, total))
  })
  return inLine(others, most)
}

function inLine(sorted: readonly StreamPart[], total: number): readonly StreamPart[] {
  let at = 0
  return sorted.filter((part) => {
    if (part.offset < at || endOf(part) > total) return false
    at = endOf(part)
    return true
  })
}

const endOf = ({ offset, bytes }: StreamPart): number => offset + bytes

export type StreamFlaw = 'missing' | 'different'

/** `text` of all parts shown. `different`: it is not what its author hashed. */
export function flawOf(
  sha256: Sha256,
  { missing, hash }: ShownStream,
  text: string,
): StreamFlaw | undefined {
  if (missing) return 'missing'
  return hash && !equalBytes(sha256(utf8Encode(text)), hash) ? 'different' : undefined
}
