/**
 * A request to hand a session over (rules HF1 to HF4): what both ends keep of it, the questions they
 * ask each other, and how it may go on. Pure; who holds the session is the business of its leases.
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import { bytesField, bytesUpTo, countField } from '../encoding/field.ts'
import { decodeAs, encode, type Value } from '../encoding/msgpack.ts'
import { type DeviceId, deviceId, idBytes, type SessionId, sessionId } from '../ids.ts'
import { handoffLifeMs, maxHandoffRequires, maxInvitationChars } from '../limits.ts'
import { type InvitationRefusal, invitationRefusals } from './invitation-refusal.ts'

/** `transfer`: the work moves. `mirror`: it is written on both ends. `observe`: it is read there. */
export const handoffKinds = ['transfer', 'mirror', 'observe'] as const
export type HandoffKind = (typeof handoffKinds)[number]

/**
 * `pending`: nobody answered. `accepted`: it goes over. `active`: it is there. The others are ends:
 * nothing comes after them.
 */
export const handoffStates = [
  'pending',
  'accepted',
  'active',
  'declined',
  'expired',
  'cancelled',
  'failed',
] as const
export type HandoffState = (typeof handoffStates)[number]

export const handoffReasons = [
  'invalid',
  'expired',
  'insufficient-capabilities',
  'not-permitted',
  'declined',
  'busy',
] as const
export type HandoffReason = (typeof handoffReasons)[number]

/** What a device does when another one wants a session, or hands one over. */
export const handoffPolicies = ['ask', 'always', 'never'] as const
export type HandoffPolicy = (typeof handoffPolicies)[number]

export interface HandoffRequest {
  /** 16 random bytes, hex. */
  readonly id: string
  readonly kind: HandoffKind
  readonly session: SessionId
  readonly title: string | undefined
  /** Who holds it, and who gets it. */
  readonly from: DeviceId
  readonly to: DeviceId
  /** The end that asked: its person wants it. */
  readonly askedBy: DeviceId
  /** ms since 1970, by the clock of the device that keeps this. */
  readonly at: number
  readonly expiresAt: number
  /** Names of capabilities that the session needs where it goes. */
  readonly requires: readonly string[]
  readonly state: HandoffState
  readonly reason: HandoffReason | undefined
}

export type HandoffInput =
  | { readonly on: 'accept' }
  | { readonly on: 'arrive' }
  | { readonly on: 'decline'; readonly reason: HandoffReason }
  | { readonly on: 'cancel' }
  | { readonly on: 'fail'; readonly reason: HandoffReason }
  | { readonly on: 'time'; readonly now: number }

/** The same object when the input changes nothing: an end is never left, and nothing comes too early. */
export function stepHandoff(request: HandoffRequest, input: HandoffInput): HandoffRequest {
  const { state } = request
  const to = (next: HandoffState, reason?: HandoffReason) => ({ ...request, state: next, reason })
  if (state !== 'pending' && state !== 'accepted') return request
  switch (input.on) {
    case 'accept':
      return state === 'pending' ? to('accepted') : request
    case 'arrive':
      return state === 'accepted' ? to('active') : request
    case 'decline':
      return to('declined', input.reason)
    case 'cancel':
      return to('cancelled')
    case 'fail':
      return to('failed', input.reason)
    case 'time':
      return state === 'pending' && input.now >= request.expiresAt
        ? to('expired', 'expired')
        : request
  }
}

export const isOver = ({ state }: HandoffRequest): boolean =>
  state !== 'pending' && state !== 'accepted'

const text = (max: number) => z.string().check(z.maxLength(max))
const id = z.string().check(z.regex(/^[0-9a-f]{32}$/))
const requires = z.array(text(64)).check(z.maxLength(maxHandoffRequires))
const life = z.int().check(z.minimum(0), z.maximum(handoffLifeMs))

/** What one end asks the other; the first word says which. */
const questionSchema = z.union([
  z.tuple([
    z.literal('offer'),
    id,
    z.enum(handoffKinds),
    bytesField(16),
    z.nullable(text(200)),
    life,
    requires,
  ]),
  z.tuple([z.literal('want'), id, z.enum(handoffKinds), bytesField(16), life]),
  z.tuple([z.literal('answer'), id, z.boolean(), z.nullable(z.enum(handoffReasons))]),
  z.tuple([z.literal('cancel'), id]),
  z.tuple([z.literal('state'), id]),
  z.tuple([z.literal('waits'), id]),
  z.tuple([z.literal('resume'), id]),
  z.tuple([z.literal('receipt'), bytesUpTo(1024 * 1024), bytesField(64)]),
  z.tuple([
    z.literal('ready'),
    id,
    z.array(z.tuple([bytesField(56), countField])).check(z.maxLength(4096)),
  ]),
  // With the id of the invitation, which is that of the request from then on, and what the device can do.
  z.tuple([
    z.literal('redeem'),
    id,
    z.enum(handoffKinds),
    bytesField(16),
    text(maxInvitationChars),
    z.array(text(64)).check(z.maxLength(64)),
  ]),
  // By a device that was let in for one session: its invitation.
  z.tuple([z.literal('invited')]),
])
export type HandoffQuestion = z.infer<typeof questionSchema>

export const encodeHandoffQuestion = (question: HandoffQuestion): Bytes =>
  encode(question as unknown as Value)

/** Throws `invalid`. */
export const parseHandoffQuestion = (body: Bytes): HandoffQuestion =>
  decodeAs(questionSchema, body) as HandoffQuestion

const stateSchema = z.tuple([
  z.enum(handoffStates),
  z.nullable(z.enum(handoffReasons)),
  z.array(text(64)).check(z.maxLength(64)),
])

/** The answer to `redeem` when nothing comes of it. */
const refusedSchema = z.tuple([z.literal('refused'), z.enum(invitationRefusals)])

/** The answer to all questions but `ready`: how the request stands there, and what that device can do. */
export interface HandoffStanding {
  readonly state: HandoffState
  readonly reason: HandoffReason | undefined
  /** Capabilities that are supported there, by name. */
  readonly capabilities: readonly string[]
  /** Why an invitation was refused, which is `declined`. */
  readonly refusal?: InvitationRefusal
}

export const encodeStanding = ({ state, reason, capabilities }: HandoffStanding): Bytes =>
  encode([state, reason ?? null, [...capabilities].slice(0, 64)])

export const encodeRefusal = (refusal: InvitationRefusal): Bytes => encode(['refused', refusal])

/** What a request of an invitation that was refused ends with. */
export function reasonFor(refusal: InvitationRefusal): HandoffReason {
  if (refusal === 'expired' || refusal === 'busy') return refusal
  if (refusal === 'insufficient-capabilities') return refusal
  return refusal === 'malformed' || refusal === 'claims' ? 'invalid' : 'not-permitted'
}

/** Throws `invalid`. */
export function parseStanding(body: Bytes): HandoffStanding {
  const answer = decodeAs(z.union([stateSchema, refusedSchema]), body)
  if (answer[0] === 'refused') {
    const [, refusal] = answer as z.infer<typeof refusedSchema>
    return { state: 'declined', reason: reasonFor(refusal), capabilities: [], refusal }
  }
  const [state, reason, capabilities] = answer as z.infer<typeof stateSchema>
  return { state, reason: reason ?? undefined, capabilities }
}

const invitedSchema = z.tuple([text(maxInvitationChars)])

/** The answer to `invited`: a JWS. */
export const encodeInvited = (jws: string): Bytes => encode([jws])
/** Throws `invalid`. */
export const parseInvited = (body: Bytes): string => decodeAs(invitedSchema, body)[0]

const placeSchema = z.tuple([bytesField(56), countField, bytesField(8)])

/** The answer to `ready`: where the target's word stands. */
export const encodePlace = (log: Bytes, seq: number, hash: Bytes): Bytes => encode([log, seq, hash])
export const parsePlace = (body: Bytes): [Bytes, number, Bytes] => decodeAs(placeSchema, body)

const keptSchema = z.tuple([
  id,
  z.enum(handoffKinds),
  bytesField(16),
  z.nullable(text(200)),
  bytesField(32),
  bytesField(32),
  bytesField(32),
  countField,
  countField,
  requires,
  z.enum(handoffStates),
  z.nullable(z.enum(handoffReasons)),
])

export const encodeRequest = (r: HandoffRequest): Bytes =>
  encode([
    ...[r.id, r.kind, idBytes(r.session), r.title ?? null],
    ...[idBytes(r.from), idBytes(r.to), idBytes(r.askedBy), r.at, r.expiresAt],
    ...[[...r.requires], r.state, r.reason ?? null],
  ])

/** Throws for what is none. */
export function parseRequest(body: Bytes): HandoffRequest {
  const [of, kind, session, title, from, to, askedBy, at, expiresAt, needs, state, reason] =
    decodeAs(keptSchema, body)
  return {
    ...{ id: of, kind, session: sessionId(session), title: title ?? undefined },
    ...{ from: deviceId(from), to: deviceId(to), askedBy: deviceId(askedBy), at, expiresAt },
    ...{ requires: needs, state, reason: reason ?? undefined },
  }
}
