/** Debian's Chromium, driven: one browser for a test file, a page for a bundle of ours. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

const root = fileURLToPath(new URL('../../', import.meta.url))

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Two pages find each other without a network: real addresses, loopback among them. */
const loopbackFlags = [
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
]

/** Fails with what to install. `loopback`: pages may reach pages of this machine over loopback. */
export async function launchChromium(
  options: { readonly loopback?: boolean } = {},
): Promise<Browser> {
  const { BATON_CHROMIUM: named } = process.env
  const executablePath = named ?? candidates.find(existsSync)
  if (executablePath === undefined) {
    throw new Error(
      'no Chromium is here: apt-get install -y chromium, or name one by BATON_CHROMIUM',
    )
  }
  return await chromium.launch({
    executablePath,
    // Root, as in a container, has no sandbox.
    args: ['--no-sandbox', ...(options.loopback ? loopbackFlags : [])],
  })
}

const types: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html' }

export interface Served {
  readonly url: string
  close(): Promise<void>
}

/** Bundles an entry of tests/web, and serves it and an empty page around it. */
export async function serveBundle(entry: string): Promise<Served> {
  const folder = join(root, 'node_modules/.cache/web', entry)
  execFileSync(process.execPath, ['scripts/bundle.mjs', `tests/web/${entry}.ts`, folder], {
    cwd: root,
    stdio: 'pipe',
  })
  const page = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/${entry}.js"></script>`
  const server = createServer((request, response) => {
    const path = join(folder, request.url ?? '')
    const found = request.url !== '/' && existsSync(path)
    response.setHeader('content-type', found ? (types[extname(path)] ?? '') : 'text/html')
    response.setHeader('content-security-policy', "default-src 'self'; img-src data:")
    response.end(found ? readFileSync(path) : page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A page whose complaints are kept: errors on its console, and what nobody caught. */
export async function openPage(
  browser: Browser,
  url: string,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  await page.goto(url)
  return { page, complaints }
}
