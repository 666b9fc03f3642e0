/** The kits over a page's own adapters, run inside Debian's Chromium. */
import { runChannelTests } from '@baton/client/testing/channel'
import { runKeyringTests } from '@baton/client/testing/keyring'
import { runStoreTests } from '@baton/client/testing/store'
import { runSyncTests } from '@baton/client/testing/sync'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage, type Served, serveBundle } from '../support/chromium.ts'
import { runPlatformTests } from './platform.ts'
import { runStoredTests } from './stored.ts'

let served: Served
let browser: Browser
let page: Awaited<ReturnType<typeof openPage>>

beforeAll(async () => {
  served = await serveBundle('kits')
  browser = await launchChromium({ loopback: true })
  page = await openPage(browser, served.url)
  await page.page.waitForFunction('globalThis.kits')
})
afterAll(async () => {
  await browser?.close()
  await served?.close()
})

/** What runs is in the page, which declared the same: here are only the titles. */
const inPage = (kit: string) => (title: string) =>
  it(title, async () => {
    const verdict = await page.page.evaluate(
      ([name = '', test = '']) => globalThis.kits.run(name, test),
      [kit, title],
    )
    expect(verdict).toBe('')
  })

const nowhere = () => Promise.reject<never>(new Error('it runs in the page'))

describe('page, platform', () => runPlatformTests(inPage('platform')))
describe('page, what is stored', () => runStoredTests(inPage('stored')))
describe('page, store: IndexedDB, sealed', () =>
  runStoreTests({ test: inPage('store'), newPlace: nowhere }))
describe('page, keyring: keys of the browser', () =>
  runKeyringTests({ test: inPage('keyring'), newKeyring: nowhere }))
describe('page, channel: WebRTC of the browser', () =>
  runChannelTests({ test: inPage('channel'), connect: nowhere }))
describe('page, sync: all of these', () => runSyncTests({ test: inPage('sync'), open: nowhere }))

describe('page, store, by hand', () => {
  it('ST10 a browser without room says store-full, and writing goes on when there is room', async () => {
    // A page of its own: the browser remembers for half a minute how much room an origin had.
    const { page: tab } = await openPage(browser, 'about:blank')
    const cdp = await tab.context().newCDPSession(tab)
    const { origin } = new URL(served.url)
    await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 })
    await tab.goto(served.url)
    await tab.waitForFunction('globalThis.kits')
    const full = await tab.evaluate(() => globalThis.kits.run('quota', 'ST10 full'))
    await cdp.send('Storage.overrideQuotaForOrigin', { origin })
    const after = await tab.evaluate(() => globalThis.kits.run('quota', 'ST10 room again'))
    await tab.close()
    expect([full, after]).toEqual(['', ''])
  })
})

it('WB9 nothing complains in the whole run', () => expect(page.complaints).toEqual([]))
