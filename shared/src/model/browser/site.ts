/**
 * Which cookies and storage belong together (rule BW2): those of one site, since a cookie of a domain
 * is of all origins below it. No list of public suffixes is carried: a caller that has one passes its
 * own function, and what two devices grouped differently still reads as one (read.ts).
 */

export type SiteOf = (host: string) => string

/** Second labels below two-letter domains that are not anyone's site: co.uk, com.au, ac.jp. */
const shared = new Set(
  'ac co com edu gob gov go id ltd me mil ne net nom or org plc sch'.split(' '),
)

/**
 * The registrable domain as far as it can be told from the text. Where it takes too much together, as
 * for hosts below github.io, concurrent captures of them stand beside each other instead of uniting.
 */
export const siteOf: SiteOf = (host) => {
  const labels = host.split('.')
  if (labels.length < 3 || /^[\d.]+$/.test(host) || /[:[\]/]/.test(host)) return host
  const [second = '', top = ''] = labels.slice(-2)
  return labels.slice(top.length === 2 && shared.has(second) ? -3 : -2).join('.')
}

const defaultPort: Readonly<Record<string, string>> = { http: ':80', https: ':443' }
const webUrl = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?([^/?#]*)/i

/** `https://host:port` of an address, the port only where it is not the usual one. */
export function originOf(url: string): string | undefined {
  const [, scheme = '', authority = ''] = webUrl.exec(url) ?? []
  if (scheme === '') return undefined
  const name = scheme.toLowerCase()
  const host = authority.toLowerCase()
  const port = Object.hasOwn(defaultPort, name) ? (defaultPort[name] as string) : ':'
  return `${name}://${host.endsWith(port) ? host.slice(0, -port.length) : host}`
}

/** The host of an origin; an origin without one stands for itself. */
export function hostOf(origin: string): string {
  const host = webUrl.exec(origin)?.[2]?.replace(/:\d*$/, '').toLowerCase()
  return host === undefined || host === '' ? origin : host
}

export const isOfSite = (host: string, site: string): boolean =>
  host === site || host.endsWith(`.${site}`)
