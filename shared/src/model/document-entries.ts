/**
 * Payloads of a session document's entries, as arrays on the wire (DE1). Parsing is by hand, as for
 * records. Whoever wrote an entry, a malformed payload is hidden by the fold, never refused by the
 * log (DE2).
 */
import type { Bytes } from '../bytes.ts'
import type { Value } from '../encoding/msgpack.ts'
import { maxContentBytes, maxEpoch, maxIdChars, maxPathChars, maxPathSegments } from '../limits.ts'
import { kinds } from '../log/kinds.ts'

/** Names one register: 1 to 8 segments, 16 Ki UTF-16 units in all. Any text is only a name. */
export type Path = readonly string[]

/** A path as a map key: different for different paths, whatever their text. */
export const pathKey = (path: Path): string => JSON.stringify(path)

/** A value, here or as a blob of its msgpack bytes; `absent` is a key that was deleted. */
export type Held =
  | { readonly at: 'value'; readonly value: Value }
  | { readonly at: 'blob'; readonly blob: Bytes; readonly bytes: number }
  | { readonly at: 'absent' }

export interface RegisterPayload {
  readonly path: Path
  readonly held: Held
}

/** The author's own row in a collection: no other device writes it. */
export interface RowPayload {
  readonly collection: string
  readonly key: string
  readonly held: Held
}

/** Input of any device, consumed by the holder's message that names it. */
export interface InboxPayload {
  readonly id: string
  readonly held: Held
}

export interface MessagePayload {
  readonly epoch: number
  readonly id: string
  /** The message it follows; undefined for a first one. */
  readonly parent: string | undefined
  readonly held: Held
  /** The inbox entry that it answers. */
  readonly consumes: string | undefined
}

/** In rising order; the last four are ends. */
export const toolStatuses = [
  'proposed',
  'approved',
  'running',
  'ok',
  'error',
  'cancelled',
  'unknown',
] as const
export type ToolStatus = (typeof toolStatuses)[number]

export interface ToolPayload {
  readonly epoch: number
  readonly call: string
  readonly status: ToolStatus
  readonly held: Held
}

/** One atomic capture of an origin's cookies and storage. */
export interface CapturePayload {
  readonly origin: string
  readonly held: Held
}

export const encodeRegister = (r: RegisterPayload): Value => [[...r.path], ...encodeHeld(r.held)]
export const encodeRow = (r: RowPayload): Value => [r.collection, r.key, ...encodeHeld(r.held)]
export const encodeInbox = (i: InboxPayload): Value => [i.id, ...encodeHeld(i.held)]
export const encodeMessage = (m: MessagePayload): Value => [
  m.epoch,
  m.id,
  m.parent ?? null,
  m.consumes ?? null,
  ...encodeHeld(m.held),
]
export const encodeTool = (t: ToolPayload): Value => [
  t.epoch,
  t.call,
  toolStatuses.indexOf(t.status),
  ...encodeHeld(t.held),
]
export const encodeCapture = (c: CapturePayload): Value => [c.origin, ...encodeHeld(c.held)]

export function parseRegister(payload: unknown): RegisterPayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [path, ...rest] = payload
  const held = parseHeld(rest)
  return isPath(path) && held ? { path, held } : undefined
}

export function parseRow(payload: unknown): RowPayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [collection, key, ...rest] = payload
  const held = parseHeld(rest)
  return isId(collection) && isId(key) && held ? { collection, key, held } : undefined
}

export function parseInbox(payload: unknown): InboxPayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [id, ...rest] = payload
  const held = parseHeld(rest)
  return isId(id) && held && held.at !== 'absent' ? { id, held } : undefined
}

export function parseMessage(payload: unknown): MessagePayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [epoch, id, parent, consumes, ...rest] = payload
  const held = parseHeld(rest)
  if (!isEpoch(epoch) || !isId(id) || !held || held.at === 'absent') return undefined
  if ((parent !== null && !isId(parent)) || (consumes !== null && !isId(consumes))) return undefined
  return { epoch, id, parent: parent ?? undefined, consumes: consumes ?? undefined, held }
}

export function parseTool(payload: unknown): ToolPayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [epoch, call, rank, ...rest] = payload
  const held = parseHeld(rest)
  const status = typeof rank === 'number' ? toolStatuses[rank] : undefined
  return isEpoch(epoch) && isId(call) && status && held ? { epoch, call, status, held } : undefined
}

export function parseCapture(payload: unknown): CapturePayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [origin, ...rest] = payload
  const held = parseHeld(rest)
  return isId(origin) && held && held.at !== 'absent' ? { origin, held } : undefined
}

/** Of whatever kind; undefined for other kinds and for malformed payloads. */
export function parseDocumentEntry(
  kind: number,
  payload: unknown,
): { readonly held: Held } | undefined {
  return parsers[kind]?.(payload)
}

const parsers: Readonly<Record<number, (payload: unknown) => { readonly held: Held } | undefined>> =
  {
    [kinds.register]: parseRegister,
    [kinds.row]: parseRow,
    [kinds.inbox]: parseInbox,
    [kinds.message]: parseMessage,
    [kinds.tool]: parseTool,
    [kinds.capture]: parseCapture,
  }

/** Nothing for absent, the value, or the hash and size of a blob. */
function encodeHeld(held: Held): Value[] {
  if (held.at === 'absent') return []
  return held.at === 'value' ? [held.value] : [held.blob, held.bytes]
}

function parseHeld(form: readonly unknown[]): Held | undefined {
  if (form.length === 0) return { at: 'absent' }
  if (form.length === 1) return { at: 'value', value: form[0] as Value }
  const [blob, bytes] = form
  if (form.length > 2 || !(blob instanceof Uint8Array) || blob.length !== 32) return undefined
  const counts = Number.isInteger(bytes) && Number(bytes) > 0 && Number(bytes) <= maxContentBytes
  return counts ? { at: 'blob', blob, bytes: Number(bytes) } : undefined
}

export function isPath(value: unknown): value is Path {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxPathSegments) return false
  let chars = 0
  for (const segment of value) {
    if (typeof segment !== 'string') return false
    chars += segment.length
  }
  return chars <= maxPathChars
}

export const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= maxIdChars

export const isEpoch = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxEpoch
