/** What a page stores and what its platform gives, by the kits of the others, inside Chromium. */
import { runKeyringTests } from '@baton/client/testing/keyring'
import { runStoreTests } from '@baton/client/testing/store'
import { describe, expect, it } from 'vitest'
import { kitPage, nowhere } from '../support/kit-page.ts'
import { runPlatformTests } from './platform.ts'
import { runStoredTests } from './stored.ts'

const { inPage, open, complaints } = kitPage()

describe('page, platform', () => runPlatformTests(inPage('platform')))
describe('page, what is stored', () => runStoredTests(inPage('stored')))
describe('page, keyring: keys of the browser', () =>
  runKeyringTests({ test: inPage('keyring'), newKeyring: nowhere }))
describe('page, store: IndexedDB, sealed', () =>
  runStoreTests({ test: inPage('store'), newPlace: nowhere }))

it('ST10 a browser without room says store-full, and writing goes on when there is room', async () => {
  // A page of its own: the browser remembers for half a minute how much room an origin had.
  let giveBack = async () => {}
  const { page } = await open(async (fresh, url) => {
    const cdp = await fresh.context().newCDPSession(fresh)
    const { origin } = new URL(url)
    await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 })
    giveBack = async () => void (await cdp.send('Storage.overrideQuotaForOrigin', { origin }))
  })
  const full = await page.evaluate(() => globalThis.kits.run('quota', 'ST10 full'))
  await giveBack()
  const after = await page.evaluate(() => globalThis.kits.run('quota', 'ST10 room again'))
  await page.context().close()
  expect([full, after]).toEqual(['', ''])
})

it('WB9 nothing complains in the whole run', () => expect(complaints()).toEqual([]))
