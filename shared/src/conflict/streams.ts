/**
 * Messages that are written bit by bit (rules SW3 to SW6): where each piece of a text stands, never
 * the text, so that a long one folds into little. A stream is its author's: a piece counts from the
 * device that began it, or said again from a place of that device that is hidden by now. Who goes on
 * with the message of another has a stream of its own under the same id, which the other's names. The
 * result depends on the set alone; what is open by one set may be done or interrupted by a larger one.
 *
 * Pieces are the text: an end holds the rest and a hash. Whoever says one again that is over says each
 * piece as it was (rule CX13).
 */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, type LogId, splitLogId } from '../ids.ts'
import type { At } from '../model/agent-entries.ts'
import type { Held } from '../model/document-entries.ts'
import { isPiece, parseStream, type StreamPiece } from '../model/stream-entries.ts'
import { utf8Bytes } from '../model/stream-text.ts'
import type { DocumentState } from './document.ts'
import { foldMessage } from './messages.ts'
import type { Write } from './register.ts'

export interface StreamPart extends At {
  /** UTF-8 bytes of the text before it, and of it. */
  readonly offset: number
  readonly bytes: number
}

export interface StreamEnd extends At {
  readonly epoch: number
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
  /** Who went on with this message in later epochs, by epoch, and from which offset. */
  readonly continued: Map<number, Continued>
}

export interface Continued {
  readonly device: DeviceId
  readonly offset: number
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
  const stream = streamOf(state, author, parsed.id)
  if (!at.again) stream.logs.add(at.log)
  stream.epoch = Math.max(stream.epoch, parsed.epoch)
  reachEpoch(state, parsed.epoch)
  if (parsed.at === 'beginning') foldMessage(state.messages, { ...parsed, stream: author }, at)
  else if (isPiece(parsed)) foldPiece(stream, parsed, at)
  else goOn(streamOf(state, parsed.author, parsed.id), { ...parsed, device: author })
  return true
}

function streamOf({ streams }: DocumentState, author: DeviceId, id: string): Stream {
  const key = streamKey(author, id)
  const stream = streams.get(key) ?? createStream(author, id)
  streams.set(key, stream)
  return stream
}

/** An epoch has one holder; of what that says twice the least stands. */
function goOn({ continued }: Stream, { epoch, device, offset }: Continued & { epoch: number }) {
  const known = continued.get(epoch)
  const first =
    !known || offset < known.offset || (offset === known.offset && device < known.device)
  if (first) continued.set(epoch, { device, offset })
}

export const createStream = (author: DeviceId, id: string): Stream => ({
  ...{ id, author, epoch: 0, parts: new Map(), end: undefined },
  ...{ logs: new Set(), continued: new Map() },
})

/** Who holds a later epoch has taken over what was open in an earlier one. */
export function reachEpoch(state: DocumentState, epoch: number): void {
  if (epoch > state.epoch) state.epoch = epoch
}

/** Of what is said again, whoever said it first; that it stood there is the word of who says it again. */
const authorOf = ({ device, again }: Write): DeviceId =>
  again?.[0] ? splitLogId(again[0].slice(0, again[0].indexOf(' ')) as LogId).device : device

function foldPiece(stream: Stream, piece: StreamPiece, write: At): void {
  const { at, epoch, offset, text, hash } = piece
  const { log, seq } = write
  const bytes = utf8Bytes(text)
  if (bytes > 0) addPart(stream, { log, seq, offset, bytes })
  if (at === 'piece') return
  const end = { log, seq, epoch, total: offset + bytes, hash: hash?.slice() }
  if (!stream.end || endsBefore(stream, end, stream.end)) stream.end = end
}

/** Its author wrote it there itself: nothing that another says again takes its place. */
export const isOwn = ({ author }: Stream, { log }: At): boolean => splitLogId(log).device === author

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
  if (a.epoch !== b.epoch) return a.epoch > b.epoch
  return isBefore(a, b)
}

const isBefore = (a: At, b: At): boolean => (a.log === b.log ? a.seq < b.seq : a.log < b.log)

/** Open while the process that writes it may go on: it neither said otherwise, nor began anew, nor is cut off. */
export function streamState({ followed, epoch, cuts }: Streaming, stream: Stream): StreamState {
  const { end } = stream
  if (end?.hash) return 'done'
  // Who broke it off may have gone on with it in a later epoch of its own.
  if (end?.epoch === stream.epoch || stream.epoch < epoch) return 'interrupted'
  const goesOn = [...stream.logs].some((log) => !followed.has(log) && cuts(log) === undefined)
  return goesOn ? 'open' : 'interrupted'
}
