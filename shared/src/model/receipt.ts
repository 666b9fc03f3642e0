/**
 * Receipts (RE1, RE2): what was handed over, in bytes both devices sign. The sender signs the
 * transfer before it asks, the receiver signs the same bytes and its placement report, so one round
 * trip leaves both with both signatures.
 */
import * as z from 'zod/mini'
import { type Bytes, concat } from '../bytes.ts'
import { bytesField, bytesUpTo, countField } from '../encoding/field.ts'
import { decodeAs, encode, type Value } from '../encoding/msgpack.ts'
import {
  type DeviceId,
  deviceId,
  idBytes,
  type LogId,
  logId,
  type SessionId,
  sessionId,
} from '../ids.ts'
import { label } from '../labels.ts'
import { maxLogsPerSession } from '../limits.ts'

export interface TransferStatement {
  readonly session: SessionId
  readonly from: DeviceId
  readonly to: DeviceId
  /** ms since 1970, by the sender's clock. */
  readonly at: number
  /** What the sender held: every log, its seq and the first 8 bytes of its hash. */
  readonly vector: readonly { readonly log: LogId; readonly seq: number; readonly h: Bytes }[]
  /** Covers every carried file: see conflict/history.ts. */
  readonly digest: Bytes
  readonly records: number
  readonly bytes: number
  /** Id of the main file's last record: the rolling hash of the whole transcript. */
  readonly last: Bytes
  /**
   * Of a session that moved, the epoch in which `to` holds it; `records` are messages then, `last` the
   * hash of the last one's id, and `digest` that of all they say (conflict/spoken.ts). A copy has none.
   */
  readonly epoch?: number
}

/** What became of the session at the receiver, in its own words. */
export interface PlacementReport {
  /** Where the copy stands there, and the line that goes on with it. */
  readonly placed: { readonly path: string; readonly resume: string } | undefined
  /** Why no file was written, for a person; neither when none was asked for. */
  readonly unplaced:
    | { readonly code: string; readonly message: string; readonly hint: string }
    | undefined
  /** Of a send back: the author's own history goes on with it, or it stands beside. */
  readonly merged: 'extended' | 'beside' | undefined
  /** How often each kind or field was left out or changed in the placed file. */
  readonly neutralised: Readonly<Record<string, number>>
}

/** A receipt as both ends keep it. */
export interface Receipt {
  readonly transfer: Bytes
  readonly report: Bytes
  readonly fromSignature: Bytes
  readonly toSignature: Bytes
}

const statement = [
  bytesField(16),
  bytesField(32),
  bytesField(32),
  countField,
  z
    .array(z.tuple([bytesField(56), countField, bytesField(8)]))
    .check(z.maxLength(maxLogsPerSession)),
  bytesField(32),
  countField,
  countField,
  bytesField(32),
] as const
const transferSchema = z.union([z.tuple(statement), z.tuple([...statement, countField])])

export const encodeTransfer = (t: TransferStatement): Bytes =>
  encode([
    idBytes(t.session),
    idBytes(t.from),
    idBytes(t.to),
    t.at,
    t.vector.map(({ log, seq, h }): Value => [idBytes(log), seq, h]),
    t.digest,
    t.records,
    t.bytes,
    t.last,
    ...(t.epoch === undefined ? [] : [t.epoch]),
  ])

export function parseTransfer(bytes: Bytes): TransferStatement {
  const [session, from, to, at, vector, digest, records, size, last, epoch] = decodeAs(
    transferSchema,
    bytes,
  )
  return {
    session: sessionId(session),
    from: deviceId(from),
    to: deviceId(to),
    at,
    vector: vector.map(([log, seq, h]) => ({ log: logId(log), seq, h })),
    digest,
    records,
    bytes: size,
    last,
    ...(epoch === undefined ? {} : { epoch }),
  }
}

const text = (max: number) => z.string().check(z.maxLength(max))

const reportSchema = z.tuple([
  z.nullable(z.tuple([text(4096), text(8192)])),
  z.nullable(z.tuple([text(64), text(512), text(1024)])),
  z.nullable(z.enum(['extended', 'beside'])),
  z.array(z.tuple([text(64), countField])).check(z.maxLength(256)),
])

/** Reasons are cut to what fits: a person reads them. */
export const encodeReport = ({ placed, unplaced, merged, neutralised }: PlacementReport): Bytes =>
  encode([
    placed ? [placed.path, placed.resume] : null,
    unplaced ? [unplaced.code, unplaced.message.slice(0, 512), unplaced.hint.slice(0, 1024)] : null,
    merged ?? null,
    Object.entries(neutralised)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]): Value => [name, count]),
  ])

export function parseReport(bytes: Bytes): PlacementReport {
  const [placed, unplaced, merged, neutralised] = decodeAs(reportSchema, bytes)
  return {
    placed: placed ? { path: placed[0], resume: placed[1] } : undefined,
    unplaced: unplaced ? { code: unplaced[0], message: unplaced[1], hint: unplaced[2] } : undefined,
    merged: merged ?? undefined,
    neutralised: Object.fromEntries(neutralised),
  }
}

const receiptSchema = z.tuple([
  bytesUpTo(1024 * 1024),
  bytesUpTo(64 * 1024),
  bytesField(64),
  bytesField(64),
])

export const encodeReceipt = (r: Receipt): Bytes =>
  encode([r.transfer, r.report, r.fromSignature, r.toSignature])

export function parseReceipt(bytes: Bytes): Receipt {
  const [transfer, report, fromSignature, toSignature] = decodeAs(receiptSchema, bytes)
  return { transfer, report, fromSignature, toSignature }
}

/** What the sender signs. */
export const fromMessage = (transfer: Bytes): Bytes => concat(label('receipt'), transfer)

/** What the receiver signs: the transfer, and what became of it there. */
export const toMessage = (transfer: Bytes, report: Bytes): Bytes =>
  concat(label('receipt'), encode([transfer, report]))
