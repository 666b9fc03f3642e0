/** What tabs keep of what a person does: texts that are not said yet, preferences, and who is told. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openedAgain, pages } from '../support/paired-page.ts'
import { say, stands, tabsOf } from '../support/two-tabs.ts'

const { paired } = pages()
const twoTabs = tabsOf(paired)

const field = (page: Page) => page.getByLabel('Your message')

/** As a person who looks elsewhere, or comes back: a browser without a screen tells no page of it. */
const look = (page: Page, here: boolean) =>
  page.evaluate((front) => {
    document.hasFocus = () => front
    dispatchEvent(new Event(front ? 'focus' : 'blur'))
  }, here)

/** Writes over the broadcast, with the time since the one before was typed. */
async function watchKeeping(page: Page) {
  const watch = await page.context().newPage()
  await watch.goto(new URL('/icon.svg', page.url()).href)
  await watch.evaluate(() => {
    const seen: { text: string; at: number }[] = []
    Object.assign(globalThis, { seen })
    new BroadcastChannel('baton').onmessage = ({ data }) => {
      if (data.name === 'keep') seen.push({ text: data.args[1], at: Date.now() })
    }
  })
  return {
    seen: () =>
      watch.evaluate(
        () => (globalThis as unknown as { seen: { text: string; at: number }[] }).seen,
      ),
    close: () => watch.close(),
  }
}

it('WB36 a text that is not said yet is there after a reload, in another tab, and after a crash', async () => {
  const { first, second } = await twoTabs()
  await field(first).fill('half of a thou')
  await first.reload()
  await expect.poll(() => field(first).inputValue()).toBe('half of a thou')
  await field(second).fill('half of a thought')
  const third = await openedAgain(first, second.url())
  await expect.poll(() => field(third).inputValue()).toBe('half of a thought')

  const devtools = await first.context().newCDPSession(second)
  const crashed = second.waitForEvent('crash')
  devtools.send('Page.crash').catch(() => {})
  await crashed
  const fourth = await openedAgain(first, third.url())
  await expect.poll(() => field(fourth).inputValue()).toBe('half of a thought')
  await say(fourth, 'half of a thought')
  await fourth.reload()
  await stands(fourth, 'half of a thought')
  expect(await field(fourth).inputValue()).toBe('')

  await fourth.getByRole('link', { name: 'Settings' }).click()
  await fourth.getByRole('radio', { name: 'Forget it with the page' }).check()
  await fourth.goBack()
  await field(fourth).fill('not to be kept')
  await fourth.reload()
  await stands(fourth, 'half of a thought')
  expect(await field(fourth).inputValue()).toBe('')
})

it('WB32 a tab in front writes what was typed within 250 ms, one behind as seldom as is preferred', async () => {
  const { first, second } = await twoTabs()
  await second.evaluate(() => {
    localStorage.setItem('baton-preferences', JSON.stringify({ syncFrequency: 3, autosave: 'x' }))
  })
  await second.reload()
  await field(second).waitFor()
  const keeping = await watchKeeping(first)
  const typed = async (text: string) => {
    const at = await second.evaluate((value) => {
      const area = document.querySelector('textarea') as HTMLTextAreaElement
      area.value = value
      area.dispatchEvent(new Event('input', { bubbles: true }))
      return Date.now()
    }, text)
    const found = async () => (await keeping.seen()).find((each) => each.text === text)
    await expect.poll(found, { timeout: 30_000 }).toBeDefined()
    return ((await found())?.at ?? 0) - at
  }
  await look(second, true)
  const front = await typed('in front')
  await look(second, false)
  const behind = await typed('behind')
  process.stdout.write(`typed to written: ${front} ms in front, ${behind} ms behind\n`)
  expect(front).toBeGreaterThanOrEqual(240)
  expect(front).toBeLessThan(2_000)
  expect(behind).toBeGreaterThanOrEqual(2_900)

  await second.evaluate(() => {
    const area = document.querySelector('textarea') as HTMLTextAreaElement
    area.value = 'gathered behind'
    area.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await look(second, true)
  await expect.poll(async () => (await keeping.seen()).at(-1)?.text).toBe('gathered behind')
  await keeping.close()
})

it('WB36 who lets the browser tell hears of a request that came while no tab was in front, once', async () => {
  const pair = await paired()
  const { page, peer, self } = pair
  const { mesh } = peer
  await page.context().grantPermissions(['notifications'], { origin: new URL(page.url()).origin })
  await page.context().addInitScript(() => {
    const told: string[] = []
    class Recorded {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      constructor(_title: string, { body }: { body: string }) {
        told.push(body)
      }
    }
    Object.assign(globalThis, { Notification: Recorded, told })
  })
  await page.reload()
  await page.getByText('1 of 1 connected').waitFor()
  const second = await openedAgain(page, page.url())
  await second.getByText('1 of 1 connected').waitFor()
  const told = async () =>
    (
      await Promise.all(
        [page, second].map((each) =>
          each.evaluate(() => (globalThis as unknown as { told: string[] }).told),
        ),
      )
    ).flat()
  const session = await mesh.driven.create({ title: 'a title that is nobody’s business' })
  const hand = () => mesh.handoffs.hand(session, { to: self, kind: 'transfer' })
  const asked = page
    .getByRole('region', { name: 'Requests' })
    .getByRole('button', { name: 'Decline' })

  await look(page, false)
  await look(second, true)
  void hand()
  await asked.click()
  await asked.waitFor({ state: 'hidden' })
  expect(await told()).toEqual([])

  await look(second, false)
  void hand()
  await asked.waitFor()
  await expect.poll(told).toEqual(['A request to hand a session over stands there for you.'])
  await asked.click()
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('radio', { name: 'Say nothing' }).check()
  void hand()
  await asked.waitFor()
  expect(await told()).toHaveLength(1)
})
