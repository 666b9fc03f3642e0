/** One session in a tab, a popup, a side panel, on a phone and as an app of one browser. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { violations } from '../support/axe.ts'
import { openedAgain, pages } from '../support/paired-page.ts'
import { stands, tabsOf } from '../support/two-tabs.ts'

const { paired } = pages()
const twoTabs = tabsOf(paired)

/** How it is shown there. */
const shown = (page: Page) =>
  page.evaluate(() => {
    const reader = document.querySelector('.reader')
    const message = document.querySelector('article')
    return {
      layout: /layout-(\w+)/.exec(reader?.className ?? '')?.[1],
      sidebar: document.querySelector('.sidebar') !== null,
      px: message && Math.round(Number.parseFloat(getComputedStyle(message).fontSize) * 10) / 10,
    }
  })

const becomes = (page: Page) => expect.poll(() => shown(page), { timeout: 30_000 })

async function choose(page: Page, choice: string): Promise<void> {
  await page.getByRole('link', { name: /Details/ }).click()
  await page.getByRole('radio', { name: choice, exact: true }).check()
  await expect
    .poll(() => page.getByRole('radio', { name: choice, exact: true }).isChecked())
    .toBe(true)
  await page.getByRole('link', { name: 'Back to the session' }).click()
}

async function openedAs(page: Page, mode: string): Promise<Page> {
  const { origin, hash } = new URL(page.url())
  const opened = await openedAgain(page, `${origin}/?mode=${mode}${hash}`)
  await stands(opened, 'said in the second')
  return opened
}

it('WB34 each mode keeps its own, and takes over what it did not choose from the mode before', async () => {
  const { first, complaints } = await twoTabs()
  await becomes(first).toEqual({ layout: 'standard', sidebar: false, px: 16 })
  await choose(first, 'Larger')
  await becomes(first).toMatchObject({ px: 22.9 })

  const panel = await openedAs(first, 'sidepanel')
  await becomes(panel).toEqual({ layout: 'sidebar', sidebar: true, px: 22.9 })
  await panel.getByRole('region', { name: 'Sessions' }).getByText('router sprint').waitFor()
  expect(await violations(panel)).toEqual([])
  await choose(panel, 'Small')
  await becomes(panel).toEqual({ layout: 'sidebar', sidebar: true, px: 13.7 })
  await becomes(first).toMatchObject({ px: 22.9, layout: 'standard' })

  const popup = await openedAs(first, 'popup')
  await becomes(popup).toEqual({ layout: 'compact', sidebar: false, px: 13.7 })
  await popup.reload()
  await becomes(popup).toEqual({ layout: 'compact', sidebar: false, px: 13.7 })
  await first.reload()
  await becomes(first).toMatchObject({ px: 22.9 })
  expect(complaints).toEqual([])
})

it('WB34 an installed window is the desktop, a phone is a phone, and each adapts as it becomes one', async () => {
  const { first, second } = await twoTabs(() => {
    // A browser without a screen installs nothing: what it would say of such a window is said here.
    const real = matchMedia.bind(globalThis)
    const windows: (MediaQueryList & { matches: boolean })[] = []
    globalThis.matchMedia = (query) => {
      if (!query.includes('display-mode')) return real(query)
      const list = Object.assign(new EventTarget(), { matches: false, media: query })
      windows.push(list as never)
      return list as never
    }
    Object.assign(globalThis, {
      install() {
        for (const each of windows) {
          Object.assign(each, { matches: true })
          each.dispatchEvent(new Event('change'))
        }
      },
    })
  })
  await becomes(first).toMatchObject({ layout: 'standard' })
  await first.evaluate(() => (globalThis as unknown as { install(): void }).install())
  await becomes(first).toMatchObject({ layout: 'full' })
  await first.getByRole('link', { name: /Details/ }).click()
  await first.getByRole('heading', { name: 'How it is shown as an app' }).waitFor()

  await second.setViewportSize({ width: 400, height: 800 })
  const devtools = await second.context().newCDPSession(second)
  await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: true })
  await becomes(second).toMatchObject({ layout: 'mobile' })
})

it('WB35 Settings lists what changes go over, and what takes over where the first cannot', async () => {
  const { first, second, peer, complaints } = await twoTabs()
  await second.getByRole('link', { name: 'Settings' }).click()
  const channels = second.getByRole('region', { name: 'What changes go over' })
  const row = (name: string) => channels.getByRole('listitem').filter({ hasText: name })
  await row('by broadcast').getByText('used now').waitFor()
  await row('Other devices').getByText('used now').waitFor()
  await row('The store')
    .getByText(/sealed · last/)
    .waitFor()
  await channels.getByText('2 tabs of this browser').waitFor()
  expect(await violations(second)).toEqual([])

  await peer.close()
  await row('Other devices').getByText('down').waitFor()
  await row('The store').getByText('used now').waitFor()
  await first.context().addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'BroadcastChannel')
  })
  await first.close()
  await second.reload()
  await row('by the storage').getByText('used now').waitFor()
  expect(complaints).toEqual([])
})
