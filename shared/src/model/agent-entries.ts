/**
 * Payloads of an agent session's entries, as arrays on the wire (MO3). Parsing is by hand: records
 * come by the hundred thousand. Whoever wrote an entry, a malformed payload is hidden by the fold,
 * never refused by the log (MO4).
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import type { Value } from '../encoding/msgpack.ts'
import { type DeviceId, deviceId, idBytes, type LogId, logId, logIdBytes } from '../ids.ts'
import { maxContentBytes, maxInlineBytes } from '../limits.ts'
import { isCarriedPath, mainFile } from './carried-path.ts'

/** Stands for the main file, which nearly every entry names. */
const main = 0

/** Raw bytes: here, or as a blob named by the SHA-256 of the whole. */
export type Content = { readonly inline: Bytes } | { readonly blob: Bytes; readonly bytes: number }

/** A place in a log. */
export interface At {
  readonly log: LogId
  readonly seq: number
}

/**
 * A point in a line file: the id of the last record before it, where that record stands (nowhere at
 * the start of a file), and the records and bytes (newlines included) up to it.
 */
export interface Position {
  readonly record: Bytes
  readonly at: At | undefined
  readonly records: number
  readonly bytes: number
}

/** The start of every line file. */
export const fileStart: Position = {
  record: new Uint8Array(32),
  at: undefined,
  records: 0,
  bytes: 0,
}

/** One line of a line file. Without a base it follows the log's last record of the same file. */
export interface RecordPayload {
  readonly epoch: number
  readonly file: string
  readonly base: Position | undefined
  readonly content: Content
}

/** A whole sidecar file; a later version replaces it. */
export interface FilePayload {
  readonly epoch: number
  readonly file: string
  readonly content: Content
}

/** The holder's word that a file's main history goes on to a record of another device's branch. */
export interface AdoptPayload {
  readonly epoch: number
  readonly file: string
  readonly to: Position
}

/**
 * `copy` may hold and read the session; `mirror` may write its member kinds, too; `full`, for devices of
 * the same person, may let others in besides.
 */
export type GrantKind = 'copy' | 'mirror' | 'full'

/** Names a device that may hold the session. Later kinds stand beside these. */
export interface GrantPayload {
  readonly device: DeviceId
  readonly kind: GrantKind
}

const nonceField = z.custom<Bytes>((value) => value instanceof Uint8Array && value.length === 16)
const createdField = z.int().check(z.minimum(0))

export const descriptorSchema = z.object({
  kind: z.literal('agent'),
  nonce: nonceField,
  agent: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/)),
  agentSession: z.string().check(z.maxLength(128)),
  created: createdField,
  title: z.optional(z.string().check(z.maxLength(200))),
  project: z.optional(z.string().check(z.maxLength(4096))),
  repository: z.optional(
    z.object({
      remote: z.string().check(z.maxLength(1024)),
      below: z.string().check(z.maxLength(1024)),
    }),
  ),
  /** Whoever may write adds to its history at any time; without it one device holds the session. */
  open: z.optional(z.boolean()),
})

/** A session that is no agent's: its model says what it holds. */
export const documentDescriptorSchema = z.object({
  kind: z.enum(['browser', 'federation']),
  nonce: nonceField,
  created: createdField,
  title: z.optional(z.string().check(z.maxLength(200))),
})

/** What a session is, written once by its author. */
export type SessionDescriptor = AgentDescriptor | z.infer<typeof documentDescriptorSchema>
export type AgentDescriptor = z.infer<typeof descriptorSchema>

export const encodeRecord = (r: RecordPayload): Value => [
  r.epoch,
  encodePath(r.file),
  r.base === undefined ? null : encodePosition(r.base),
  encodeContent(r.content),
]

export const encodeFile = (f: FilePayload): Value => [f.epoch, f.file, encodeContent(f.content)]

export const encodeAdopt = (a: AdoptPayload): Value => [
  a.epoch,
  encodePath(a.file),
  encodePosition(a.to),
]

/** Whoever does not know `full` takes it for a mirror. */
export const encodeGrant = ({ device, kind }: GrantPayload): Value =>
  kind === 'full' ? [idBytes(device), 'mirror', true] : [idBytes(device), kind]

export function parseRecord(payload: unknown): RecordPayload | undefined {
  if (!Array.isArray(payload) || payload.length !== 4) return undefined
  const [epoch, fileForm, baseForm, contentForm] = payload
  const file = parsePath(fileForm)
  const content = parseContent(contentForm)
  if (!isEpoch(epoch) || file === undefined || content === undefined) return undefined
  if (baseForm === null) return { epoch, file, base: undefined, content }
  const base = parsePosition(baseForm)
  return base && { epoch, file, base, content }
}

export function parseFile(payload: unknown): FilePayload | undefined {
  if (!Array.isArray(payload) || payload.length !== 3) return undefined
  const [epoch, fileForm, contentForm] = payload
  const file = parsePath(fileForm)
  const content = parseContent(contentForm)
  if (!isEpoch(epoch) || file === undefined || file === mainFile) return undefined
  return content && { epoch, file, content }
}

export function parseAdopt(payload: unknown): AdoptPayload | undefined {
  if (!Array.isArray(payload) || payload.length !== 3) return undefined
  const [epoch, fileForm, form] = payload
  const file = parsePath(fileForm)
  const to = parsePosition(form)
  return isEpoch(epoch) && file !== undefined && to ? { epoch, file, to } : undefined
}

export function parseGrant(payload: unknown): GrantPayload | undefined {
  if (!Array.isArray(payload) || payload.length < 2) return undefined
  const [device, kind, full] = payload
  if (!(device instanceof Uint8Array) || device.length !== 32) return undefined
  if (kind !== 'copy' && kind !== 'mirror') return undefined
  return { device: deviceId(device), kind: kind === 'mirror' && full === true ? 'full' : kind }
}

export const encodePosition = (p: Position): Value => [
  p.record,
  p.at ? encodeAt(p.at) : null,
  p.records,
  p.bytes,
]

export function parsePosition(form: unknown): Position | undefined {
  if (!Array.isArray(form) || form.length !== 4) return undefined
  const [record, atForm, records, bytes] = form
  const at = atForm === null ? undefined : parseAt(atForm)
  if (!isHash(record) || (atForm !== null && at === undefined)) return undefined
  if (!isCount(records) || !isCount(bytes)) return undefined
  // Nowhere is the start of the file, and nothing else is.
  const start = records === 0 && bytes === 0 && record.every((byte) => byte === 0)
  return start === (at === undefined) && bytes >= records
    ? { record, at, records, bytes }
    : undefined
}

const encodeAt = (at: At): Value => [idBytes(at.log), at.seq]

function parseAt(form: unknown): At | undefined {
  if (!Array.isArray(form) || form.length !== 2) return undefined
  const [log, seq] = form
  if (!(log instanceof Uint8Array) || log.length !== logIdBytes) return undefined
  if (!isCount(seq) || seq === 0) return undefined
  return { log: logId(log), seq }
}

export const encodeContent = (content: Content): Value =>
  'inline' in content ? content.inline : [content.blob, content.bytes]

export function parseContent(form: unknown): Content | undefined {
  if (form instanceof Uint8Array)
    return form.length <= maxInlineBytes ? { inline: form } : undefined
  if (!Array.isArray(form) || form.length !== 2) return undefined
  const [blob, bytes] = form
  return isHash(blob) && isCount(bytes) && bytes <= maxContentBytes ? { blob, bytes } : undefined
}

const isHash = (value: unknown): value is Bytes =>
  value instanceof Uint8Array && value.length === 32
/** 0 to 2^48, with room above to add. */
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 2 ** 48
const isEpoch = isCount

const encodePath = (file: string): Value => (file === mainFile ? main : file)

function parsePath(form: unknown): string | undefined {
  if (form === main) return mainFile
  return typeof form === 'string' && isCarriedPath(form) ? form : undefined
}
