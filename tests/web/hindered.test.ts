/** What a browser has against a page as a device: each told by a sentence of its own, and none stops it. */
import type { PairingEvent } from '@baton/client/core/mesh-api'
import type { Peer } from '@baton/client/node/peer'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { violations } from '../support/axe.ts'
import { bundlePage } from '../support/bundled.ts'
import { launchChromium, openPage, servePage } from '../support/chromium.ts'
import { pages } from '../support/paired-page.ts'
import { realPeer, until } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const { open, paired, url } = pages()
const inTheWay = (page: Page) => page.getByRole('region', { name: 'What is in the way' })

it('WB48 without WebRTC, missing or throwing, the page says so, shows what it has, and nothing complains', async () => {
  for (const how of ['missing', 'throwing'] as const) {
    const { page, complaints } = await open()
    await page.addInitScript((kind) => {
      const none = class {
        constructor() {
          throw new DOMException('blocked', 'NotAllowedError')
        }
      }
      Object.defineProperty(globalThis, 'RTCPeerConnection', {
        value: kind === 'missing' ? undefined : none,
      })
    }, how)
    await page.reload()
    await inTheWay(page).getByText('WebRTC is switched off in this browser').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Devices' }).click()
    await page.getByRole('heading', { name: 'Devices' }).waitFor()
    expect(complaints).toEqual([])
  }
})

it('WB48 a clock that is hours off is told by how much, and one that is right is not', async () => {
  const { page } = await open()
  await page.clock.install({ time: Date.now() + 3 * 3_600_000 })
  await page.reload()
  await page.getByRole('button', { name: 'Show a code' }).click()
  await page.getByText('Waiting for the other device').waitFor()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await inTheWay(page).getByText('The clock of this machine is 3 hours beside').waitFor()
  const { page: right } = await open('/#/pair')
  await right.getByRole('button', { name: 'Show a code' }).click()
  await right.getByText('Waiting for the other device').waitFor()
  await right.getByRole('link', { name: 'Sessions', exact: true }).click()
  await right.getByRole('heading', { name: 'Sessions' }).waitFor()
  expect(await inTheWay(right).innerText()).toBe('')
})

it('WB48 a store that is full is told, what could not be kept is said, and what was kept is read', async () => {
  const { page } = await paired()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  // What a browser does at the boundary where the disk has no more room.
  const fill = (full: boolean) =>
    page.evaluate((on) => {
      const own = globalThis as { put?: typeof IDBObjectStore.prototype.put }
      own.put ??= IDBObjectStore.prototype.put
      const { put } = own
      IDBObjectStore.prototype.put = on
        ? () => {
            throw new DOMException('no room', 'QuotaExceededError')
          }
        : put
    }, full)
  await fill(true)
  await page.getByRole('button', { name: 'Begin one' }).click()
  await page.getByLabel('What it is about').fill('more than fits')
  await page.getByRole('button', { name: 'Begin', exact: true }).click()
  await page.getByText('the browser gives this page no more room').first().waitFor()
  await inTheWay(page).getByText('The browser has no more room for this page').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('heading', { name: 'laptop' }).waitFor()

  await fill(false)
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('button', { name: 'Begin one' }).click()
  await page.getByRole('button', { name: 'Begin', exact: true }).click()
  await page.getByText('This page holds it.').waitFor()
  await inTheWay(page).getByText('no more room').waitFor({ state: 'detached' })
})

/** Permissions of the network, for a page as from the internet. */
async function strict() {
  const served = await servePage(bundlePage())
  onTestFinished(() => served.close())
  const { port } = new URL(served.url)
  const browser = await launchChromium({
    args: [
      '--enable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC',
      `--ip-address-space-overrides=127.0.0.1:${port}=public`,
    ],
  })
  onTestFinished(() => browser.close())
  const opened = await openPage(browser, served.url)
  return { ...opened, served }
}

async function allow(context: BrowserContext, page: Page, setting: 'denied' | 'granted') {
  const devtools = await context.newCDPSession(page)
  const { targetInfo } = await devtools.send('Target.getTargetInfo')
  const { origin } = new URL(page.url())
  for (const name of ['local-network-access', 'local-network', 'loopback-network']) {
    await devtools.send('Browser.setPermission', {
      ...{ permission: { name }, setting, origin },
      ...(targetInfo.browserContextId ? { browserContextId: targetInfo.browserContextId } : {}),
    })
  }
}

async function codeOf(peer: Peer): Promise<{ code: string; rest: AsyncIterable<PairingEvent> }> {
  const events = peer.mesh.invite({ qr: false, confirm: false }).events[Symbol.asyncIterator]()
  let shown: PairingEvent | undefined
  while (shown?.at !== 'code') shown = (await events.next()).value
  return { code: shown.code, rest: { [Symbol.asyncIterator]: () => events } }
}

it('WB48 where no path is found and the local network was not allowed yet, that is told, until one is there', async () => {
  const { page } = await open()
  // A path that never comes: what a browser makes of a question that nobody answers.
  await page.addInitScript(() => {
    RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {})
  })
  await page.reload()
  const peer = await realPeer(tempFolder('prompt'), 'laptop', url())
  const { code } = await codeOf(peer)
  expect(await inTheWay(page).innerText()).toBe('')
  await page.getByLabel('Code of the other device').pressSequentially(code)
  await page.keyboard.press('Enter')
  await inTheWay(page).getByText('until it is allowed').waitFor()
  expect(await violations(page)).toEqual([])
})

it('WB48 a local network that is denied is told with what to do; allowed, the page connects', async () => {
  const { page, served } = await strict()
  await page.getByRole('heading', { name: 'Pair with a device' }).waitFor()
  await allow(page.context(), page, 'denied')
  await page.reload()
  await inTheWay(page).getByText('This browser was told to keep this page from devices').waitFor()
  expect(await violations(page)).toEqual([])

  await allow(page.context(), page, 'granted')
  await page.reload()
  await page.getByRole('heading', { name: 'Pair with a device' }).waitFor()
  expect(await inTheWay(page).innerText()).toBe('')
  const { code, rest } = await codeOf(await realPeer(tempFolder('strict'), 'laptop', served.url))
  await page.getByLabel('Code of the other device').pressSequentially(code)
  await page.keyboard.press('Enter')
  await until(rest, 'paired')
  await page.getByText('1 of 1 connected').waitFor()
})
