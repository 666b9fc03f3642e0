/** `npm start`, and Chromium at its page: what a person does first, end to end. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium, openPage } from '../support/chromium.ts'
import { startHere } from '../support/started.ts'
import { tempFolder } from '../support/temp.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

/** On a machine of its own it is 1.5 s; tests share theirs. */
const patienceMs = 60_000

it('WB13 UP11 from typing the code to reading the first message, and nothing complains', async () => {
  const started = await startHere(tempFolder('line'))
  const { page, complaints } = await openPage(browser, started.url)
  const field = page.getByLabel('Code of the other device')
  await field.waitFor()
  const code = await started.code()
  const began = performance.now()
  await field.pressSequentially(code)
  await page.keyboard.press('Enter')
  // "Paired with desk" is not waited for: the session may arrive before that is ever painted.
  await page.getByRole('feed').getByText('Morning! This is a little CLI').waitFor()
  const readMs = performance.now() - began
  process.stdout.write(`code typed to read ${readMs.toFixed(0)} ms\n`)
  expect(readMs).toBeLessThan(patienceMs)

  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('heading', { name: 'desk' }).waitFor()
  await page.reload()
  await page.getByText('1 of 1 connected').waitFor()
  await page.getByRole('link', { name: 'Sessions' }).click()
  await page.getByRole('link', { name: /Tide clock/ }).click()
  await page.getByRole('feed').getByText('Morning! This is a little CLI').waitFor()
  expect(complaints).toEqual([])
  await page.close()
})
