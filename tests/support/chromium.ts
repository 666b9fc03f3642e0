/** Debian's Chromium, driven: one browser for a test file, a page for a bundle of ours. */
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPageApp, pageFolder } from '@baton/client/node/page/app'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { startSignaling } from './signaling.ts'

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
  return await chromium.launch(howTo(options))
}

/** The same with a profile in a folder, as a person has one: a context of a browser is a private window. */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(folder, howTo({}))
}

function howTo(options: { readonly loopback?: boolean }) {
  const { BATON_CHROMIUM: named } = process.env
  const executablePath = named ?? candidates.find(existsSync)
  if (executablePath === undefined) {
    throw new Error(
      'no Chromium is here: apt-get install -y chromium, or name one by BATON_CHROMIUM',
    )
  }
  return {
    executablePath,
    // Root, as in a container, has no sandbox.
    args: ['--no-sandbox', ...(options.loopback ? loopbackFlags : [])],
  }
}

/** Bundles an entry of tests/web, with an empty page around it; gives the folder. */
export function bundleForPage(entry: string): string {
  const folder = join(root, 'node_modules/.cache/web', entry)
  execFileSync(process.execPath, ['scripts/bundle.mjs', `tests/web/${entry}.ts`, folder], {
    cwd: root,
    stdio: 'pipe',
  })
  const page = `<!doctype html><html lang="en"><title>test</title><link rel="icon" href="/icon.svg"><script type="module" src="/${entry}.js"></script>`
  writeFileSync(join(folder, 'index.html'), page)
  writeFileSync(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  return folder
}

/** Bundles the page itself, as `npm start` does; gives the folder. */
export function bundlePage(): string {
  execFileSync(process.execPath, ['scripts/bundle.mjs'], { cwd: root, stdio: 'pipe' })
  return pageFolder().replace('/src/', '/dist/')
}

/** Serves such a page as `npm start` does, with the service that devices meet at. */
export async function servePage(folder: string, port = 0) {
  const also = createPageApp(folder)
  if (!also) throw new Error(`no page is in ${folder}`)
  return await startSignaling({ also, port })
}

/** A page whose complaints are kept: errors on its console, and what nobody caught. */
export async function openPage(
  browser: Browser,
  url: string,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await browser.newContext()).newPage()
  // As patient as the tests are: they share their machine.
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  await page.goto(url)
  return { page, complaints }
}
