/** The page by https, as a phone gets it: addresses, another machine, and what plain http is told. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTunnel } from 'node:tls'
import { lanAddress } from '@baton/client/node/lan'
import { pageFolder } from '@baton/client/node/page/app'
import { readCertificate } from '@baton/client/node/tls/certificate'
import { createSignaling } from '@baton/signaling/signaling'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { violations } from '../support/axe.ts'
import { bundlePage } from '../support/bundled.ts'
import { createAuthority, type Issued, publicKeyHash } from '../support/certificates.ts'
import { type ChromiumOptions, launchChromium, openPage } from '../support/chromium.ts'
import { cliHome } from '../support/cli.ts'
import { realPeer } from '../support/real-peer.ts'
import { canHaveSecondMachine, createSecondMachine } from '../support/second-machine.ts'
import { startHere } from '../support/started.ts'
import { tempFolder } from '../support/temp.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-https-'))
const authority = createAuthority(folder)
const named = authority.issue('named', ['DNS:localhost', 'DNS:desk.test'])
/** Root has other machines (Linux); without, what needs one runs on an address of this one. */
const apart = canHaveSecondMachine()
const machine = apart ? createSecondMachine() : undefined

beforeAll(() => void bundlePage())
afterAll(() => {
  machine?.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** A browser over there, which trusts what that certificate signs with. */
async function browserThere(cert: string, more: ChromiumOptions = {}) {
  const trust = `--ignore-certificate-errors-spki-list=${publicKeyHash(cert)}`
  const browser = await launchChromium({
    ...more,
    args: [trust, ...(more.args ?? [])],
    ...(machine ? { over: (program) => machine.over(folder, program) } : {}),
  })
  onTestFinished(() => browser.close())
  return browser
}

it('WB41 baton up says what is wrong with the files, by exit code 2, or 1 for a key that is open', async () => {
  const { run } = cliHome('https')
  const expired = authority.issue('expired', ['DNS:desk.test'], { days: -1 })
  const open = join(folder, 'up-key.pem')
  copyFileSync(named.key, open)
  chmodSync(open, 0o644)
  const said = async (...files: string[]) => {
    const { code, err } = await run(['up', '--tls', ...files])
    return [code, err.replaceAll(`${folder}/`, '')]
  }
  expect(await said(named.cert)).toEqual([
    2,
    expect.stringMatching(/takes two files.*\nhint: like/),
  ])
  expect(await said(expired.cert, expired.key)).toEqual([
    2,
    expect.stringMatching(/^error: failed to use expired\.pem: it expired on .*\nhint: renew it/),
  ])
  expect(await said(named.cert, expired.key)).toEqual([
    2,
    expect.stringMatching(/^error: failed to use expired-key\.pem: it is not the key/),
  ])
  expect(await said(named.cert, open)).toEqual([
    1,
    expect.stringMatching(
      /^error: failed to use up-key\.pem: others can reach it.*\nhint: chmod 600/,
    ),
  ])
})

it('WB40 baton up --tls prints https addresses, and so do pair and invite', async () => {
  const { run, start } = cliHome('https')
  const up = await run(['up', '-d', '--host', '127.0.0.1', '--tls', named.cert, named.key])
  expect(up).toMatchObject({ code: 0 })
  const status = await run(['status', '--json'])
  const { signaling, process: facts } = JSON.parse(status.out.trim().split('\n').at(-1) ?? '')
  expect(signaling.server).toMatch(/^https:\/\/desk\.test:\d+$/)
  expect(facts.page).toBe(signaling.server)
  const pairing = start(['pair', '--show'], null)
  const said = await pairing.until(/type this code/, 'err')
  expect(said).toContain(`baton pair --join --signal ${signaling.server}`)
  expect(said).toContain(`or open ${signaling.server} in its browser`)
  pairing.child.kill('SIGINT')
  await pairing.ended
  const { out } = await run(['new', 'tide', '--json'])
  const { session } = JSON.parse(out.trim().split('\n').at(-1) ?? '')
  const inviting = start(['invite', session], null)
  const link = await inviting.until(/#invite\./)
  expect(link.trim()).toMatch(/^https:\/\/desk\.test:\d+\/#invite\.\d+\.[\w-]{22}\.desk\.test:\d+$/)
  inviting.child.kill('SIGINT')
  await inviting.ended
})

it.runIf(apart)(
  'WB40 a browser of another machine opens the page by https, pairs, and reads a session',
  async () => {
    const { address = '' } = machine ?? {}
    const issued = authority.issue('there', [`IP:${address}`])
    const { url, code } = await startHere(tempFolder('https'), '--tls', issued.cert, issued.key)
    expect(url).toBe(`https://${address}:${new URL(url).port}`)
    const browser = await browserThere(issued.cert)
    const { page, complaints } = await openPage(browser, url)
    expect(await page.evaluate(() => [isSecureContext, location.protocol])).toEqual([
      true,
      'https:',
    ])
    await page.getByLabel('Code of the other device').pressSequentially(await code())
    await page.keyboard.press('Enter')
    await page.getByRole('feed').getByText('Morning! This is a little CLI').waitFor()
    // Over there it is an app as well, which opens without a network.
    await page.evaluate(() => navigator.serviceWorker.ready)
    await page.reload()
    await page.getByText('1 of 1 connected').waitFor()
    expect(complaints).toEqual([])
  },
)

it('WB40 a browser that does not trust who signed the certificate is not given the page', async () => {
  const { url } = await startHere(tempFolder('https'), '--tls', named.cert, named.key)
  const { port } = new URL(url)
  const map = '--host-resolver-rules=MAP desk.test 127.0.0.1'
  const browser = await launchChromium({ args: [map] })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await expect(page.goto(`https://desk.test:${port}`)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/)
})

it('WB15 on plain http from another machine it runs nothing, names the rule of browsers, and three ways out', async () => {
  const { url } = await startHere(tempFolder('http'), '--lan')
  const { port } = new URL(url)
  const browser = await browserThere(named.cert)
  const { page, complaints } = await openPage(
    browser,
    `http://${machine?.address ?? lanAddress()}:${port}`,
  )
  await page
    .getByRole('heading', { name: 'This browser keeps its keys from pages on plain http' })
    .waitFor()
  expect(await page.evaluate(() => isSecureContext)).toBe(false)
  await page.getByText('baton up --tls').waitFor()
  await page.getByText('a tunnel').waitFor()
  await page.getByText('on the machine where Baton runs').waitFor()
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([])
  expect(await violations(page)).toEqual([])
  // The browser says the same of a header.
  expect(complaints.filter((text) => !text.includes('untrustworthy'))).toEqual([])
})

it('WB43 through a tunnel with https of its own the page pairs, and its address is what is printed', async () => {
  let to = 0
  // As tunnels do: https ends at it, and what it carries comes from this machine.
  const { files: tls } = readCertificate(named, Date.now())
  const tunnel = createTunnel(tls, (outside) => {
    const inside = connect(to, '127.0.0.1')
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      one.on('error', () => other.destroy())
      one.pipe(other)
    }
    onTestFinished(() => void outside.destroy())
  })
  await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void tunnel.close())
  const address = `https://localhost:${(tunnel.address() as AddressInfo).port}`
  const { url, said, code } = await startHere(
    tempFolder('tunnel'),
    '--public',
    address,
    '--port',
    '0',
  )
  expect(url).toBe(address)
  expect(await said(/--join --signal (\S+)/)).toBe(address)
  to = Number(await said(/tunnel leads to 127\.0\.0\.1:(\d+)/))
  const trust = `--ignore-certificate-errors-spki-list=${publicKeyHash(named.cert)}`
  const browser = await launchChromium({ args: [trust] })
  onTestFinished(() => browser.close())
  const { page, complaints } = await openPage(browser, url)
  await page.getByLabel('Code of the other device').pressSequentially(await code())
  await page.keyboard.press('Enter')
  await page.getByRole('feed').getByText('Morning! This is a little CLI').waitFor()
  expect(complaints).toEqual([])
  // Counts are for this machine, and a tunnel is not.
  expect(await page.evaluate(async () => (await fetch('/metrics')).status)).toBe(404)
})

/** A web server that knows nothing of Baton and has its files, by https. */
async function staticHost(files: string, issued: Issued): Promise<number> {
  const types: Record<string, string> = {
    html: 'text/html',
    js: 'text/javascript',
    css: 'text/css',
  }
  const { files: tls } = readCertificate(issued, Date.now())
  const server = createServer(tls, ({ url = '/' }, response) => {
    const path = join(files, url === '/' ? 'index.html' : url.replace(/[^\w.-]/g, ''))
    if (!existsSync(path)) return void response.writeHead(404).end()
    const type = types[path.split('.').at(-1) ?? ''] ?? 'image/svg+xml'
    response.writeHead(200, { 'content-type': type }).end(readFileSync(path))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

it('WB43 a page on any web server meets at the service that its index.html names', async () => {
  const files = join(tempFolder('static'), 'page')
  cpSync(pageFolder().replace('/src/', '/dist/'), files, { recursive: true })
  const port = await staticHost(files, named)
  const origin = `https://localhost:${port}`
  const { files: tls, covers } = readCertificate(named, Date.now())
  const signaling = createSignaling({ tls, covers, origins: [origin] })
  onTestFinished(() => signaling.close())
  const bound = await signaling.listen()
  const service = `https://localhost:${bound.port}`
  const name = (url: string) =>
    writeFileSync(
      join(files, 'index.html'),
      readFileSync(join(files, 'index.html'), 'utf8').replace(
        /(name="baton-signal" content=").*?"/,
        `$1${url}"`,
      ),
    )
  name(service)
  const trust = `--ignore-certificate-errors-spki-list=${publicKeyHash(named.cert)}`
  const browser = await launchChromium({ args: [trust] })
  onTestFinished(() => browser.close())
  const { page, complaints } = await openPage(browser, origin)
  const peer = await realPeer(tempFolder('static'), 'laptop', service, bound.inner)
  const events = peer.mesh.invite({ qr: false, confirm: false }).events[Symbol.asyncIterator]()
  let code = ''
  while (code === '') {
    const { value } = await events.next()
    if (value?.at === 'code') code = value.code
  }
  await page.getByLabel('Code of the other device').pressSequentially(code)
  await page.keyboard.press('Enter')
  await page.getByText('Paired with laptop').waitFor()
  expect(complaints).toEqual([])

  for (const none of ['ftp://signal.test', 'https://signal.test/path', 'http://signal.test']) {
    name(none)
    const { page: other } = await openPage(browser, origin)
    await other.getByText('it names no service that this page could use').waitFor()
    expect(await other.evaluate(() => indexedDB.databases())).toEqual([])
  }
})
