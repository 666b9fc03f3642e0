/**
 * A folded transcript as bytes (rule BR8): the same for the same entries, whatever order they came
 * in. It is a cache of the fold and never sent; with a wrong version, shape or checksum, or made under
 * other cuts, it counts as missing.
 */
import { type Bytes, compareBytes, concat, equalBytes } from '../bytes.ts'
import { decode, encode, type Value } from '../encoding/msgpack.ts'
import { isBatonError } from '../errors.ts'
import { deviceId, idBytes, type LogId, logId, type SessionId, splitLogId } from '../ids.ts'
import {
  type AgentDescriptor,
  descriptorSchema,
  encodePosition,
  type GrantKind,
  type Position,
  parsePosition,
} from '../model/agent-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { type Cut, type CutReason, type Cuts, judgesAlike, noCuts } from './cuts.ts'
import { fileKey, type HiddenReason, keepWhole, type TranscriptState } from './transcript.ts'
import { createTranscript } from './transcript-state.ts'

/** Raised whenever the fold of the same entries gives another result. */
const foldVersion = 4
const checksumBytes = 8

/** SHA-256 of the rest, its first 8 bytes || msgpack. */
export function encodeTranscript(sha256: Sha256, state: TranscriptState): Bytes {
  const logs = [...state.logs.keys()].sort((a, b) => compareBytes(idBytes(a), idBytes(b)))
  const index = new Map(logs.map((log, i) => [log, i]))
  const at = (log: LogId): number => index.get(log) as number
  const inPlace = (a: Placed, b: Placed) => at(a.log) - at(b.log) || a.seq - b.seq
  const body = encode([
    foldVersion,
    idBytes(state.session),
    logs.map((id): Value => {
      const log = state.logs.get(id)
      const {
        predecessor,
        descriptor,
        seq = 0,
        changed = 0,
        hiddenCount = 0,
        signed = 0,
      } = log ?? {}
      return [
        idBytes(id),
        predecessor ? idBytes(predecessor) : null,
        descriptor ? plain(descriptor) : null,
        seq,
        changed,
        hiddenCount,
        [...(state.versions.get(id) ?? [])].sort(),
        cutValue(state.cuts(id), seq),
        signed,
      ]
    }),
    state.pieces
      .toSorted((a, b) => at(a.log) - at(b.log) || a.from - b.from)
      .map(
        (p): Value => [
          at(p.log),
          p.file,
          p.from,
          p.to,
          encodePosition(p.base),
          encodePosition(p.end),
          p.changed,
          p.counts,
          p.epoch,
        ],
      ),
    [...state.wholes.values()]
      .sort(inPlace)
      .map(
        (w): Value => [at(w.log), w.file, w.seq, w.sha256, w.bytes, w.inline, w.epoch, w.signed],
      ),
    state.adoptions
      .toSorted(inPlace)
      .map((a): Value => [at(a.log), a.seq, a.epoch, a.file, encodePosition(a.to)]),
    state.grants.toSorted(inPlace).map((g): Value => [at(g.log), g.seq, idBytes(g.device), g.kind]),
    state.hidden.toSorted(inPlace).map((h): Value => [at(h.log), h.seq, h.reason]),
  ])
  return concat(sha256(body).subarray(0, checksumBytes), body)
}

/** A cut that none of the entries is beyond is none. */
const cutValue = (cut: Cut | undefined, seq: number): Value =>
  cut && cut.seq < seq ? [cut.seq, cut.reason] : null

interface Placed {
  readonly log: LogId
  readonly seq: number
}

/** Nothing for bytes that are not a whole cache of this version, session and cuts. */
export function decodeTranscript(
  sha256: Sha256,
  session: SessionId,
  bytes: Bytes,
  cuts: Cuts = noCuts,
): TranscriptState | undefined {
  const body = bytes.slice(checksumBytes)
  if (!equalBytes(sha256(body).subarray(0, checksumBytes), bytes.subarray(0, checksumBytes))) {
    return undefined
  }
  try {
    return read(session, body, cuts)
  } catch (error) {
    // What a later version wrote is a cache miss; anything else is a fault of this program.
    if (isBatonError(error) || error instanceof TypeError) return undefined
    throw error
  }
}

type Rows<T extends readonly unknown[]> = readonly T[]
type Form = [
  version: number,
  session: Bytes,
  logs: Rows<
    [
      ...[Bytes, Bytes | null, Value, number, number, number, string[]],
      ...[[number, CutReason] | null, number],
    ]
  >,
  pieces: Rows<[number, string, number, number, Value, Value, number, boolean, number]>,
  wholes: Rows<[number, string, number, Bytes, number, boolean, number, number]>,
  adoptions: Rows<[number, number, number, string, Value]>,
  grants: Rows<[number, number, Bytes, GrantKind]>,
  hidden: Rows<[number, number, HiddenReason]>,
]

function read(session: SessionId, body: Bytes, cuts: Cuts): TranscriptState | undefined {
  const form = decode(body, { maxValues: 10_000_000 }) as unknown as Form
  const [version, id, logs, pieces, wholes, adoptions, grants, hidden] = form
  if (version !== foldVersion || !equalBytes(id, idBytes(session))) return undefined
  const state = createTranscript(session, cuts)
  const ids = logs.map(([log]) => logId(log))
  const logAt = (i: number): LogId => ids[i] as LogId
  for (const [i, log] of logs.entries()) {
    const [, predecessor, told, seq, changed, hiddenCount, versions, cut, signed] = log
    const then = cut ? { seq: cut[0], reason: cut[1] } : undefined
    if (!judgesAlike(then, cuts(logAt(i)), seq)) return undefined
    const { device } = splitLogId(logAt(i))
    const descriptor = told === null ? undefined : descriptorSchema.parse(told)
    if (descriptor) {
      state.author = device
      state.descriptor ??= descriptor
    }
    state.logs.set(logAt(i), {
      device,
      predecessor: predecessor ? logId(predecessor) : undefined,
      descriptor,
      seq,
      changed,
      hiddenCount,
      signed,
    })
    if (versions.length > 0) state.versions.set(logAt(i), new Set(versions))
  }
  for (const [i, file, from, to, base, end, changed, counts, epoch] of pieces) {
    const log = logAt(i)
    const points = { base: position(base), end: position(end) }
    const piece = { log, file, from, to, ...points, changed, counts, epoch }
    state.pieces.push(piece)
    state.open.set(fileKey(log, file), piece)
  }
  for (const [i, file, seq, hash, size, inline, epoch, signed] of wholes) {
    const at = { log: logAt(i), file, seq }
    keepWhole(state, { ...at, sha256: hash, bytes: size, inline, epoch, signed })
  }
  for (const [i, seq, epoch, file, to] of adoptions) {
    state.adoptions.push({ log: logAt(i), seq, epoch, file, to: position(to) })
  }
  for (const [i, seq, device, kind] of grants) {
    state.grants.push({ log: logAt(i), seq, device: deviceId(device), kind })
  }
  for (const [i, seq, reason] of hidden) state.hidden.push({ log: logAt(i), seq, reason })
  return state
}

const plain = (descriptor: AgentDescriptor): Value => ({ ...descriptor }) as unknown as Value

function position(form: Value): Position {
  const parsed = parsePosition(form)
  if (parsed === undefined) throw new TypeError('a cached fold is damaged')
  return parsed
}
