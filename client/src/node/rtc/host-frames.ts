/**
 * What a process and its link host say to each other, on top of host-wire.ts: the kinds, and the
 * JSON of those that are not plain bytes. Rule LH5. The host carries a native library that parses
 * what strangers send, so its side is checked like a peer's.
 */
import { type Bytes, utf8Decode, utf8Encode } from '@baton/shared/bytes'
import { BatonError, type ErrorCode, isBatonError } from '@baton/shared/errors'
import { signalSchema } from '@baton/shared/protocol/signal'
import * as z from 'zod/mini'
import type { Lane } from '../../core/ports/channel.ts'

/** To the host. */
export const ask = {
  dial: 1,
  signal: 2,
  cancel: 3,
  /** Body: the message; lane. */
  send: 4,
  /** Body: u32 LE, how many more messages of the lane were handled. */
  handled: 5,
  /** The receive handler failed: the channel is to end as the link ends it then. */
  unhandled: 6,
  admit: 7,
  close: 8,
  quit: 9,
  ping: 10,
} as const

/** From the host. */
export const tell = {
  ready: 33,
  fatal: 34,
  signal: 35,
  /** Body: local and remote fingerprint, 64 bytes. */
  opened: 36,
  refused: 37,
  /** Body: the message; lane. */
  message: 38,
  /** Body: u32 LE, how many more messages of the lane the link took. */
  taken: 39,
  facts: 40,
  closed: 41,
  trace: 42,
  /** Body: u32 LE, native connections open in the host. */
  pong: 43,
} as const

export const laneNames: readonly Lane[] = ['control', 'live', 'bulk']
export const laneNumber = (lane: Lane): number => laneNames.indexOf(lane)

const text = (max: number) => z.string().check(z.maxLength(max))
const count = z.number().check(z.minimum(0))
const code = z.string().check(z.regex(/^[a-z-]{1,40}$/))

const iceSchema = z.object({
  servers: z.array(
    z.object({
      urls: z.union([z.string(), z.array(z.string())]),
      username: z.optional(z.string()),
      credential: z.optional(z.string()),
    }),
  ),
  policy: z.enum(['auto', 'direct', 'relay']),
})

export const schemas = {
  dial: z.object({ initiator: z.boolean(), ice: iceSchema }),
  signal: signalSchema,
  reason: text(400),
  error: z.object({ code, message: text(2_000), hint: z.optional(text(1_000)) }),
  facts: z.object({
    path: z.enum(['direct', 'relayed', 'unknown']),
    rttMs: z.optional(count),
    bytesSent: count,
    bytesReceived: count,
  }),
  end: z.object({ clean: z.boolean(), code, reason: text(400), unconfirmedBytes: count }),
  trace: z.object({
    event: text(100),
    fields: z.optional(
      z.record(z.string(), z.optional(z.union([text(200), z.number(), z.boolean()]))),
    ),
  }),
} as const

export const encodeJson = (value: unknown): Bytes => utf8Encode(JSON.stringify(value))

/** Throws `invalid` when the body is not JSON of this shape. */
export function parseJson<T>(schema: z.ZodMiniType<T>, body: Bytes): T {
  const parsed = schema.safeParse(json(utf8Decode(body)))
  if (!parsed.success) throw new BatonError('invalid', 'failed to read a frame of the link host')
  return parsed.data
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No schema takes undefined, so the caller refuses it with the frames of a wrong shape.
    return undefined
  }
}

export function encodeCount(count: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, count, true)
  return out
}

export function parseCount(body: Bytes): number {
  if (body.length !== 4) throw new BatonError('invalid', 'failed to read a count')
  return new DataView(body.buffer, body.byteOffset).getUint32(0, true)
}

export function encodeError(error: unknown): Bytes {
  const known = isBatonError(error)
  return encodeJson({
    code: known ? error.code : 'native-crash',
    message: (error instanceof Error ? error.message : String(error)).slice(0, 2_000),
    hint: known ? error.hint?.slice(0, 1_000) : undefined,
  })
}

export function parseError(body: Bytes): BatonError {
  const { code, message, hint } = parseJson(schemas.error, body)
  return new BatonError(code as ErrorCode, message, hint === undefined ? {} : { hint })
}
