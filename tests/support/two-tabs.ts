/** Two tabs of one browser at one session. */
import type { Page } from 'playwright-core'
import { openedAgain, type PairedPage } from './paired-page.ts'

/**
 * Two tabs at one session that this device holds; the first one runs the device. `prepare`: what runs in
 * both before the page does.
 */
export const tabsOf = (paired: () => Promise<PairedPage>) => async (prepare?: () => void) => {
  const pair = await paired()
  const first = pair.page
  if (prepare) {
    await first.context().addInitScript(prepare)
    await first.reload()
  }
  await first.getByText('1 of 1 connected').waitFor()
  await first.getByRole('link', { name: 'Sessions', exact: true }).click()
  const second = await openedAgain(first, new URL('#/sessions', first.url()).href)
  await second.getByRole('button', { name: 'Begin one' }).click()
  await second.getByLabel('What it is about').fill('router sprint')
  await second.getByRole('button', { name: 'Begin', exact: true }).click()
  await say(second, 'said in the second')
  await first.getByRole('link', { name: /router sprint/ }).click()
  await stands(first, 'said in the second')
  const { complaints, peer, self } = pair
  return { first, second, complaints, peer, self }
}

export async function say(page: Page, text: string): Promise<void> {
  const field = page.getByLabel('Your message')
  await field.fill(text)
  await field.press('Enter')
  await stands(page, text)
}

export const stands = (page: Page, text: string) =>
  page.getByRole('feed').getByText(text, { exact: true }).waitFor()
