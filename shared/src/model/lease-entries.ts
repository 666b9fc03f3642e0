/**
 * Payloads of the entries by which a session changes hands (rules LE1, LE2): `ready`, `lease`, `accept`
 * and `decline`. What they answer is their first dependency, never a position in the payload. Parsing
 * is by hand and nothing throws: a malformed one is hidden by the fold.
 */
import type { Bytes } from '../bytes.ts'
import type { Vector } from '../clock/vector.ts'
import { isBytes, isCount } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import {
  type DeviceId,
  deviceId,
  idBytes,
  incarnationBytes,
  joinLogId,
  type SessionId,
  splitLogId,
} from '../ids.ts'
import { maxEpoch, maxLogsPerSession } from '../limits.ts'

/** Of a handoff: 16 random bytes. */
export const requestBytes = 16

/** Logs that one of these names, all of one device: 20 bytes each at most. */
export const maxLeaseLogs = 1500

/** The target holds all of `vector` durably, blobs too. */
export interface ReadyPayload {
  readonly request: Bytes
  readonly vector: Vector
}

export interface LeasePayload {
  /** The one that begins with it, from 1 on. */
  readonly epoch: number
  /** `takeover`: without a word of who held it. */
  readonly how: 'transfer' | 'takeover'
  readonly holder: DeviceId
  readonly request: Bytes | undefined
  /** What of the logs before it belongs to what is handed over. */
  readonly vector: Vector
}

/** From here on its device holds the session. `vector`: what it knew of who held it before. */
export interface AcceptPayload {
  readonly vector: Vector
}

export const declineReasons = ['invalid', 'expired', 'not-permitted', 'declined', 'busy'] as const
export type DeclineReason = (typeof declineReasons)[number]

const transfer = 0
const takeover = 1

export const encodeReady = ({ request, vector }: ReadyPayload): Value => [
  request,
  encodeVector(vector),
]

export const encodeLease = (lease: LeasePayload): Value => [
  lease.epoch,
  lease.how === 'transfer' ? transfer : takeover,
  idBytes(lease.holder),
  lease.request ?? null,
  encodeVector(lease.vector),
]

export const encodeAccept = ({ vector }: AcceptPayload): Value => [encodeVector(vector)]

export const encodeDecline = (reason: DeclineReason): Value => [reason]

export function parseReady(session: SessionId, payload: unknown): ReadyPayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [request, form] = payload
  const vector = parseVector(session, form)
  return isBytes(request, requestBytes) && vector ? { request: request.slice(), vector } : undefined
}

export function parseLease(session: SessionId, payload: unknown): LeasePayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [epoch, how, holder, request, form] = payload
  const vector = parseVector(session, form)
  if (!isCount(epoch, 1) || epoch > maxEpoch || !isBytes(holder, 32) || !vector) return undefined
  if (how !== transfer && how !== takeover) return undefined
  if (request !== null && !isBytes(request, requestBytes)) return undefined
  return {
    epoch,
    how: how === transfer ? 'transfer' : 'takeover',
    holder: deviceId(holder),
    request: request === null ? undefined : request.slice(),
    vector,
  }
}

export function parseAccept(session: SessionId, payload: unknown): AcceptPayload | undefined {
  const vector = Array.isArray(payload) ? parseVector(session, payload[0]) : undefined
  return vector && { vector }
}

/** A reason of a later version is a decline all the same. */
export const isDecline = (payload: unknown): boolean =>
  Array.isArray(payload) && typeof payload[0] === 'string' && payload[0].length <= 64

/** By device, so that many logs of few devices fit into an entry: [[device, [[inc, seq]...]]...]. */
function encodeVector(vector: Vector): Value {
  const byDevice = new Map<DeviceId, [Bytes, number][]>()
  for (const [log, seq] of vector) {
    const { device, incarnation } = splitLogId(log)
    const logs = byDevice.get(device) ?? []
    byDevice.set(device, logs)
    logs.push([incarnation, seq])
  }
  return [...byDevice].map(([device, logs]): Value => [idBytes(device), logs])
}

function parseVector(session: SessionId, form: unknown): Vector | undefined {
  if (!Array.isArray(form)) return undefined
  const vector = new Map<ReturnType<typeof joinLogId>, number>()
  for (const each of form) {
    if (!Array.isArray(each) || !isBytes(each[0], 32) || !Array.isArray(each[1])) return undefined
    const device = deviceId(each[0])
    for (const place of each[1]) {
      if (!Array.isArray(place) || !isBytes(place[0], incarnationBytes)) return undefined
      if (!isCount(place[1], 1) || vector.size >= maxLogsPerSession) return undefined
      vector.set(joinLogId(session, device, place[0]), place[1])
    }
  }
  return vector
}
