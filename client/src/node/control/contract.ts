/**
 * What crosses the control socket (rules CS3, CS4): one table of calls, whose schemas bound and check
 * both directions. Rows are those of mesh-api.ts; JSON drops what is undefined.
 */
import { maxCodeChars } from '@baton/shared/limits'
import { roles } from '@baton/shared/roster/authority'
import { deviceTypes } from '@baton/shared/roster/record'
import * as z from 'zod/mini'
import type {
  ConflictedSession,
  DeviceRow,
  HiddenRow,
  MeshEvent,
  PairingEvent,
  ReceiptRow,
  SendEvent,
  SessionRow,
  ShownRecord,
} from '../../core/mesh-api.ts'
import { archiveStreams } from './archive-shapes.ts'
import { conflictedShape, hiddenShape, placeShape, settlingShape } from './document-shapes.ts'
import { drivenCalls, drivenStreams } from './driven-shapes.ts'
import { handoffCalls, handoffShape, handoffStreams } from './handoff-shapes.ts'
import { invitationCalls, invitationStreams } from './invitation-shapes.ts'
import { recoveryCalls } from './recovery-shapes.ts'
import { processShape, type StatusReply } from './status.ts'

/** Where calls live below the socket's root. */
export const controlPath = '/v1'
export const maxRequestBytes = 64 * 1024
/** One line of a stream, or a whole reply. */
export const maxLineBytes = 1024 * 1024
export const maxReplyBytes = 32 * 1024 * 1024

const text = (max: number) => z.string().check(z.maxLength(max))
const word = text(64)
const line = text(1024)
const path = text(4096)
const id = z.string().check(z.regex(/^[\w-]{1,128}$/))
const count = z.number()
const list = <T extends z.ZodMiniType>(of: T, max: number) => z.array(of).check(z.maxLength(max))
const counts = z.record(text(200), z.number())

/** The schema checks; the cast says that a key JSON left out reads as undefined. */
const row = <T>(schema: z.ZodMiniType): z.ZodMiniType<T> => schema as unknown as z.ZodMiniType<T>

const deviceShape = z.object({
  id,
  short: word,
  name: line,
  platform: line,
  self: z.boolean(),
  state: z.enum(['self', 'connected', 'connecting', 'offline', 'pending', 'removed']),
  trouble: z.optional(
    z.object({ code: word, message: z.optional(text(4096)), hint: z.optional(text(4096)) }),
  ),
  path: z.optional(z.enum(['direct', 'relayed', 'unknown'])),
  rttMs: z.optional(count),
  presence: z.optional(
    list(z.object({ session: id, watching: z.boolean(), writing: z.boolean() }), 10_000),
  ),
  type: z.optional(z.enum(deviceTypes)),
  capabilities: list(z.object({ name: word, version: word, supported: z.boolean() }), 64),
  trust: count,
  role: z.optional(z.enum(roles)),
  removed: z.optional(z.object({ by: id, at: count })),
  addedAt: count,
  lastSeen: z.optional(count),
})

const branchShape = z.object({
  name: line,
  device: id,
  records: count,
  modified: count,
  placed: z.optional(path),
  shown: z.optional(z.boolean()),
})

const sessionShape = z.object({
  id: z.optional(id),
  agent: word,
  agentSession: text(200),
  title: z.optional(line),
  project: z.optional(path),
  origin: id,
  records: z.optional(count),
  bytes: count,
  modified: count,
  live: z.boolean(),
  driven: z.optional(z.boolean()),
  holder: z.optional(id),
  placed: z.optional(path),
  sharedWith: list(id, 10_000),
  branches: list(branchShape, 10_000),
})

const receiptShape = z.object({
  id: text(200),
  session: id,
  from: id,
  to: id,
  at: count,
  records: count,
  bytes: count,
  lastRecord: text(128),
  digest: text(128),
  placed: z.optional(path),
  unplaced: z.optional(z.object({ code: word, message: text(4096) })),
  merged: z.optional(z.enum(['extended', 'beside'])),
  neutralised: counts,
  epoch: z.optional(count),
  signedBy: list(id, 16),
})

const shownShape = z.object({
  file: path,
  index: count,
  kind: z.enum(['user', 'assistant', 'tool', 'result', 'system', 'other']),
  at: z.optional(line),
  text: text(16 * 1024),
  bytes: count,
  state: z.optional(word),
})

const statusShape = z.object({
  self: deviceShape,
  signaling: z.optional(z.object({ server: line, state: z.enum(['up', 'down', 'unasked']) })),
  devices: z.object({ paired: count, connected: count }),
  ranTwice: list(line, 64),
  sessions: z.object({ found: count, carried: count }),
  sources: list(z.object({ agent: word, roots: list(path, 64) }), 64),
  store: z.object({ kind: word, bytes: z.optional(count) }),
  counters: counts,
  process: processShape,
})

export const failureShape = z.object({
  code: word,
  message: text(4096),
  hint: z.optional(text(4096)),
})
const failed = z.object({ at: z.literal('failed'), ...failureShape.shape })

const pairingShape = z.discriminatedUnion('at', [
  z.object({ at: z.literal('task'), id }),
  z.object({
    at: z.literal('code'),
    code: text(maxCodeChars),
    qr: z.optional(line),
    expiresAt: count,
  }),
  z.object({ at: z.enum(['waiting', 'claimed', 'proving', 'connecting', 'released']) }),
  z.object({
    at: z.literal('check'),
    emoji: list(word, 16),
    peer: z.object({ name: line, platform: line, short: word }),
    confirm: z.boolean(),
  }),
  z.object({ at: z.literal('paired'), device: deviceShape, ms: count }),
  failed,
])

const sendShape = z.discriminatedUnion('at', [
  z.object({ at: z.literal('reading'), records: count, bytes: count }),
  z.object({ at: z.literal('skipped'), files: list(text(512), 128) }),
  z.object({ at: z.literal('cut'), records: count }),
  z.object({ at: z.enum(['connecting', 'waiting']), device: id }),
  z.object({
    at: z.literal('sending'),
    sentBytes: count,
    totalBytes: count,
    wireBytes: count,
    path: z.enum(['direct', 'relayed', 'unknown']),
  }),
  z.object({ at: z.literal('placing') }),
  z.object({
    at: z.literal('done'),
    receipt: receiptShape,
    digest: z.object({ here: text(128), there: text(128) }),
    placed: z.optional(z.object({ path, resume: text(16 * 1024) })),
    unplaced: z.optional(text(8192)),
    merged: z.optional(z.enum(['extended', 'beside'])),
    ms: count,
  }),
  failed,
])

const watchShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('device'), device: deviceShape }),
  z.object({ kind: z.literal('session'), session: sessionShape }),
  z.object({ kind: z.literal('received'), receipt: receiptShape, placed: z.optional(path) }),
  z.object({ kind: z.literal('signaling'), state: z.enum(['up', 'down']), server: line }),
  z.object({ kind: z.literal('notice'), message: text(4096) }),
  z.object({ kind: z.literal('handoff'), handoff: handoffShape }),
])

const nothing = z.object({})
const mapShape = z.object({ from: path, to: path })

/** Calls with one answer. */
export const calls = {
  status: { request: nothing, reply: row<StatusReply>(statusShape) },
  devices: { request: nothing, reply: row<DeviceRow[]>(list(deviceShape, 10_000)) },
  sessions: { request: nothing, reply: row<SessionRow[]>(list(sessionShape, 100_000)) },
  receipts: { request: nothing, reply: row<ReceiptRow[]>(list(receiptShape, 100_000)) },
  conflicts: {
    request: z.object({ ref: z.optional(text(200)) }),
    reply: row<ConflictedSession[]>(list(conflictedShape, 100_000)),
  },
  settle: {
    request: z.object({ ref: text(200), conflict: word, settling: settlingShape }),
    reply: row<object>(nothing),
  },
  hidden: {
    request: z.object({ ref: text(200) }),
    reply: row<HiddenRow[]>(list(hiddenShape, 10_000)),
  },
  adopt: {
    request: z.object({ ref: text(200), what: z.union([placeShape, z.literal('all')]) }),
    reply: z.object({ taken: count }),
  },
  rename: { request: z.object({ device: id, name: line }), reply: row<object>(nothing) },
  remove: { request: z.object({ device: id }), reply: row<object>(nothing) },
  role: { request: z.object({ device: id, role: z.enum(roles) }), reply: row<object>(nothing) },
  ...recoveryCalls,
  ...handoffCalls,
  ...invitationCalls,
  ...drivenCalls,
  answer: { request: z.object({ task: id, match: z.boolean() }), reply: row<object>(nothing) },
  /** `idle`: only when nobody else uses this device. */
  down: {
    request: z.object({ idle: z.optional(z.boolean()) }),
    reply: z.object({ stopping: z.boolean() }),
  },
}

/** The first event of a pairing: what `answer` names. */
export interface TaskEvent {
  readonly at: 'task'
  readonly id: string
}

export interface FailedEvent {
  readonly at: 'failed'
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** `end`, because a stream that was cut must not pass for a short session. */
export type ShowEvent =
  | { readonly at: 'record'; readonly record: ShownRecord }
  | { readonly at: 'end' }

/** Calls answered by a stream of lines. The task behind one is cancelled when its reader goes. */
export const streams = {
  invite: {
    request: z.object({ qr: z.boolean(), confirm: z.boolean(), guest: z.optional(z.boolean()) }),
    event: row<PairingEvent | TaskEvent>(pairingShape),
  },
  join: {
    request: z.object({ code: text(maxCodeChars), confirm: z.boolean() }),
    event: row<PairingEvent | TaskEvent>(pairingShape),
  },
  send: {
    request: z.object({
      ref: text(200),
      to: id,
      maps: list(mapShape, 64),
      project: z.optional(path),
      carryOnly: z.optional(z.boolean()),
    }),
    event: row<SendEvent>(sendShape),
  },
  show: {
    request: z.object({ ref: text(200), branch: z.optional(line) }),
    event: row<ShowEvent | FailedEvent>(
      z.discriminatedUnion('at', [
        z.object({ at: z.literal('record'), record: shownShape }),
        z.object({ at: z.literal('end') }),
        failed,
      ]),
    ),
  },
  ...handoffStreams,
  ...invitationStreams(deviceShape),
  ...archiveStreams,
  ...drivenStreams,
  watch: { request: nothing, event: row<MeshEvent>(watchShape) },
}

export type CallName = keyof typeof calls
export type StreamName = keyof typeof streams
export type RequestOf<N extends CallName | StreamName> = z.infer<
  (typeof calls & typeof streams)[N]['request']
>
export type ReplyOf<N extends CallName> = z.infer<(typeof calls)[N]['reply']>
export type EventOf<N extends StreamName> = z.infer<(typeof streams)[N]['event']>
