/**
 * Messages that are written bit by bit (rules SW3 to SW6): where each piece of a text stands, never
 * the text, so that a long one folds into little. A stream is its author's: a piece counts from the
 * device that began it, or said again from a place of that device that is hidden by now. The result
 * depends on the set alone; what is open by one set may be done or interrupted by a larger one.
 *
 * Pieces are the text: an end holds the rest and a hash. Whoever says one again that is over says each
 * piece as it was (rule CX13).
 */
import { type Bytes, equalBytes, utf8Encode } from '../bytes.ts'
import { type DeviceId, type LogId, splitLogId } from '../ids.ts'
import type { At } from '../model/agent-entries.ts'
import type { Held } from '../model/document-entries.ts'
import { parseStream, type StreamPiece } from '../model/stream-entries.ts'
import { utf8Bytes } from '../model/stream-text.ts'
import type { Sha256 } from '../primitives.ts'
import type { DocumentState } from './document.ts'
import { foldMessage } from './messages.ts'
import type { Write } from './register.ts'

export interface StreamPart extends At {
  /** UTF-8 bytes of the text before it, and of it. */
  readonly offset: number
  readonly bytes: number
}

export interface StreamEnd extends At {
  /** UTF-8 bytes of the whole text. */
  readonly total: number
  /** Of the whole text; undefined: broken off. */
  readonly hash: Bytes | undefined
}

export interface Stream {
  readonly id: string
  readonly author: DeviceId
  /** The highest epoch that its entries name. */
  epoch: number
  /** By offset. */
  readonly parts: Map<number, StreamPart>
  end: StreamEnd | undefined
  /** Logs in which the author itself wrote of it; not what is said again. */
  readonly logs: Set<LogId>
}

export type StreamState = 'open' | 'done' | 'interrupted'

/** What of a document tells how its streams stand. */
export type Streaming = Pick<DocumentState, 'streams' | 'followed' | 'epoch' | 'cuts'>

export const streamKey = (author: DeviceId, id: string): string => `${author} ${id}`

export function foldStream(
  state: DocumentState,
  payload: unknown,
  write: (held: Held) => Write,
): boolean {
  const parsed = parseStream(payload)
  if (!parsed) return false
  const at = write({ at: 'absent' })
  const author = authorOf(at)
  const key = streamKey(author, parsed.id)
  const known = state.streams.get(key)
  const stream = known ?? createStream(author, parsed.id)
  if (!known) state.streams.set(key, stream)
  if (!at.again) stream.logs.add(at.log)
  stream.epoch = Math.max(stream.epoch, parsed.epoch)
  reachEpoch(state, parsed.epoch)
  if (parsed.at === 'beginning') foldMessage(state.messages, { ...parsed, stream: author }, at)
  else foldPiece(stream, parsed, at)
  return true
}

export const createStream = (author: DeviceId, id: string): Stream => ({
  ...{ id, author, epoch: 0, parts: new Map(), end: undefined },
  logs: new Set(),
})

/** Who holds a later epoch has taken over what was open in an earlier one. */
export function reachEpoch(state: DocumentState, epoch: number): void {
  if (epoch > state.epoch) state.epoch = epoch
}

/** Of what is said again, whoever said it first; that it stood there is the word of who says it again. */
const authorOf = ({ device, again }: Write): DeviceId =>
  again?.[0] ? splitLogId(again[0].slice(0, again[0].indexOf(' ')) as LogId).device : device

function foldPiece(stream: Stream, { at, offset, text, hash }: StreamPiece, write: At): void {
  const { log, seq } = write
  const bytes = utf8Bytes(text)
  if (bytes > 0) addPart(stream, { log, seq, offset, bytes })
  if (at === 'piece') return
  const end = { log, seq, total: offset + bytes, hash: hash?.slice() }
  if (!stream.end || endsBefore(stream, end, stream.end)) stream.end = end
}

/** Its author wrote it there itself: nothing that another says again takes its place. */
const isOwn = ({ author }: Stream, { log }: At): boolean => splitLogId(log).device === author

/** Of several that begin at one place its author's own, the longest, and of these the first by its place. */
function addPart(stream: Stream, part: StreamPart): void {
  const { parts } = stream
  const same = parts.get(part.offset)
  if (same && isOwn(stream, same) !== isOwn(stream, part)) {
    if (isOwn(stream, part)) parts.set(part.offset, part)
    return
  }
  const longer = !same || part.bytes > same.bytes
  if (longer || (part.bytes === same.bytes && isBefore(part, same))) parts.set(part.offset, part)
}

/** In the order of the text. */
export const partsOf = ({ parts }: Stream): readonly StreamPart[] =>
  [...parts.values()].sort((a, b) => a.offset - b.offset)

/** One that ended is not broken off by who thought so: a copy of its device, for example. */
function endsBefore(stream: Stream, a: StreamEnd, b: StreamEnd): boolean {
  if (isOwn(stream, a) !== isOwn(stream, b)) return isOwn(stream, a)
  if ((a.hash === undefined) !== (b.hash === undefined)) return a.hash !== undefined
  return isBefore(a, b)
}

const isBefore = (a: At, b: At): boolean => (a.log === b.log ? a.seq < b.seq : a.log < b.log)

/** Open while the process that writes it may go on: it neither said otherwise, nor began anew, nor is cut off. */
export function streamState({ followed, epoch, cuts }: Streaming, stream: Stream): StreamState {
  if (stream.end) return stream.end.hash ? 'done' : 'interrupted'
  if (stream.epoch < epoch) return 'interrupted'
  const goesOn = [...stream.logs].some((log) => !followed.has(log) && cuts(log) === undefined)
  return goesOn ? 'open' : 'interrupted'
}

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
}

/**
 * Where the text of a streamed message stands. Of an open one up to the first hole: what is behind it
 * moves when the hole fills. What is beyond the end, or says a place of the text twice, is passed over.
 */
export function shownStream(of: Streaming, author: DeviceId, id: string): ShownStream {
  const stream = of.streams.get(streamKey(author, id)) ?? createStream(author, id)
  const { end } = stream
  const state = streamState(of, stream)
  const parts: StreamPart[] = []
  let at = 0
  let missing = false
  for (const part of fitting(stream)) {
    missing ||= part.offset > at
    if (missing && state === 'open') break
    parts.push(part)
    at = part.offset + part.bytes
  }
  missing ||= end !== undefined && at < end.total
  const devices = new Set(parts.map(({ log }) => splitLogId(log).device))
  devices.delete(author)
  return { state, parts, missing, hash: end?.hash, adoptedBy: [...devices].sort() }
}

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
