/** Debian's Chromium, driven: one browser for a test file, a page for a bundle of ours. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPageApp } from '@baton/client/node/page/app'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { startSignaling } from './signaling.ts'

/** Tests and benchmarks run from the clone; the latter are compiled into a folder of their own. */
const root = process.cwd()

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Two pages find each other without a network: real addresses, loopback among them. */
const loopbackFlags = [
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
]

export interface ChromiumOptions {
  /** Pages may reach pages of this machine over loopback. */
  readonly loopback?: boolean
  /** Further flags. */
  readonly args?: readonly string[]
  /** Another program that runs the browser: `over` of second-machine.ts. */
  readonly over?: (program: string) => string
}

/** Fails with what to install. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  return await chromium.launch(howTo(options))
}

/** The same with a profile in a folder, as a person has one: a context of a browser is a private window. */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(folder, howTo({}))
}

function howTo({ loopback, args = [], over = (program) => program }: ChromiumOptions) {
  const { BATON_CHROMIUM: named } = process.env
  const executablePath = named ?? candidates.find(existsSync)
  if (executablePath === undefined) {
    throw new Error(
      'no Chromium is here: apt-get install -y chromium, or name one by BATON_CHROMIUM',
    )
  }
  return {
    executablePath: over(executablePath),
    // Root, as in a container, has no sandbox.
    args: ['--no-sandbox', ...(loopback ? loopbackFlags : []), ...args],
  }
}

/**
 * The same with a profile in a folder, as a process group that SIGKILL takes away at once: what it had
 * not given to the disk by then is lost. Its first page is open.
 */
export async function launchMortal(folder: string) {
  const { executablePath, args } = howTo({ loopback: true })
  const how = [
    '--headless=new',
    '--remote-debugging-port=0',
    `--user-data-dir=${folder}`,
    '--no-first-run',
  ]
  const child = spawn(executablePath, [...args, ...how, 'about:blank'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = once(child, 'close')
  const address = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const [, found] = /DevTools listening on (ws:\S+)/.exec(text) ?? []
      if (found !== undefined) resolve(found)
    })
    void gone.then(() => reject(new Error(`Chromium ended: ${text}`)))
  })
  const browser = await chromium.connectOverCDP(address)
  const [page] = browser.contexts().flatMap((context) => context.pages())
  if (!page) throw new Error('Chromium opened no page')
  page.setDefaultTimeout(60_000)
  return {
    page,
    complaints: complaintsOf(page),
    /** Resolves when all of it is gone. */
    async kill() {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
        process.kill(-child.pid, 'SIGKILL')
      }
      await gone
    },
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

/** Serves such a page as `npm start` does, with the service that devices meet at. */
export async function servePage(folder: string, port = 0) {
  const also = createPageApp(folder)
  if (!also) throw new Error(`no page is in ${folder}`)
  return await startSignaling({ also, port })
}

/** A page whose complaints are kept: errors on its console, and what nobody caught. `before` it loads. */
export async function openPage(
  browser: Browser,
  url: string,
  before: (page: Page) => Promise<void> = async () => {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await browser.newContext()).newPage()
  // As patient as the tests are: they share their machine.
  page.setDefaultTimeout(60_000)
  const complaints = complaintsOf(page)
  await before(page)
  await page.goto(url)
  return { page, complaints }
}

function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  return complaints
}
