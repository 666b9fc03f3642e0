/**
 * The link, or QR code, of an invitation (rules IV5, IV6). For a paired device it holds the invitation,
 * sealed under what only the two share; for any other the secret of a pairing, and the invitation is
 * made when that device is known. No id of a session or device stands in either, and in a URL both
 * stand in the fragment, which browsers do not send.
 *
 *     baton:invite.<jti(16) || AES-256-GCM(signature, session, kind, mode, time)>
 *     baton:invite.412.q83vEjRWeJCrze8SNFZ4kA.signal.example.org
 */
import { gcm } from '@noble/ciphers/aes.js'
import * as z from 'zod/mini'
import { type Bytes, concat, fromBase64url, toBase64url } from '../bytes.ts'
import { bytesField, countField } from '../encoding/field.ts'
import { lvCat } from '../encoding/lv.ts'
import { decodeAs, encode } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { type DeviceId, idBytes, sessionId } from '../ids.ts'
import { type LinkCode, makeLink, parseLink } from '../keyexchange/code-link.ts'
import { deriveKey } from '../keyexchange/hkdf.ts'
import { label } from '../labels.ts'
import { maxCodeChars } from '../limits.ts'
import { interfaceModes } from '../model/agent/schema.ts'
import { handoffKinds } from './handoff.ts'
import {
  type Invitation,
  invitationAt,
  invitationIdBytes,
  invitationInput,
  signedInvitation,
} from './invitation.ts'

export type InvitationLink =
  | { readonly at: 'sealed'; readonly sealed: Bytes }
  | { readonly at: 'pairing'; readonly code: LinkCode; readonly text: string }

const word = /^\s*(?:baton:(?:\/\/)?#?|https?:\/\/[^#\s]*#)invite\.(\S+)\s*$/i

/** True for text that is meant as an invitation and not as the link of a pairing. */
export const isInvitationLink = (text: string): boolean =>
  text.length <= maxCodeChars && word.test(text)

/** Throws `code-format` without quoting anything of the link. */
export function parseInvitationLink(text: string): InvitationLink {
  const body = text.length <= maxCodeChars ? word.exec(text)?.[1] : undefined
  if (body === undefined) throw unreadable()
  if (!/^[\w-]+$/.test(body)) {
    const link = `baton:${body}`
    return { at: 'pairing', code: parseLink(link), text: link }
  }
  try {
    const sealed = fromBase64url(body)
    if (sealed.length > invitationIdBytes) return { at: 'sealed', sealed }
  } catch {
    // What lands here: a link that was cut, or has stray bits.
  }
  throw unreadable()
}

const withPage = (body: string, page: string | undefined): string =>
  page === undefined ? `baton:invite.${body}` : `${page}#invite.${body}`

export const sealedInvitationLink = (sealed: Bytes, page?: string): string =>
  withPage(toBase64url(sealed), page)

/** Throws `invalid`. */
export const guestInvitationLink = (code: Omit<LinkCode, 'method'>, page?: string): string =>
  withPage(makeLink(code).slice('baton:'.length), page)

/** Of the link of a pairing (code-link.ts). */
export const asInvitationLink = (link: string): string => link.replace(/^baton:/, 'baton:invite.')

const innerSchema = z.tuple([
  bytesField(64),
  bytesField(16),
  z.int().check(z.minimum(0), z.maximum(handoffKinds.length - 1)),
  z.nullable(z.int().check(z.minimum(0), z.maximum(interfaceModes.length - 1))),
  countField,
])

const keyOf = (root: Bytes, id: Bytes): Bytes => deriveKey(root, 'invitation', id)
const associated = (issuer: DeviceId, audience: DeviceId): Bytes =>
  lvCat(label('invitation'), idBytes(issuer), idBytes(audience))
/** Each key is used once: it is derived from the invitation's own random id. */
const nonce = new Uint8Array(12)

/**
 * `root`: the pair root of issuer and audience. The whole JWS follows from what is sealed, so that it
 * fits into a QR code.
 */
export function sealInvitation(root: Bytes, of: Invitation, signature: Bytes): Bytes {
  const { id, session, kind, mode, issuedAt } = of
  const inner = encode([
    ...[signature, idBytes(session), handoffKinds.indexOf(kind)],
    ...[mode === undefined ? null : interfaceModes.indexOf(mode), issuedAt],
  ])
  const cipher = gcm(keyOf(root, id), nonce, associated(of.issuer, of.audience))
  return concat(id, cipher.encrypt(inner))
}

/** The JWS; undefined for one that another pair shares, or that is damaged. Nothing of it is checked. */
export function openInvitation(
  sealed: Bytes,
  pair: { readonly root: Bytes; readonly issuer: DeviceId; readonly audience: DeviceId },
): string | undefined {
  const { root, issuer, audience } = pair
  const id = sealed.slice(0, invitationIdBytes)
  try {
    const cipher = gcm(keyOf(root, id), nonce, associated(issuer, audience))
    const inner = cipher.decrypt(sealed.subarray(invitationIdBytes))
    const [signature, session, kind, mode, issuedAt] = decodeAs(innerSchema, inner)
    const input = invitationInput(
      invitationAt(issuedAt * 1000, {
        ...{ issuer, audience, session: sessionId(session), id },
        kind: handoffKinds[kind] as (typeof handoffKinds)[number],
        mode: mode === null ? undefined : interfaceModes[mode],
      }),
    )
    return signedInvitation(input, signature)
  } catch {
    // What lands here: another key, or altered bytes.
    return undefined
  }
}

function unreadable(): BatonError {
  return new BatonError('code-format', 'failed to read the invitation: the link is damaged', {
    hint: 'copy it again, or ask for a new one; codes of a pairing are for baton pair --join',
  })
}
