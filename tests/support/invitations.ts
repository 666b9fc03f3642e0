/** Invitations as one device makes them for another, and altered on the way. */
import { toBase64url, utf8Encode } from '@baton/shared/bytes'
import { deviceId, sessionId } from '@baton/shared/ids'
import { pureVerify, signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import {
  checkInvitation,
  type Invitation,
  type InvitationCheck,
  invitationAt,
  invitationInput,
  signedInvitation,
} from '@baton/shared/protocol/invitation'

export const issuerSeed = new Uint8Array(32).fill(7)
export const issuer = deviceId(verifyKeyOf(issuerSeed))
export const guest = deviceId(verifyKeyOf(new Uint8Array(32).fill(8)))
export const stranger = deviceId(verifyKeyOf(new Uint8Array(32).fill(9)))
export const session = sessionId(new Uint8Array(16).fill(5))
/** Half a second into one of the clock's seconds. */
export const now = 1_800_000_000_500

export const invitation = (more: Partial<Invitation> = {}): Invitation => ({
  ...invitationAt(now, {
    ...{ issuer, audience: guest, session, kind: 'observe', mode: undefined },
    id: new Uint8Array(16).fill(3),
  }),
  ...more,
})

export function signed(of: Invitation = invitation(), seed = issuerSeed): string {
  const input = invitationInput(of)
  return signedInvitation(input, signWith(seed, input))
}

/** A JWS of any header and payload; texts stand as they are. */
export function jwsOf(header: unknown, payload: unknown, seed = issuerSeed): string {
  const part = (of: unknown) =>
    toBase64url(utf8Encode(typeof of === 'string' ? of : JSON.stringify(of)))
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${toBase64url(signWith(seed, utf8Encode(input)))}`
}

export const payloadOf = (jws: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())

export async function judged(jws: string, more: Partial<InvitationCheck> = {}) {
  const check: InvitationCheck = {
    ...{ standing: (device) => (device === issuer ? 'known' : 'unknown'), audience: guest },
    ...{ session, kind: 'observe', now },
    ...more,
  }
  const found = await checkInvitation(jws, check, pureVerify)
  return typeof found === 'string' ? found : 'holds'
}
