/** The page in the language of its person. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { violations } from '../support/axe.ts'
import { bundlePage } from '../support/bundled.ts'
import { launchChromium, servePage } from '../support/chromium.ts'

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

/** A profile whose browser speaks that language, and what of the page it loaded. */
async function openIn(locale: string) {
  const context = await browser.newContext({ locale })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  await page.goto(served.url)
  const lang = () => page.evaluate(() => document.documentElement.lang)
  const loaded = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .join(),
    )
  return { page, complaints, lang, loaded }
}

it('WB49 a browser that speaks German gets a German page, every screen of it, with its dates and faults', async () => {
  const { page, complaints, lang } = await openIn('de-AT')
  await page.getByRole('heading', { name: 'Mit einem Gerät koppeln' }).waitFor()
  expect(await lang()).toBe('de')
  await page.getByText('Starte auf dem anderen Gerät npm start oder baton pair').waitFor()
  for (const screen of ['Sitzungen', 'Geräte', 'Koppeln', 'Optionen']) {
    await page.getByRole('link', { name: screen, exact: true }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await violations(page)).toEqual([])
  }
  expect(complaints).toEqual([])
  await page.getByRole('link', { name: 'Koppeln', exact: true }).click()
  await page.getByLabel('Code des anderen Geräts').pressSequentially('412-candle-castle-anvil')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('Diesen Code gibt es nicht').waitFor()
})

it('WB49 any other browser gets English, and German is loaded when it is chosen, and stays', async () => {
  const { page, complaints, lang, loaded } = await openIn('fr-FR')
  await page.getByRole('heading', { name: 'Pair with a device' }).waitFor()
  // The worker of the page keeps all of its files, on its own.
  expect([await lang(), /\/de\.js/.test(await loaded())]).toEqual(['en', false])
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByRole('radio', { name: 'Deutsch' }).check()
  await page.getByRole('heading', { name: 'Optionen' }).waitFor()
  expect([await lang(), /\/de\.js/.test(await loaded())]).toEqual(['de', true])
  await page.reload()
  await page.getByRole('heading', { name: 'Optionen' }).waitFor()
  await page.getByRole('radio', { name: 'Wie der Browser' }).check()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  expect(await lang()).toBe('en')
  expect(complaints).toEqual([])
})
