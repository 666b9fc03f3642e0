/** Why an invitation comes to nothing (rule IV2): a closed list, and what a person is told. */

/** In the order in which it is looked. */
export const invitationRefusals = [
  'malformed',
  'algorithm',
  'type',
  'header',
  'claims',
  'issuer',
  'revoked',
  'signature',
  'audience',
  'session',
  'kind',
  'not-yet',
  'expired',
  'unknown',
  'cancelled',
  'used',
  'not-permitted',
  'insufficient-capabilities',
  'busy',
] as const
export type InvitationRefusal = (typeof invitationRefusals)[number]

/** What follows `the invitation cannot be used: `. */
export const refusalSentences: Readonly<Record<InvitationRefusal, string>> = {
  malformed: 'it is damaged',
  algorithm: 'it is not signed with EdDSA',
  type: 'it is a signed thing of another kind',
  header: 'it asks for something that this device does not know',
  claims: 'what it says has not the right form',
  issuer: 'no device that is paired with this one made it',
  revoked: 'the device that made it was removed',
  signature: 'its signature does not hold',
  audience: 'it was made for another device',
  session: 'it is for another session',
  kind: 'it allows something else',
  'not-yet': 'it is not valid yet',
  expired: 'it has expired; an invitation lasts five minutes',
  unknown: 'the device that made it does not know it any more',
  cancelled: 'it was called off',
  used: 'it was used already',
  'not-permitted': 'the device that made it may not give that any more',
  'insufficient-capabilities': 'this device lacks something the session needs',
  busy: 'too many requests wait there',
}
