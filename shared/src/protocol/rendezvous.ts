/**
 * What a client and the signaling service say to each other (rules SV, RZ). Every operation is one
 * POST of compact JSON to a fixed path, so nothing that names anybody stands in a URL; events are
 * read by long poll (`/v1/events`) or by a WebSocket (`/v1/socket`) whose first frame is the same
 * request. Blobs are opaque: sealed and padded before they come here. The service imports this file
 * and no other protocol.
 */
import * as z from 'zod/mini'
import { type Bytes, concat, utf8Encode } from '../bytes.ts'
import { label } from '../labels.ts'
import { mailboxBytes, maxBlobBytes, maxQueueMessages, sidBytes } from '../limits.ts'

/** The version, as the first segment of every path and as the WebSocket subprotocol. */
export const rendezvousPath = '/v1'
export const rendezvousProtocol = 'baton.v1'

/** Base64url without padding of exactly `bytes` bytes, without stray bits in the last letter. */
function fixed(bytes: number) {
  const last = ['[\\w-]', '[AQgw]', '[AEIMQUYcgkosw048]'][bytes % 3]
  return z.string().check(z.regex(new RegExp(`^[\\w-]{${Math.ceil((bytes * 4) / 3) - 1}}${last}$`)))
}

const blob = z
  .string()
  .check(
    z.minLength(2),
    z.maxLength(Math.ceil((maxBlobBytes * 4) / 3)),
    z.regex(/^[A-Za-z0-9_-]+$/),
  )
const count = z.int().check(z.minimum(0))
const nameplate = z.string().check(z.regex(/^[1-9][0-9]{2,8}$/))
/** The capability of one side: 8 bytes to find it by, 16 secret ones. */
const token = fixed(24)
const mailbox = fixed(mailboxBytes)

export const requests = {
  /** Inviter: a new slot. */
  open: z.strictObject({ sid: fixed(sidBytes) }),
  /** Joiner: takes the one free place. */
  claim: z.strictObject({ nameplate }),
  /** `turn` names the joiner it is for or from; `n` counts up, so that a repeat is dropped. */
  send: z.strictObject({ token, turn: count, n: count, blob }),
  /** Inviter: frees the place of that turn. */
  release: z.strictObject({ token, turn: count }),
  /** Gives back what the token stands for. */
  close: z.strictObject({ token }),
  challenge: z.strictObject({ mailbox }),
  listen: z.strictObject({ key: fixed(32), nonce: fixed(32), signature: fixed(64) }),
  post: z.strictObject({ mailbox, blob }),
  /** Forgets events up to `after`; answers with later ones, at the latest empty after 25 s. */
  events: z.strictObject({ token, after: count }),
} as const

/** A client's answer to each frame on its WebSocket: the new `after`. */
export const ackSchema = z.strictObject({ ack: count })

const seq = count
export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('claimed'), seq, turn: count }),
  z.object({ kind: z.literal('released'), seq, turn: count }),
  z.object({ kind: z.literal('crowded'), seq }),
  z.object({ kind: z.literal('message'), seq, blob }),
  z.object({ kind: z.literal('ended'), seq, reason: z.enum(['closed', 'expired', 'lost']) }),
])

export const answers = {
  open: z.object({ nameplate, token }),
  claim: z.object({ token, sid: fixed(sidBytes), turn: count }),
  send: z.object({}),
  release: z.object({}),
  close: z.object({}),
  challenge: z.object({ nonce: fixed(32) }),
  listen: z.object({ token }),
  post: z.object({}),
  /** Room for a full queue and the few events that are not messages. */
  events: z.object({ events: z.array(eventSchema).check(z.maxLength(4 * maxQueueMessages)) }),
} as const

export type Operation = keyof typeof requests
export type Request<O extends Operation> = z.infer<(typeof requests)[O]>
export type Answer<O extends Operation> = z.infer<(typeof answers)[O]>
export type RendezvousEvent = z.infer<typeof eventSchema>

/** Every refusal is `{error}` and nothing else, with this status. */
export const refusals = {
  /** Not what the schema says, or not compact JSON. */
  invalid: 400,
  /** The service is not meant under this name or from this web page, or the proof is wrong. */
  refused: 403,
  /** No such path, nameplate or token: unknown and wrong are the same. */
  unknown: 404,
  busy: 409,
  /** A newer reader or listener took over. */
  replaced: 409,
  /** The slot has ended, or was claimed too often. */
  gone: 410,
  'too-large': 413,
  rate: 429,
  /** This slot or mailbox holds, or has carried, all it may. */
  quota: 409,
  /** The service holds all it may. */
  full: 503,
  draining: 503,
} as const
export type Refusal = keyof typeof refusals
export const refusalSchema = z.object({
  error: z.enum(Object.keys(refusals) as [Refusal, ...Refusal[]]),
})

/** Close codes of the WebSocket, beside 1009 (frame too large). */
export const closeCodes = {
  /** The service restarts: come back. */
  draining: 1012,
  /** The reader does not keep up: come back. */
  slow: 1013,
  unknown: 4000,
  invalid: 4001,
  replaced: 4006,
  /** No first frame in time. */
  silent: 4008,
} as const

/**
 * What a listener signs. `server` is the host (and port, when not the scheme's own) that the client
 * dialled: a service that relays another's nonce gets a signature of no use there.
 */
export function listenChallenge(server: string, mailbox: Bytes, nonce: Bytes): Bytes {
  const name = utf8Encode(server)
  return concat(label('listen'), new Uint8Array([name.length]), name, mailbox, nonce)
}
