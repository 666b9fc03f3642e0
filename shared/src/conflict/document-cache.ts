/**
 * A folded document as bytes (rules DX1 to DX3), so that opening one reads what it shows and not all
 * that was ever said: a head, its messages in chunks, and its last messages by themselves for the
 * first screen. It is a cache and never sent; with a wrong version, shape, checksum or other cuts it
 * counts as missing.
 */
import { type Bytes, concat, equalBytes } from '../bytes.ts'
import { decode, encode, type Value } from '../encoding/msgpack.ts'
import { isBatonError } from '../errors.ts'
import { deviceId, idBytes, type LogId, type SessionId } from '../ids.ts'
import { readSessionDescriptor } from '../model/beginning.ts'
import type { Sha256 } from '../primitives.ts'
import { history } from './conflicts.ts'
import { type Cut, type CutReason, type Cuts, judgesAlike } from './cuts.ts'
import { createDocument, type DocumentState, nothingKnown } from './document.ts'
import { type BodyForm, bodyValue, readBody } from './document-cache-body.ts'
import { keepValue } from './held.ts'
import { readLeases } from './lease-columns.ts'
import { createLogTable, type LogTable, type ReadLogs, readLogTable } from './log-table.ts'
import { chunkMessages, messageColumns, readMessageColumns } from './message-columns.ts'
import type { MessageNode } from './messages.ts'
import { readStreamColumns, streamColumns } from './stream-columns.ts'
import { type Stream, type Streaming, streamKey } from './streams.ts'

/** Raised whenever the fold of the same entries gives another result, or these forms change. */
const version = 7
const checksumBytes = 8
/** Messages that are read without the rest: some screens of them. */
export const tailMessages = 256
const limits = { maxBytes: 256 * 1024 * 1024, maxValues: 50_000_000 }

export interface CachedDocument {
  /** Each with its checksum before it. */
  readonly head: Bytes
  readonly chunks: readonly Bytes[]
  readonly tail: Bytes
}

/** The same bytes for the same fold. */
export function encodeDocument(sha256: Sha256, state: DocumentState): CachedDocument {
  const table = createLogTable()
  const nodes = [...state.messages.values()]
  const chunks: Bytes[] = []
  for (let at = 0; at < nodes.length; at += chunkMessages) {
    chunks.push(sealed(sha256, messageColumns(nodes.slice(at, at + chunkMessages), table)))
  }
  const body = bodyValue(state, table)
  const logs = logsValue(state, table)
  const sums = concat(...chunks.map((chunk) => chunk.subarray(0, checksumBytes)))
  const head: Value = [version, idBytes(state.session), table.ids(), logs, sums, body]
  return { head: sealed(sha256, head), chunks, tail: encodeTail(sha256, state) }
}

function encodeTail(sha256: Sha256, state: DocumentState): Bytes {
  const table = createLogTable()
  const nodes = history(state).slice(-tailMessages)
  const columns = messageColumns(nodes, table)
  const shown = nodes.flatMap(({ id, stream }) => {
    const own = stream && state.streams.get(streamKey(stream, id))
    return own ? [own, ...continuing(state, own)] : []
  })
  const streams = streamColumns({ ...state, streams: shown }, table)
  const logs = logsValue(state, table)
  return sealed(sha256, [version, idBytes(state.session), table.ids(), logs, columns, streams])
}

/** Streams of those that went on with it. */
const continuing = ({ streams }: DocumentState, { id, author, continued }: Stream): Stream[] =>
  [...new Set([...continued.values()].map(({ device }) => device))].flatMap((device) => {
    const stream = device === author ? undefined : streams.get(streamKey(device, id))
    return stream ? [stream] : []
  })

const sealed = (sha256: Sha256, value: Value): Bytes => {
  const body = encode(value)
  return concat(sha256(body).subarray(0, checksumBytes), body)
}

/** Undefined for bytes that are not whole. */
function opened(sha256: Sha256, bytes: Bytes): Value | undefined {
  const body = bytes.subarray(checksumBytes)
  const sum = sha256(body).subarray(0, checksumBytes)
  return equalBytes(sum, bytes.subarray(0, checksumBytes)) ? decode(body, limits) : undefined
}

type LogForm = readonly [number, number, Bytes, number, number, [number, CutReason] | null]

function logsValue({ logs, cuts }: DocumentState, table: LogTable): Value {
  return [...logs].map(([log, { seq, hash, changed, hiddenCount }]): Value => {
    const cut = cuts(log)
    const then: Value = cut && cut.seq < seq ? [cut.seq, cut.reason] : null
    return [table.at(log), seq, hash, changed, hiddenCount, then]
  })
}

/** False when their entries are judged otherwise by now. */
const judgedAlike = (forms: readonly LogForm[], logs: ReadLogs, cuts: Cuts): boolean =>
  forms.every(([at, seq, , , , then]) => {
    const cut: Cut | undefined = then ? { seq: then[0], reason: then[1] } : undefined
    return judgesAlike(cut, cuts(logs.at(at).log), seq)
  })

/** How many chunks belong to a head; undefined when it is none. */
export function chunksOf(sha256: Sha256, head: Bytes): number | undefined {
  return reading(() => {
    const form = opened(sha256, head) as HeadForm | undefined
    return form && form[0] === version ? form[4].length / checksumBytes : undefined
  })
}

type HeadForm = readonly [number, Bytes, Bytes[], LogForm[], Bytes, BodyForm]

/** The fold as it was; undefined for anything but a whole cache of this version, session and cuts. */
export function decodeDocument(
  sha256: Sha256,
  session: SessionId,
  { head, chunks }: Pick<CachedDocument, 'head' | 'chunks'>,
  cuts: Cuts,
): DocumentState | undefined {
  return reading(() => {
    const form = opened(sha256, head) as HeadForm | undefined
    if (!form || form[0] !== version) return undefined
    const [, id, ids, logForms, sums, body] = form
    const logs = readLogTable(ids)
    if (!equalBytes(id, idBytes(session)) || !judgedAlike(logForms, logs, cuts)) return undefined
    if (!equalBytes(sums, concat(...chunks.map((chunk) => chunk.subarray(0, checksumBytes))))) {
      return undefined
    }
    const { leases } = nothingKnown(cuts)
    readLeases({ session, leases, judged: new Map() }, body[15], logs)
    const state = createDocument(session, {
      ...nothingKnown(cuts),
      leases,
      author: body[0] ? deviceId(body[0]) : undefined,
      descriptor: readSessionDescriptor(keepValue(body[1])),
      writers: new Set(body[2].map(deviceId)),
      hosts: new Set(body[16].map(deviceId)),
    })
    for (const [at, seq, hash, changed, hiddenCount] of logForms) {
      const { log, device } = logs.at(at)
      state.logs.set(log, { device, seq, hash: hash.slice(), changed, hiddenCount })
    }
    for (const chunk of chunks) {
      const columns = opened(sha256, chunk)
      if (columns === undefined) return undefined
      for (const node of readMessageColumns(columns, logs)) state.messages.set(node.id, node)
    }
    readBody(state, body, logs)
    // What is beyond a cut by now is waited for no longer.
    const waits = state.waiting
      .list()
      .some(({ missing }) => missing.some(({ log, seq }) => seq > (cuts(log)?.seq ?? seq)))
    return waits ? undefined : state
  })
}

type TailForm = readonly [number, Bytes, Bytes[], LogForm[], Value, Value]

export interface DocumentTail {
  /** Where each log stood. */
  readonly logs: ReadonlyMap<LogId, { readonly seq: number; readonly hash: Bytes }>
  /** The last of the history as its policy shows it, at most `tailMessages`. */
  readonly messages: readonly MessageNode[]
  /** The streams of these messages, and how they stand. */
  readonly streaming: Streaming
}

export function decodeTail(
  sha256: Sha256,
  session: SessionId,
  bytes: Bytes,
  cuts: Cuts,
): DocumentTail | undefined {
  return reading(() => {
    const form = opened(sha256, bytes) as TailForm | undefined
    if (!form || form[0] !== version || !equalBytes(form[1], idBytes(session))) return undefined
    const logs = readLogTable(form[2])
    if (!judgedAlike(form[3], logs, cuts)) return undefined
    const places = form[3].map(([at, seq, hash]) => [logs.at(at).log, { seq, hash }] as const)
    const streaming = { ...readStreamColumns(form[5], logs), cuts }
    return { logs: new Map(places), messages: readMessageColumns(form[4], logs), streaming }
  })
}

/** What a later version wrote is a cache miss; anything else is a fault of this program. */
function reading<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isBatonError(error) || error instanceof TypeError) return undefined
    throw error
  }
}
