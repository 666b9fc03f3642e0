/** The service's URL (rule RZ14): checked once, then used in its HTTP and its WebSocket form. */
import { BatonError } from '@baton/shared/errors'
import { rendezvousPath } from '@baton/shared/protocol/rendezvous'

export interface ServerUrl {
  /** As the other device needs it: an http(s) origin, without a path. */
  readonly origin: string
  /** The host, and the port when it is not the scheme's own: what a listener's proof names. */
  readonly host: string
  /** For `${calls}/open` and the like. */
  readonly calls: string
  readonly socket: string
}

/**
 * Takes http, https, ws and wss. Throws `invalid` for anything else, and for a URL that carries
 * credentials, a path, a query or a fragment: a service lives at the root of its own origin.
 */
export function parseServerUrl(text: string): ServerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url && schemes.get(url.protocol)
  if (!url || !scheme || url.host === '') throw invalid('it is not an http, https, ws or wss URL')
  if (url.username !== '' || url.password !== '') throw invalid('it carries credentials')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]$/.test(text)) {
    throw invalid('it has a path, a query or a fragment')
  }
  const { host } = url
  const origin = `${scheme.http}//${host}`
  return {
    origin,
    host,
    calls: `${origin}${rendezvousPath}`,
    socket: `${scheme.socket}//${host}${rendezvousPath}/socket`,
  }
}

const plain = { http: 'http:', socket: 'ws:' }
const secure = { http: 'https:', socket: 'wss:' }
const schemes = new Map([
  ['http:', plain],
  ['ws:', plain],
  ['https:', secure],
  ['wss:', secure],
])

const invalid = (why: string): BatonError =>
  new BatonError('invalid', `failed to read the signaling URL: ${why}`, {
    hint: 'give it like https://signal.example.org or http://192.168.1.20:7370',
  })
