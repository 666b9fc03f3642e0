/**
 * Where the page meets other devices (rule WB43): at its own origin, as a device serves it, or at the
 * service that its index.html names, where a web server has the files.
 */
import { BatonError } from '@baton/shared/errors'
import { parseServerUrl } from '../../rendezvous/server-url.ts'

/** Throws `invalid`; what it says is meant for who put the page there. */
export function serviceOf(named: string, page: { origin: string; protocol: string }): string {
  if (named === '') return page.origin
  try {
    const { origin } = parseServerUrl(named)
    // A browser lets no page by https ask anything by http.
    if (page.protocol !== 'https:' || origin.startsWith('https:')) return origin
  } catch {
    // Told below, as the other fault is.
  }
  throw new BatonError(
    'invalid',
    'failed to read the index.html of this page: it names no service that this page could use',
    { hint: 'it takes an https address without a path, like https://signal.example.org' },
  )
}
