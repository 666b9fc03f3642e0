/**
 * Certificate and key of the embedded service (rules WB40, WB41): PEM files, read and checked before
 * anything listens. Each fault has a sentence and what helps; nothing of the key stands in one. Whether
 * others trust who signed the certificate is not known here.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { BatonError } from '@baton/shared/errors'
import type { TlsFiles } from '@baton/signaling/listener'
import { readPrivateFile } from '../private-folder.ts'

export interface CertificatePaths {
  readonly cert: string
  readonly key: string
}

export interface Certificate {
  readonly files: TlsFiles
  /** Names and addresses in it, in its order, without patterns. */
  readonly names: readonly string[]
  /** ms since 1970. */
  readonly until: number
  covers(hostname: string): boolean
}

/** A chain is a few thousand bytes. */
const maxBytes = 256 * 1024

/** Throws `invalid` for what cannot be used at `now` (ms since 1970), and `keyring-mode` for a key that others can read. */
export function readCertificate(paths: CertificatePaths, now: number): Certificate {
  const cert = textOf('certificate', paths.cert, (path) => readFileSync(path, 'latin1'))
  const x509 = parseCertificate(paths.cert, cert)
  const key = textOf('key', paths.key, (path) => readPrivateFile(path, maxBytes) ?? '')
  if (!x509.checkPrivateKey(parseKey(paths.key, key))) {
    throw unusable(
      paths.key,
      'it is not the key of the certificate',
      'give the two that were made together; in a chain the certificate of this machine stands first',
    )
  }
  checkTime(paths.cert, x509, now)
  checkWith(paths.cert, { cert, key })
  const names = namesOf(x509)
  if (names.length === 0) {
    throw unusable(
      paths.cert,
      'it names no host, as browsers want it',
      'have one made with the name or address of this machine as its subjectAltName',
    )
  }
  return {
    files: { cert, key },
    names,
    until: Date.parse(x509.validTo),
    covers: (hostname) =>
      (isIP(hostname) ? x509.checkIP(hostname) : x509.checkHost(hostname, { subject: 'never' })) !==
      undefined,
  }
}

/** Following links, as those that keep certificates fresh lay them. */
function textOf(what: string, path: string, read: (path: string) => string): string {
  let real: string
  try {
    real = realpathSync(path)
    const stats = statSync(real)
    if (!stats.isFile()) throw unusable(path, 'it is not a file', `name the ${what} itself`)
    if (stats.size > maxBytes) throw unusable(path, 'it is too big', `name the ${what} itself`)
    return read(real)
  } catch (cause) {
    if (cause instanceof BatonError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw unusable(path, 'there is no such file', `name the ${what} in PEM form`)
    }
    throw unusable(path, code ?? 'unknown', 'let this user, and no other, read it')
  }
}

function parseCertificate(path: string, text: string): X509Certificate {
  try {
    if (/-----BEGIN (TRUSTED )?CERTIFICATE-----/.test(text)) return new X509Certificate(text)
  } catch {
    throw unusable(path, 'its certificate is damaged', 'put back a copy of it')
  }
  const swapped = text.includes('PRIVATE KEY-----')
  throw unusable(
    path,
    'there is no certificate in it',
    swapped ? 'it holds a key: the certificate comes first' : 'name one in PEM form',
  )
}

function parseKey(path: string, text: string): KeyObject {
  if (!text.includes('PRIVATE KEY-----')) {
    throw unusable(
      path,
      'there is no private key in it',
      'name the key of the certificate, in PEM form',
    )
  }
  if (/ENCRYPTED/.test(text)) {
    throw unusable(path, 'it is sealed by a passphrase', 'openssl pkey -in <key> -out <open key>')
  }
  try {
    return createPrivateKey(text)
  } catch {
    // What OpenSSL says of it names no more.
    throw unusable(path, 'its key is damaged', 'put back a copy of it')
  }
}

function checkTime(path: string, { validFrom, validTo }: X509Certificate, now: number): void {
  const day = (text: string) => new Date(text).toISOString().slice(0, 10)
  if (Date.parse(validTo) <= now) {
    throw unusable(path, `it expired on ${day(validTo)}`, 'renew it, then start again')
  }
  if (Date.parse(validFrom) > now) {
    throw unusable(
      path,
      `it is good from ${day(validFrom)} on`,
      'look at the clock of this machine',
    )
  }
}

/** What else OpenSSL has against the two, like a key that is too short. */
function checkWith(path: string, files: TlsFiles): void {
  try {
    createSecureContext(files)
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const why = code
      .replace(/^ERR_(OSSL|SSL)_/, '')
      .toLowerCase()
      .replaceAll('_', ' ')
    throw unusable(path, `OpenSSL refuses it (${why || 'no reason'})`, 'have another one made')
  }
}

/** `DNS:desk.local, IP Address:192.168.1.20`; what is quoted or a pattern is no address to show. */
const namesOf = ({ subjectAltName = '' }: X509Certificate): string[] =>
  subjectAltName.split(', ').flatMap((entry) => {
    const [, kind, name = ''] = /^(DNS|IP Address):([\w.:-]{1,253})$/.exec(entry) ?? []
    return kind === 'DNS' || isIP(name) ? [name.toLowerCase()] : []
  })

const unusable = (path: string, why: string, hint: string): BatonError =>
  new BatonError('invalid', `failed to use ${path}: ${why}`, { hint })
