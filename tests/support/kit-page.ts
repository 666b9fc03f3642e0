/** The kits in a page of Chromium: declared here by their titles, and run there, one at a time. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleForPage, launchChromium, openPage, servePage } from './chromium.ts'

type Opened = Awaited<ReturnType<typeof openPage>>

/** Opens the page before the tests of a file, which call this once, and closes it after them. */
export function kitPage() {
  let served: Awaited<ReturnType<typeof servePage>>
  let browser: Browser
  let opened: Opened

  beforeAll(async () => {
    served = await servePage(bundleForPage('kits'))
    browser = await launchChromium({ loopback: true })
    opened = await open()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
  })

  async function open(before?: (page: Opened['page'], url: string) => Promise<void>) {
    const fresh = await openPage(browser, before ? 'about:blank' : served.url)
    if (before) {
      await before(fresh.page, served.url)
      await fresh.page.goto(served.url)
    }
    await fresh.page.waitForFunction(() => 'kits' in globalThis)
    return fresh
  }

  return {
    /** Another page, on which something is done before it loads. */
    open,
    complaints: () => opened.complaints,
    /** Declares a test that the page declared under the same title. */
    inPage: (kit: string) => (title: string) =>
      it(title, async () => {
        const verdict = await opened.page.evaluate(
          ([name = '', test = '']) => globalThis.kits.run(name, test),
          [kit, title],
        )
        expect(verdict).toBe('')
      }),
  }
}

/** For what a kit would open: it is opened in the page. */
export const nowhere = () => Promise.reject<never>(new Error('it runs in the page'))
