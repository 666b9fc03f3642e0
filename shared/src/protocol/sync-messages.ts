/**
 * What bound peers say about sessions (rule SY1): message types 16 to 63 of a channel, each a
 * msgpack array whose first element is the type. Digests are shortened to 8 bytes: peers are the
 * person's own devices, and a false match is repaired by the next difference. A log is named by 8
 * bytes (`logRef`), or by its whole id where these are not enough.
 *
 *   HELLO [16, digest8, greeting]               what I share with you, as one number; then as many
 *                                               deltas on this lane, or (null) batches up to PUSHED
 *   PUSHED [17]                                 everything I believed you lack is on its way
 *   CHECK [18, digest8]                         where I stand now
 *   STATE [19, [[session, digest8]...]]         CHECKs differ: which sessions
 *   VECTOR [20, session, answer, [[device, inc, seq, h8]...]]
 *   DELTA [21, delta] | [22, name, after, bodies, sig]     one signed run; 22 for a log you hold
 *   BATCH [23, rawBytes, deflated]              deltas, length-prefixed and deflated together
 *   RUNS [29, [[rawBytes, bytes]...]]           deltas, each deflated unless rawBytes is 0, as it is kept
 *   SNAPSHOT [24, manifest]                     batches follow that complete it
 *   BLOB [25, hash, total, offset, deflated, chunk]
 *   ACK [26, [[name, durable]...]]
 *   WANT [27, session, [[log, after]...], [[hash, offset]...]]
 *   TROUBLE [28, code]                          0: none; 1: my disk is full; 2: I cannot write
 *   FORK [30, proof]                            the author of a log signed two histories
 *   AHEAD-BEGIN [40, ref, session, id, offset, text]       text of a message that I write, not signed yet
 *   AHEAD [41, ref, offset, text] | AHEAD-HEARD [42, ref, have, again]
 *   AHEAD-DELTA [43, ref, name, after, epoch, offset, [[stamp, bytes]...], sig]    21, without text told ahead
 *   PRESENCE [44, [[session, doing]...]]        where I am active; bits: 1 somebody watches, 2 a message is written
 *   ASK [32, id, method, body] | ANSWER [33, id, body] | REFUSE [34, id, code, message]
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import { stampBytes } from '../clock/hlc.ts'
import { bytesField, bytesUpTo, countField } from '../encoding/field.ts'
import { decode, encode, type Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { logIdBytes, sessionIdBytes } from '../ids.ts'
import {
  aheadFrameBytes,
  aheadRefs,
  blobChunkBytes,
  maxAskBytes,
  maxBatchBytes,
  maxDeltaBytes,
  maxEntryBytes,
  maxForkBytes,
  maxLogsPerSession,
  maxPresenceRows,
  maxRuns,
  maxSharedSessions,
  maxWants,
  segmentEntries,
} from '../limits.ts'
import { isEpoch, isId } from '../model/document-entries.ts'
import { utf8Bytes } from '../model/stream-text.ts'

export const syncTypes = {
  hello: 16,
  pushed: 17,
  check: 18,
  state: 19,
  vector: 20,
  delta: 21,
  shortDelta: 22,
  batch: 23,
  snapshot: 24,
  blob: 25,
  ack: 26,
  want: 27,
  trouble: 28,
  runs: 29,
  fork: 30,
  ask: 32,
  answer: 33,
  refuse: 34,
  aheadBegin: 40,
  ahead: 41,
  aheadHeard: 42,
  aheadDelta: 43,
  presence: 44,
} as const

const session = bytesField(sessionIdBytes)
const short = bytesField(8)
const hash = bytesField(32)
const name = z.union([short, bytesField(logIdBytes)])

const ref = z.int().check(z.minimum(0), z.maximum(aheadRefs - 1))
const messageId = z.custom<string>(isId)
/** Of whole code points: what is no UTF-8 does not decode. */
const piece = z.custom<string>(
  (value) => typeof value === 'string' && value !== '' && utf8Bytes(value) <= aheadFrameBytes,
)

const row = z.tuple([bytesField(32), short, countField, short])
const schemas = {
  hello: z.tuple([z.literal(16), short, z.nullable(countField)]),
  pushed: z.tuple([z.literal(17)]),
  check: z.tuple([z.literal(18), short]),
  state: z.tuple([
    z.literal(19),
    z.array(z.tuple([session, short])).check(z.maxLength(maxSharedSessions)),
  ]),
  vector: z.tuple([
    z.literal(20),
    session,
    z.boolean(),
    z.array(row).check(z.maxLength(maxLogsPerSession)),
  ]),
  delta: z.tuple([z.literal(21), bytesUpTo(maxDeltaBytes)]),
  shortDelta: z.tuple([
    z.literal(22),
    name,
    countField,
    z.array(bytesUpTo(maxEntryBytes)).check(z.minLength(1), z.maxLength(segmentEntries)),
    bytesField(64),
  ]),
  batch: z.tuple([z.literal(23), countField, bytesUpTo(maxBatchBytes)]),
  snapshot: z.tuple([z.literal(24), bytesUpTo(maxBatchBytes)]),
  blob: z.tuple([
    z.literal(25),
    hash,
    countField,
    countField,
    z.boolean(),
    bytesUpTo(blobChunkBytes + 1024),
  ]),
  ack: z.tuple([
    z.literal(26),
    z.array(z.tuple([name, countField])).check(z.maxLength(maxLogsPerSession)),
  ]),
  want: z.tuple([
    z.literal(27),
    session,
    z.array(z.tuple([bytesField(logIdBytes), countField])).check(z.maxLength(maxWants)),
    z.array(z.tuple([hash, countField])).check(z.maxLength(maxWants)),
  ]),
  trouble: z.tuple([z.literal(28), countField]),
  runs: z.tuple([
    z.literal(29),
    z
      .array(z.tuple([countField, bytesUpTo(maxDeltaBytes)]))
      .check(z.minLength(1), z.maxLength(maxRuns)),
  ]),
  fork: z.tuple([z.literal(30), bytesUpTo(maxForkBytes)]),
  ask: z.tuple([
    z.literal(32),
    countField,
    z.string().check(z.maxLength(32)),
    bytesUpTo(maxAskBytes),
  ]),
  answer: z.tuple([z.literal(33), countField, bytesUpTo(maxAskBytes)]),
  refuse: z.tuple([
    z.literal(34),
    countField,
    z.string().check(z.maxLength(64)),
    z.string().check(z.maxLength(512)),
  ]),
  aheadBegin: z.tuple([z.literal(40), ref, session, messageId, countField, piece]),
  ahead: z.tuple([z.literal(41), ref, countField, piece]),
  aheadHeard: z.tuple([z.literal(42), ref, countField, z.boolean()]),
  aheadDelta: z.tuple([
    z.literal(43),
    ref,
    name,
    countField,
    z.custom<number>(isEpoch),
    countField,
    z
      .array(z.tuple([bytesField(stampBytes), countField]))
      .check(z.minLength(1), z.maxLength(segmentEntries)),
    bytesField(64),
  ]),
  presence: z.tuple([
    z.literal(44),
    z.array(z.tuple([session, countField])).check(z.maxLength(maxPresenceRows)),
  ]),
} as const

/** The largest content of any message, and what stands around it. */
const maxSyncBytes = Math.max(maxBatchBytes, maxAskBytes) + 128

type Kind = keyof typeof schemas
type Forms = { [K in Kind]: z.infer<(typeof schemas)[K]> }
/** A parsed message: its kind and its array form, the type in front. */
export type SyncMessage = { [K in Kind]: { readonly kind: K; readonly form: Forms[K] } }[Kind]
export type SyncForm<K extends Kind> = Forms[K]

const byType = new Map<number, Kind>(
  (Object.keys(syncTypes) as Kind[]).map((kind) => [syncTypes[kind], kind]),
)

export const encodeSync = (form: Forms[Kind]): Bytes => encode(form as unknown as Value)

/**
 * Parses one message. Nothing for a type of a newer version, which is passed over; throws `invalid`
 * or `too-large` for a known type in another shape, which costs the peer its link.
 */
export function parseSync(bytes: Bytes): SyncMessage | undefined {
  const value = decode(bytes, { maxBytes: maxSyncBytes })
  const type = Array.isArray(value) ? value[0] : undefined
  const kind = typeof type === 'number' ? byType.get(type) : undefined
  if (kind === undefined) {
    if (typeof type === 'number' && type > 0) return undefined
    throw invalid('no type')
  }
  const parsed = schemas[kind].safeParse(value)
  if (!parsed.success) throw invalid(kind)
  return { kind, form: parsed.data } as SyncMessage
}

const invalid = (what: string): BatonError =>
  new BatonError('invalid', `failed to read a sync message: ${what}`)
