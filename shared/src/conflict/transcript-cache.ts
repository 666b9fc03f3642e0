/**
 * A folded transcript as bytes (BR7): a cache of the fold, never sent, discarded when its version,
 * shape or checksum is not as expected.
 */
import type { Bytes } from '../bytes.ts'
import { decode, encode, type Value } from '../encoding/msgpack.ts'
import { isBatonError } from '../errors.ts'
import { deviceId, idBytes, type LogId, logId, type SessionId } from '../ids.ts'
import {
  type Content,
  descriptorSchema,
  encodeContent,
  encodePosition,
  parseContent,
  parsePosition,
} from '../model/agent-entries.ts'
import { createTranscript, fileKey, type HiddenReason, type TranscriptState } from './transcript.ts'

/** Raised whenever the fold of the same entries gives another result. */
const foldVersion = 1

export function encodeTranscript(state: TranscriptState): Bytes {
  const logs = [...state.logs.keys()]
  const index = new Map(logs.map((log, i) => [log, i]))
  const at = (log: LogId): number => index.get(log) as number
  return encode([
    foldVersion,
    state.author ? idBytes(state.author) : null,
    state.descriptor ? ({ ...state.descriptor } as unknown as Value) : null,
    [...state.logs].map(
      ([log, folded]): Value => [
        idBytes(log),
        folded.predecessor ? idBytes(folded.predecessor) : null,
        folded.seq,
      ],
    ),
    state.pieces.map(
      (p): Value => [
        at(p.log),
        p.file,
        p.from,
        p.to,
        encodePosition(p.base),
        encodePosition(p.end),
      ],
    ),
    [...state.wholes.values()].map(
      (w): Value => [at(w.log), w.file, w.seq, w.sha256, encodeContent(w.content)],
    ),
    state.adoptions.map((a): Value => [at(a.log), a.seq, a.epoch, a.file, encodePosition(a.to)]),
    state.grants.map((g): Value => [at(g.log), g.seq, idBytes(g.device)]),
    state.hidden.map((h): Value => [at(h.log), h.seq, h.reason]),
  ])
}

/** Nothing for bytes that are not a whole cache of this version. */
export function decodeTranscript(session: SessionId, bytes: Bytes): TranscriptState | undefined {
  try {
    return read(session, bytes)
  } catch (error) {
    // A damaged cache is a cache miss; anything else is a fault of this program.
    if (isBatonError(error) || error instanceof TypeError) return undefined
    throw error
  }
}

function read(session: SessionId, bytes: Bytes): TranscriptState | undefined {
  const form = decode(bytes.slice(), { maxValues: 10_000_000 }) as readonly Value[]
  if (form[0] !== foldVersion) return undefined
  const [, author, descriptor, logs, pieces, wholes, adoptions, grants, hidden] = form as [
    number,
    Bytes | null,
    Value,
    ...(readonly (readonly Value[])[])[],
  ]
  const state = createTranscript(session)
  state.author = author ? deviceId(author) : undefined
  const parsed = descriptorSchema.safeParse(descriptor)
  state.descriptor = parsed.success ? parsed.data : undefined
  const ids: LogId[] = []
  for (const [id, predecessor, seq] of logs as [Bytes, Bytes | null, number][]) {
    const log = logId(id)
    ids.push(log)
    state.logs.set(log, {
      device: deviceId(id.subarray(16, 48)),
      predecessor: predecessor ? logId(predecessor) : undefined,
      seq,
    })
  }
  const logAt = (i: number): LogId => ids[i] as LogId
  for (const [i, file, from, to, base, end] of pieces as [
    number,
    string,
    number,
    number,
    Value,
    Value,
  ][]) {
    const piece = {
      log: logAt(i),
      file,
      from,
      to,
      base: must(parsePosition(base)),
      end: must(parsePosition(end)),
    }
    state.pieces.push(piece)
    state.open.set(fileKey(piece.log, file), piece)
  }
  for (const [i, file, seq, sha256, content] of wholes as [
    number,
    string,
    number,
    Bytes,
    Value,
  ][]) {
    const whole = {
      log: logAt(i),
      file,
      seq,
      sha256,
      content: must<Content>(parseContent(content)),
    }
    state.wholes.set(fileKey(whole.log, file), whole)
  }
  for (const [i, seq, epoch, file, to] of adoptions as [number, number, number, string, Value][]) {
    state.adoptions.push({ log: logAt(i), seq, epoch, file, to: must(parsePosition(to)) })
  }
  for (const [i, seq, device] of grants as [number, number, Bytes][]) {
    state.grants.push({ log: logAt(i), seq, device: deviceId(device) })
  }
  for (const [i, seq, reason] of hidden as [number, number, HiddenReason][]) {
    state.hidden.push({ log: logAt(i), seq, reason })
  }
  return state
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a cached fold is damaged')
  return value
}
