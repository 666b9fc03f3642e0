/**
 * An invitation into a session (rules IV1 to IV4): a compact JWS (RFC 7515) signed with EdDSA (RFC 8037)
 * under the issuer's device key, for one device, session and kind, for five minutes. Pure; that each is
 * used once is the issuer's to keep.
 *
 *     {"alg":"EdDSA","typ":"baton-invitation+jws"}
 *     {"iss": device, "aud": device, "sub": session, "kind": "observe", "mode": "desktop",
 *      "iat": s, "nbf": s, "exp": s, "jti": 16 random bytes}
 *
 * What is signed begins with `eyJ` and holds no NUL; every other signature of a device key is over a
 * label that ends with one (labels.ts). So neither is ever the other, whatever stands in them.
 */
import * as z from 'zod/mini'
import { type Bytes, fromBase64url, toBase64url, utf8Decode, utf8Encode } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { type DeviceId, idBytes, parseDeviceId, parseSessionId, type SessionId } from '../ids.ts'
import { handoffLifeMs, maxInvitationChars } from '../limits.ts'
import { type InterfaceMode, modeField } from '../model/agent/schema.ts'
import type { Verify } from '../primitives.ts'
import { type HandoffKind, handoffKinds } from './handoff.ts'
import type { InvitationRefusal } from './invitation-refusal.ts'

export const invitationType = 'baton-invitation+jws'
/** Of a `jti`; the id of the request that comes of it. */
export const invitationIdBytes = 16
const lifeSeconds = handoffLifeMs / 1000

export interface Invitation {
  readonly issuer: DeviceId
  /** The one device that may use it. */
  readonly audience: DeviceId
  readonly session: SessionId
  readonly kind: HandoffKind
  /** The interface mode in which the session is meant to go on there. */
  readonly mode: InterfaceMode | undefined
  /** Seconds since 1970, by the issuer's clock; it is valid before `expiresAt`. */
  readonly issuedAt: number
  readonly notBefore: number
  readonly expiresAt: number
  /** 16 bytes. */
  readonly id: Bytes
}

export interface ParsedInvitation extends Invitation {
  /** What the signature is over: ASCII of header, dot and payload. */
  readonly input: Bytes
  readonly signature: Bytes
}

const text = (value: object): string => toBase64url(utf8Encode(JSON.stringify(value)))

/** An invitation that is valid from now on for five minutes. `now`: ms since 1970. */
export function invitationAt(
  now: number,
  given: Omit<Invitation, 'issuedAt' | 'notBefore' | 'expiresAt'>,
): Invitation {
  const at = Math.floor(now / 1000)
  return { ...given, issuedAt: at, notBefore: at, expiresAt: at + lifeSeconds }
}

/** The bytes to sign with the issuer's device key: the same for the same invitation. */
export function invitationInput(of: Invitation): Bytes {
  const { issuer, audience, session, kind, mode, issuedAt, notBefore, expiresAt, id } = of
  const claims = {
    ...{ iss: issuer, aud: audience, sub: session, kind },
    ...(mode === undefined ? {} : { mode }),
    ...{ iat: issuedAt, nbf: notBefore, exp: expiresAt, jti: toBase64url(id) },
  }
  return utf8Encode(`${text({ alg: 'EdDSA', typ: invitationType })}.${text(claims)}`)
}

/** The compact serialization (RFC 7515 7.1). */
export const signedInvitation = (input: Bytes, signature: Bytes): string =>
  `${utf8Decode(input)}.${toBase64url(signature)}`

const seconds = z.int().check(z.minimum(0), z.maximum(2 ** 40))
const claimsSchema = z.strictObject({
  iss: z.string().check(z.length(43)),
  aud: z.string().check(z.length(43)),
  sub: z.string().check(z.length(22)),
  kind: z.enum(handoffKinds),
  mode: z.optional(modeField),
  ...{ iat: seconds, nbf: seconds, exp: seconds },
  jti: z.string().check(z.length(22)),
})

/** Bounded and strict; never throws. */
export function parseInvitation(jws: string): ParsedInvitation | InvitationRefusal {
  if (typeof jws !== 'string' || jws.length > maxInvitationChars) return 'malformed'
  const [, head = '', payload = '', mark = ''] =
    /^([\w-]{1,256})\.([\w-]{1,768})\.([\w-]*)$/.exec(jws) ?? []
  const header = readObject(head)
  if (!header) return 'malformed'
  const bad = judgeHeader(header)
  if (bad) return bad
  const signature = decoded(mark)
  const said = readObject(payload)
  if (signature?.length !== 64 || !said) return 'malformed'
  const claims = claimsSchema.safeParse(said)
  if (!claims.success) return 'claims'
  const { iss, aud, sub, kind, mode, iat, nbf, exp, jti } = claims.data
  if (iat > nbf || nbf >= exp || exp - iat > lifeSeconds) return 'claims'
  try {
    return {
      ...{ issuer: parseDeviceId(iss), audience: parseDeviceId(aud), session: parseSessionId(sub) },
      ...{ kind, mode, issuedAt: iat, notBefore: nbf, expiresAt: exp, id: fromBase64url(jti) },
      ...{ input: utf8Encode(`${head}.${payload}`), signature },
    }
  } catch {
    // What lands here: an id with stray bits.
    return 'claims'
  }
}

/** `alg` first: what is not ours to verify is not looked at further. */
function judgeHeader(header: object): InvitationRefusal | undefined {
  const { alg, typ, ...more } = header as { alg?: unknown; typ?: unknown }
  if (alg !== 'EdDSA') return 'algorithm'
  if (typ !== invitationType) return 'type'
  return Reflect.ownKeys(more).length > 0 ? 'header' : undefined
}

/** An object whose text is what JSON.stringify makes of it: no member twice, no other spelling. */
function readObject(part: string): object | undefined {
  const bytes = decoded(part)
  try {
    const json = utf8Decode(bytes ?? new Uint8Array())
    const value: unknown = JSON.parse(json)
    const plain = typeof value === 'object' && value !== null && !Array.isArray(value)
    return plain && JSON.stringify(value) === json ? value : undefined
  } catch {
    // What lands here: no UTF-8, no JSON.
    return undefined
  }
}

function decoded(part: string): Bytes | undefined {
  try {
    return fromBase64url(part)
  } catch {
    // What lands here: padding, foreign characters, stray bits.
    return undefined
  }
}

export interface InvitationCheck {
  /** How the device that signed stands with the one that checks. */
  standing(issuer: DeviceId): 'known' | 'revoked' | 'unknown'
  readonly audience: DeviceId
  /** What it is to be used for; the device that was invited takes what it says. */
  readonly session?: SessionId
  readonly kind?: HandoffKind
  /** ms since 1970 by the issuer's clock; nobody else judges its times. */
  readonly now?: number
}

/** Resolves with the invitation when it holds. `verify` is the one signature predicate. */
export async function checkInvitation(
  jws: string,
  check: InvitationCheck,
  verify: Verify,
): Promise<ParsedInvitation | InvitationRefusal> {
  const parsed = parseInvitation(jws)
  if (typeof parsed === 'string') return parsed
  const standing = check.standing(parsed.issuer)
  if (standing !== 'known') return standing === 'revoked' ? 'revoked' : 'issuer'
  if (!(await verify(idBytes(parsed.issuer), parsed.input, parsed.signature))) return 'signature'
  if (parsed.audience !== check.audience) return 'audience'
  if (check.session !== undefined && parsed.session !== check.session) return 'session'
  if (check.kind !== undefined && parsed.kind !== check.kind) return 'kind'
  if (check.now === undefined) return parsed
  if (check.now < parsed.notBefore * 1000) return 'not-yet'
  return check.now >= parsed.expiresAt * 1000 ? 'expired' : parsed
}

/** Throws `invalid`, for those whose claims come from their own program. */
export function checkMode(mode: string): InterfaceMode {
  const read = modeField.safeParse(mode)
  if (read.success) return read.data
  throw new BatonError('invalid', 'failed to invite: there is no such mode', {
    hint: 'popup, tab, sidepanel, mobile, desktop or headless',
  })
}
