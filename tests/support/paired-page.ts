/** The page itself in Chromium, paired by a code typed with a headless peer of this process. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '@baton/client/node/peer'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { bundlePage } from './bundled.ts'
import { launchChromium, openPage, servePage } from './chromium.ts'
import { realPeer, until } from './real-peer.ts'
import { tempFolder } from './temp.ts'

export interface PairedPage {
  readonly page: Page
  readonly complaints: string[]
  readonly peer: Peer
  /** The page, by its id. */
  readonly self: PairedDevice
  /** The peer again, once it was closed. */
  again(): Promise<Peer>
}

/** The same profile in another tab. */
export async function openedAgain(page: Page, url: string): Promise<Page> {
  const next = await page.context().newPage()
  next.setDefaultTimeout(60_000)
  await next.goto(url)
  return next
}

type PairedDevice = Peer['mesh']['self']

/** Serves the page and opens the browser for a file of tests, which calls this once. */
export function pages() {
  let served: Awaited<ReturnType<typeof servePage>>
  let browser: Browser
  beforeAll(async () => {
    served = await servePage(bundlePage())
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
  })

  async function open(address = '/', before?: (page: Page) => Promise<void>) {
    const opened = await openPage(browser, new URL(address, served.url).href, before)
    onTestFinished(() => opened.page.context().close())
    return opened
  }

  return {
    open,
    url: () => served.url,
    /**
     * `write`: puts an agent's sessions into the home of the peer, which is called `laptop`; `before`
     * the page loads.
     */
    async paired(
      write: (home: string) => void = () => {},
      before?: (page: Page) => Promise<void>,
    ): Promise<PairedPage> {
      const opened = await open('/', before)
      const root = tempFolder('page')
      const home = join(root, 'laptop/home/.claude')
      mkdirSync(home, { recursive: true })
      write(home)
      const peer = await realPeer(root, 'laptop', served.url)
      const events = peer.mesh.invite({ qr: false, confirm: false }).events[Symbol.asyncIterator]()
      let code = ''
      while (code === '') {
        const { value } = await events.next()
        if (value?.at === 'code') code = value.code
      }
      await opened.page.getByLabel('Code of the other device').pressSequentially(code)
      await opened.page.keyboard.press('Enter')
      const ended = await until({ [Symbol.asyncIterator]: () => events }, 'paired')
      if (ended.at !== 'paired') throw new Error('it did not pair')
      const again = () => realPeer(root, 'laptop', served.url)
      return { ...opened, peer, self: ended.device.id, again }
    },
  }
}
