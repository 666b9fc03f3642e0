/**
 * The signaling service that a device runs itself, and the page on its port (rules UP7, WB40): where it
 * listens, what others are told to use, and, by TLS, the certificate it keeps up with.
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import { type Bound, createSignaling } from '@baton/signaling/signaling'
import type { Clock, Trace } from '../core/ports/platform.ts'
import { parseServerUrl } from '../rendezvous/server-url.ts'
import { lanAddress } from './lan.ts'
import { createPageApp, pageFolder } from './page/app.ts'
import { type Certificate, type CertificatePaths, readCertificate } from './tls/certificate.ts'
import { watchCertificate } from './tls/renewal.ts'

/** The port tried first when this device runs the signaling service itself. */
export const usualPort = 7370
const usualPorts = 8

export interface OwnChoice {
  readonly host: string
  /** Undefined: the usual one, else any that is free. */
  readonly port: number | undefined
  /** Speaks https by these, for other machines too. */
  readonly tls?: CertificatePaths
  /** The https address of a tunnel or proxy that leads here, as others use it. */
  readonly public?: string
}

export interface OwnService {
  /** As other devices need it. */
  readonly url: string
  /** As this process reaches it, whoever signed the certificate. */
  readonly dial: string
  /** Other machines reach it. */
  readonly beyond: boolean
  /** Where a browser opens the page, if one was built; by https any browser that reaches it. */
  readonly page: string | undefined
  readonly secure: boolean
  /** Where a tunnel or proxy has to lead, host and port; without one undefined. */
  readonly behind: string | undefined
  close(): Promise<void>
}

/** Rejects with `port-taken`, `invalid` or `keyring-mode`. */
export async function openOwnService(
  choice: OwnChoice,
  { clock, trace }: { readonly clock: Clock; readonly trace: Trace },
): Promise<OwnService> {
  const { host, port, tls } = choice
  const front = choice.public === undefined ? undefined : parseServerUrl(choice.public)
  // What comes through it comes from this machine, and says from where.
  const names = front ? { names: [front.host], proxies: ['127.0.0.0/8', '::1'] } : {}
  const held = tls && { certificate: readCertificate(tls, clock.now()) }
  const covers = (name: string) => held?.certificate.covers(name) === true
  const also = createPageApp(pageFolder(), { ...names, ...(held ? { covers } : {}) })
  // Neighbours first: the other devices remember the address, and these are likely free again.
  const usual = Array.from({ length: usualPorts }, (_, at) => usualPort + at)
  for (const each of port === undefined ? [...usual, 0] : [port]) {
    const signaling = createSignaling({
      ...{ host, port: each, ...names },
      ...(also ? { also } : {}),
      ...(held ? { covers, tls: held.certificate.files } : {}),
    })
    const bound = await signaling.listen().catch((error: unknown) => {
      const again = port === undefined && each !== 0
      if (!again || !isBatonError(error) || error.code !== 'port-taken') throw error
    })
    if (!bound) continue
    const unwatch =
      held &&
      watchCertificate({
        ...{ paths: tls as CertificatePaths, clock, trace },
        renewed(certificate) {
          held.certificate = certificate
          signaling.renew(certificate.files)
        },
      })
    const own = held ? secureUrl(held.certificate, host, bound.port) : shownUrl(host, bound)
    const url = front?.origin ?? own
    const secure = url.startsWith('https:')
    return {
      url,
      dial: bound.inner ?? (front ? bound.url : url),
      beyond: front !== undefined || !isLoopback(host),
      // Of a page by http only a browser of this machine makes a device.
      page: also && (secure ? url : bound.url),
      secure,
      behind: front && new URL(bound.url).host,
      async close() {
        unwatch?.()
        await signaling.close()
      },
    }
  }
  throw new BatonError('port-taken', 'failed to listen: no port is free')
}

const isLoopback = (host: string): boolean => /^(127\.|localhost$|::1$)/.test(host)

const everywhere = (host: string): boolean => host === '0.0.0.0' || host === '::'

/** An address that other machines can use, where `host` means all of this one's. */
function shownUrl(host: string, { url, port }: Bound): string {
  return everywhere(host) ? `http://${lanAddress() ?? '127.0.0.1'}:${port}` : url
}

/** By the first name in the certificate that other machines can use: a name outlives an address. */
function secureUrl({ names }: Certificate, host: string, port: number): string {
  const shown = names.find((name) => !isLoopback(name)) ?? (names[0] as string)
  const named = names.includes(host) ? host : shown
  return `https://${named.includes(':') ? `[${named}]` : named}${port === 443 ? '' : `:${port}`}`
}
