/** WB40 to WB42: https on the port of the embedded service, the files it takes, and their renewal. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { get as getPlain } from 'node:http'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { openOwnService } from '@baton/client/node/own-service'
import { createPageApp } from '@baton/client/node/page/app'
import { readCertificate } from '@baton/client/node/tls/certificate'
import { watchCertificate } from '@baton/client/node/tls/renewal'
import { createRendezvous } from '@baton/client/rendezvous/client'
import { createSignaling } from '@baton/signaling/signaling'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { type Authority, createAuthority, type Issued } from '../support/certificates.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { realClock } from '../support/signaling.ts'
import { tempFolder } from '../support/temp.ts'

const names = ['DNS:localhost', 'IP:127.0.0.1', 'DNS:desk.test', 'IP:192.0.2.77', 'DNS:*.wild.test']
let authority: Authority
let good: Issued
/** Without an address in it: what is shown is its name. */
let named: Issued
const read =
  (paths: Issued, now = Date.now()) =>
  () =>
    readCertificate(paths, now)

beforeAll(() => {
  authority = createAuthority(mkdtempSync(join(tmpdir(), 'baton-tls-')))
  good = authority.issue('good', names)
  named = authority.issue('named', ['DNS:localhost', 'DNS:desk.test'])
})

afterAll(() => rmSync(authority.folder, { recursive: true, force: true }))

const at = (name: string) => join(authority.folder, name)
const write = (name: string, text: string) => {
  writeFileSync(at(name), text, { mode: 0o600 })
  return at(name)
}
const day = 24 * 3_600_000

it('WB41 a certificate that fits gives its names, what it covers and until when', () => {
  const certificate = read(good)()
  expect(certificate.names).toEqual(['localhost', '127.0.0.1', 'desk.test', '192.0.2.77'])
  const asked = ['desk.test', 'DESK.test', 'a.wild.test', '192.0.2.77', 'a.b.wild.test', 'test']
  expect(asked.map(certificate.covers)).toEqual([true, true, true, true, false, false])
  expect(certificate.covers('not looked at')).toBe(false)
  expect(certificate.until).toBeGreaterThan(Date.now() + 19 * day)
})

it('WB41 each file that cannot be used is told by a sentence of its own, with what helps', () => {
  const other = authority.issue('other', ['DNS:desk.test'])
  const nameless = authority.issue('nameless', [])
  const pem = readFileSync(good.cert, 'utf8')
  const key = readFileSync(good.key, 'utf8')
  const sealed = at('sealed.pem')
  execFileSync(
    'openssl',
    ['ec', '-in', good.key, '-aes128', '-passout', 'pass:x', '-out', sealed],
    {
      stdio: 'pipe',
    },
  )
  chmodSync(sealed, 0o600)
  const bad: readonly (readonly [string, Issued, RegExp, number?])[] = [
    ['missing', { ...good, cert: at('none.pem') }, /none\.pem: there is no such file/],
    ['missing', { ...good, key: at('none.pem') }, /none\.pem: there is no such file/],
    ['a folder', { ...good, cert: authority.folder }, /it is not a file/],
    ['empty', { ...good, cert: write('empty', '') }, /there is no certificate in it/],
    ['swapped', { cert: good.key, key: good.cert }, /there is no certificate in it/],
    ['cut', { ...good, cert: write('cut', pem.slice(0, 300)) }, /its certificate is damaged/],
    ['huge', { ...good, cert: write('huge', pem + ' '.repeat(300_000)) }, /it is too big/],
    ['no key', { ...good, key: write('no-key', pem) }, /there is no private key in it/],
    ['cut key', { ...good, key: write('cut-key', key.slice(0, 80)) }, /its key is damaged/],
    ['a passphrase', { ...good, key: sealed }, /it is sealed by a passphrase/],
    ['of another', { ...good, key: other.key }, /it is not the key of the certificate/],
    ['expired', good, /it expired on \d{4}-\d\d-\d\d/, Date.now() + 21 * day],
    ['too early', good, /it is good from \d{4}-\d\d-\d\d on/, Date.now() - day],
    ['no name', nameless, /it names no host/],
  ]
  for (const [what, paths, message, now] of bad) {
    expect(read(paths, now), what).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/\w/),
      }),
    )
    expect(read(paths, now), what).not.toThrow(/PRIVATE|MII/)
  }
})

it('WB41 a key that others can read is refused; the links of those who renew are followed', () => {
  const open = at('open-key.pem')
  copyFileSync(good.key, open)
  chmodSync(open, 0o640)
  expect(read({ ...good, key: open })).toThrow(
    expect.objectContaining({
      code: 'keyring-mode',
      message: expect.stringMatching(/others can reach it \(mode 640\)/),
      hint: expect.stringMatching(/^chmod 600/),
    }),
  )
  symlinkSync(good.key, at('live-key.pem'))
  symlinkSync(good.cert, at('live.pem'))
  expect(read({ cert: at('live.pem'), key: at('live-key.pem') })().names).toContain('desk.test')
})

const ca = () => readFileSync(authority.cert)

/** Asks by https as a device that trusts the authority; `host` is what it typed. */
const ask = (port: number, path: string, host: string) =>
  new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
    get(
      { host: '127.0.0.1', port, path, ca: ca(), servername: 'desk.test', headers: { host } },
      (response) => {
        response.resume()
        resolve({ status: response.statusCode ?? 0, headers: response.headers })
      },
    ).on('error', reject)
  })

it('WB40 one port is page and service by https, under every name of the certificate and no other', async () => {
  const folder = tempFolder('page')
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Baton</title>')
  const { covers, files } = read(good)()
  const also = createPageApp(folder, { covers })
  const signaling = createSignaling({ tls: files, covers, ...(also ? { also } : {}) })
  onTestFinished(() => signaling.close())
  const { port, url, inner = '' } = await signaling.listen()
  expect(url).toBe(`https://127.0.0.1:${port}`)
  for (const host of ['desk.test', 'any.wild.test', '127.0.0.1', 'localhost']) {
    expect((await ask(port, '/health', `${host}:${port}`)).status).toBe(200)
    const { status, headers } = await ask(port, '/', `${host}:${port}`)
    expect(status).toBe(200)
    expect(String(headers['content-security-policy'])).toContain(
      `connect-src 'self' wss://${host}:${port};`,
    )
    // Why not: client/src/node/page/app.ts
    expect(headers).not.toHaveProperty('strict-transport-security')
  }
  const rebound = await ask(port, '/', `desk.test:${port + 1}`)
  expect([rebound.status, (await ask(port, '/', 'a.b.test')).status]).toEqual([403, 403])

  const opens = (origin: string) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/socket`, 'baton.v1', {
        ...{ ca: ca(), origin, headers: { host: `desk.test:${port}` } },
      })
      socket.on('open', () => resolve(true))
      socket.on('error', () => resolve(false))
      onTestFinished(() => socket.terminate())
    })
  expect(await opens(`https://desk.test:${port}`)).toBe(true)
  expect(await opens('https://evil.test')).toBe(false)

  // Whoever speaks plain http to that port gets no answer, and the service goes on.
  await expect(
    new Promise((resolve, reject) => {
      getPlain({ host: '127.0.0.1', port, path: '/' }, resolve).on('error', reject)
    }),
  ).rejects.toThrow()

  // Beside it, on loopback alone, the service without the page: for the device that runs it.
  expect(new URL(inner).hostname).toBe('127.0.0.1')
  const [health, page] = await Promise.all(['health', ''].map((path) => fetch(`${inner}/${path}`)))
  expect([health?.status, page?.status]).toEqual([200, 404])
})

it('WB40 a device runs its service by https, shows the name in the certificate, and trusts itself', async () => {
  const own = await openOwnService(
    { host: '127.0.0.1', port: 0, tls: named },
    { clock: realClock, trace: () => {} },
  )
  onTestFinished(() => own.close())
  const port = Number(new URL(own.url).port)
  expect([own.url, own.secure]).toEqual([`https://desk.test:${port}`, true])
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7) }
  const { url: server, dial } = own
  const rendezvous = createRendezvous({ server, dial, clock: realClock, random })
  onTestFinished(() => rendezvous.close())
  expect(rendezvous.server).toBe(server)
  const slot = await rendezvous.open(new Uint8Array(16))
  expect(slot.nameplate).toMatch(/^\d+$/)
  await slot.close()
})

const met = (port: number) =>
  new Promise<PeerCertificate>((resolve, reject) => {
    const socket: TLSSocket = connect({ port, ca: ca(), servername: 'desk.test' }, () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.on('error', reject)
  })

it('WB42 a renewed certificate is taken up within a minute without a restart; one that does not fit is not', async () => {
  const folder = at('live')
  mkdirSync(folder)
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const put = (issued: Issued) => {
    for (const name of ['cert', 'key'] as const) {
      copyFileSync(issued[name], `${paths[name]}.new`)
      chmodSync(`${paths[name]}.new`, 0o600)
      renameSync(`${paths[name]}.new`, paths[name])
    }
  }
  put(good)
  const clock = createManualClock(Date.now())
  const traced: string[] = []
  const first = readCertificate(paths, clock.now())
  const signaling = createSignaling({ tls: first.files })
  onTestFinished(() => signaling.close())
  const { port } = await signaling.listen()
  const stop = watchCertificate({
    ...{ paths, clock, trace: (event: string) => void traced.push(event) },
    renewed: ({ files }) => signaling.renew(files),
  })
  const before = await met(port)
  clock.advance(60_000)
  expect(traced).toEqual([])

  copyFileSync(authority.issue('else', ['DNS:desk.test']).cert, paths.cert)
  clock.advance(60_000)
  expect(traced).toEqual(['tls.kept'])
  expect((await met(port)).fingerprint256).toBe(before.fingerprint256)

  put(authority.issue('next', ['DNS:desk.test']))
  clock.advance(60_000)
  expect(traced).toEqual(['tls.kept', 'tls.renewed'])
  expect((await met(port)).fingerprint256).not.toBe(before.fingerprint256)
  stop()
  put(good)
  clock.advance(600_000)
  expect(traced).toHaveLength(2)
})
