/** The camera of the page: a code that is seen, one that is none, and cameras that cannot be had. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PairingEvent } from '@baton/client/core/mesh-api'
import type { Peer } from '@baton/client/node/peer'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { violations } from '../support/axe.ts'
import { bundlePage } from '../support/bundled.ts'
import { launchChromium, openPage, servePage } from '../support/chromium.ts'
import { film, filmFlags } from '../support/filmed.ts'
import { realPeer, until } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-camera-'))
const path = join(folder, 'camera.y4m')
let served: Awaited<ReturnType<typeof servePage>>
let browser: Browser
beforeAll(async () => {
  served = await servePage(bundlePage())
  film(path, 'nothing yet')
  browser = await launchChromium({ args: filmFlags(path) })
})
afterAll(async () => {
  await browser?.close()
  await served?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function atPairing(own = browser, address = `${served.url}/#/pair`) {
  const opened = await openPage(own, address)
  onTestFinished(() => opened.page.context().close())
  const scan = opened.page.getByRole('button', { name: 'Scan a QR code' })
  await scan.waitFor()
  return { ...opened, scan, field: opened.page.getByLabel('Code of the other device') }
}

/** A code of a headless peer, and how the pairing goes there. */
async function offered(peer: Peer) {
  const task = peer.mesh.invite({ qr: true, confirm: false })
  const events = task.events[Symbol.asyncIterator]()
  let shown: PairingEvent | undefined
  while (shown?.at !== 'code') shown = (await events.next()).value
  const rest = { [Symbol.asyncIterator]: () => events }
  return { link: shown.qr ?? '', rest, answer: task.answer, cancel: task.cancel }
}

it('WB45 a QR code that the camera sees fills in the form, and pairs when a person presses', async () => {
  const peer = await realPeer(tempFolder('camera'), 'laptop', served.url)
  const { page, complaints, scan, field } = await atPairing()
  const asked: string[] = []
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
  expect(
    await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name)),
  ).not.toContainEqual(expect.stringMatching(/qr-reader/))
  const { link, rest } = await offered(peer)
  // As the page of another device shows it, and as a terminal does.
  film(path, `${served.url}/${link.replace('baton:', '#')}`)
  await scan.click()
  await page.getByText('Hold the QR code').waitFor()
  expect(await violations(page)).toEqual([])
  await expect.poll(() => field.inputValue(), { timeout: 60_000 }).toContain(link.slice(6))
  expect(await page.locator('video').count()).toBe(0)
  expect(asked.filter((each) => each.includes('claim'))).toEqual([])
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await until(rest, 'paired')
  await page.getByText('Paired with laptop').waitFor()
  expect(complaints).toEqual([])
})

it('WB45 a QR code of something else is told to be none, and not shown', async () => {
  film(path, 'https://evil.test/#412.secret-of-somebody')
  const { page, complaints, scan, field } = await atPairing()
  await scan.click()
  await page.getByText('That QR code is not one of Baton.').waitFor()
  expect(await page.locator('main').innerText()).not.toMatch(/evil|secret/)
  await page.getByRole('button', { name: 'Close the camera' }).click()
  expect(await field.inputValue()).toBe('')
  expect(complaints).toEqual([])
})

it('WB46 a page that holds a session asks its person by name before a link pairs it; No is first', async () => {
  const peer = await realPeer(tempFolder('camera'), 'phisher', served.url)
  const { page } = await atPairing()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('button', { name: 'Begin one' }).click()
  await page.getByRole('button', { name: 'Begin', exact: true }).click()
  await page.getByText('This page holds it.').waitFor()
  const { link, rest, answer } = await offered(peer)
  await page.goto(`${served.url}/${link.replace('baton:', '#')}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await until(rest, 'check')
  answer(true)
  await page.getByText('Say yes only if you have phisher before you').waitFor()
  const no = page.getByRole('button', { name: 'No', exact: true })
  await expect.poll(() => no.evaluate((button) => button === document.activeElement)).toBe(true)
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('did not match').waitFor()
  expect(await peer.mesh.devices()).toHaveLength(1)
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('heading', { name: 'Devices' }).waitFor()
  expect(await page.getByRole('heading', { name: 'phisher' }).count()).toBe(0)

  // One that was shown by a person is asked about as well, and paired by the yes.
  const second = await offered(peer)
  await page.goto(`${served.url}/${second.link.replace('baton:', '#')}`)
  await page.getByRole('button', { name: 'Pair', exact: true }).click()
  await until(second.rest, 'check')
  second.answer(true)
  await page.getByRole('button', { name: 'They are the same' }).click()
  await page.getByText('Paired with phisher').waitFor()
})

it('WB45 no camera, one that may not be used, and one that is busy each have a sentence', async () => {
  const bare = await launchChromium()
  onTestFinished(() => bare.close())
  const none = await atPairing(bare)
  await none.scan.click()
  await none.page.getByRole('alert').getByText('there is no camera here').waitFor()
  expect(await violations(none.page)).toEqual([])
  await none.page.getByRole('button', { name: 'Back' }).click()
  await none.field.waitFor()

  const strict = await launchChromium({ args: ['--use-fake-device-for-media-stream'] })
  onTestFinished(() => strict.close())
  const denied = await atPairing(strict)
  await denied.scan.click()
  await denied.page.getByRole('alert').getByText('this page may not use the camera').waitFor()
  await denied.page.getByText('allow it beside the address of this page').waitFor()

  for (const [name, sentence] of [
    ['NotReadableError', 'the camera does not start'],
    ['TypeError', 'this browser gives no camera to this page'],
  ] as const) {
    const busy = await atPairing()
    await busy.page.evaluate((fault) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', fault))
    }, name)
    await busy.scan.click()
    await busy.page.getByRole('alert').getByText(sentence).waitFor()
  }
  expect([none, denied].flatMap(({ complaints }) => complaints)).toEqual([])
})
