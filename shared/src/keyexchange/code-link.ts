/**
 * What a QR code or a link carries: nameplate, 128 secret bits and the service. Rules: CD7, CD8. It
 * holds nothing that outlives the pairing. In a URL it stands in the fragment, which browsers do not
 * send; opening one only fills in a form.
 *
 *     baton:412.q83vEjRWeJCrze8SNFZ4kA.signal.example.org
 *     https://page.example.org/p#412.q83vEjRWeJCrze8SNFZ4kA.http://192.168.1.5:8787
 */
import { type Bytes, fromBase64url, toBase64url } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { maxCodeChars, maxServerChars, qrSecretBytes } from '../limits.ts'

export interface LinkCode {
  readonly method: 'qr'
  readonly nameplate: string
  /** The password-related string of the key exchange: the 16 secret bytes. */
  readonly prs: Bytes
  /** URL of the service, without a slash at the end. Whether to go there is the caller's choice. */
  readonly server: string
}

/** Host name, IPv4 or bracketed IPv6, port, plain path: no user, query, fragment or escapes. */
const serverUrl =
  /^(https?):\/\/((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:[1-9][0-9]{0,4})?((?:\/[\w.~-]+)*)\/?$/i

/** True for text that is meant as a link and not as words. */
export const isLink = (text: string): boolean => /^\s*(?:baton:|https?:\/\/)/i.test(text)

/**
 * The text for a QR code: up to 106 bytes for a service of up to 67 characters. With `page` it is a
 * URL with the same in its fragment. Throws `invalid`.
 */
export function makeLink(code: Omit<LinkCode, 'method'>, page?: string): string {
  const { nameplate, prs } = code
  if (!/^[1-9][0-9]{0,8}$/.test(nameplate) || prs.length !== qrSecretBytes) {
    throw new BatonError('invalid', 'failed to make the link: nameplate or secret')
  }
  const server = parseServer(code.server)
  if (server === undefined) throw new BatonError('invalid', 'failed to make the link: server')
  const body = `${nameplate}.${toBase64url(prs)}.${server.replace(/^https:\/\//, '')}`
  return page === undefined ? `baton:${body}` : `${page}#${body}`
}

/** A link of Baton as an address of a page, which a phone's camera opens; without a page as it is. */
export const linkOnPage = (link: string, page: string | undefined): string =>
  page === undefined ? link : link.replace(/^baton:/, `${page.replace(/\/?$/, '/')}#`)

/** Throws `code-format` without quoting anything of the link. */
export function parseLink(text: string): LinkCode {
  const trimmed = text.trim()
  const body = /^(?:baton:(?:\/\/)?#?|https?:\/\/[^#]*#)(.+)$/i.exec(trimmed)?.[1]
  const parts = /^([1-9][0-9]{0,8})\.([\w-]{22})\.(.+)$/.exec(body ?? '')
  if (parts === null || text.length > maxCodeChars) throw unreadable()
  const [, nameplate = '', secret = '', rest = ''] = parts
  const server = parseServer(/^https?:\/\//i.test(rest) ? rest : `https://${rest}`)
  if (server === undefined) throw unreadable()
  return { method: 'qr', nameplate, prs: decodeSecret(secret), server }
}

/** The URL in one form, or undefined. */
function parseServer(text: string): string | undefined {
  if (text.length > maxServerChars) return undefined
  const match = serverUrl.exec(text)
  if (match === null) return undefined
  const [, scheme = '', host = '', port = '', path = ''] = match
  if (Number(port.slice(1)) > 65_535) return undefined
  return `${scheme.toLowerCase()}://${host.toLowerCase()}${port}${path}`
}

function decodeSecret(text: string): Bytes {
  try {
    return fromBase64url(text)
  } catch {
    // What lands here: 22 characters whose last one has stray bits.
    throw unreadable()
  }
}

function unreadable(): BatonError {
  return new BatonError('code-format', 'failed to read the code: the link is damaged', {
    hint: 'scan it again, or type the words',
  })
}
