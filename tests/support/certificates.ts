/** A certificate authority of a test's own, and what it signs: PEM files in the test's folder. */
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Issued {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  readonly folder: string
  /** Its own certificate, which a device that trusts it is given. */
  readonly cert: string
  /** `names`: `DNS:desk.local`, `IP:192.168.1.20`. `days`: how long from now on, also negative. */
  issue(name: string, names: readonly string[], options?: { readonly days?: number }): Issued
}

export function createAuthority(folder: string): Authority {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(
    ...['req', '-x509', ...curve, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-days', '30'],
    ...['-subj', '/CN=Authority of a test', '-addext', 'basicConstraints=critical,CA:TRUE'],
  )
  return {
    folder,
    cert: at('ca.pem'),
    issue(name, names, { days = 20 } = {}) {
      const [key, request, cert] = [`${name}-key.pem`, `${name}.csr`, `${name}.pem`]
      openssl('req', ...curve, '-keyout', key, '-out', request, '-subj', '/CN=not looked at')
      const alternative = names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`
      writeFileSync(at('extensions'), `${alternative}extendedKeyUsage=serverAuth\n`)
      openssl(
        ...['x509', '-req', '-in', request, '-CA', 'ca.pem', '-CAkey', 'ca-key.pem'],
        ...['-CAcreateserial', '-days', String(days), '-extfile', 'extensions', '-out', cert],
      )
      execFileSync('chmod', ['600', at(key)])
      return { cert: at(cert), key: at(key) }
    },
  }
}

/** What Chromium is told to trust by: the hash of the public key in a certificate. */
export function publicKeyHash(path: string): string {
  const { publicKey } = new X509Certificate(readFileSync(path))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64')
}
