/**
 * What a person waits for at the page (rules WB13, WB50): from typing the code to the first message, and
 * a very long session that comes, is opened, and is read to its end, while the page stays at hand.
 */
import { cpSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { bundlePage } from '../../support/bundled.ts'

import { agentFolder } from '../../support/peer-process.ts'
import type { Measure, Options } from '../measure.ts'
import { lastWords, longSession, writeLongSession } from './long-session.ts'
import { openBench } from './peers.ts'
import { type Busy, whileBusy } from './watch.ts'

const messages = 100_000
const sample = '7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10'

export async function measureScreen({ mib }: Options): Promise<Measure[]> {
  const bench = await openBench(bundlePage())
  try {
    const laptop = await bench.peer('laptop', (folder) => {
      cpSync('client/sample', agentFolder(folder), { recursive: true })
      writeLongSession(folder, messages, mib * 1_048_576)
    })
    const page = await bench.open()
    const field = page.getByLabel('Code of the other device')
    await field.waitFor()
    const { code, ended } = await laptop.invite()
    const typed = performance.now()
    await field.pressSequentially(code)
    await page.keyboard.press('Enter')
    const entered = performance.now()
    const end = await ended
    if (end.at !== 'paired') throw new Error(JSON.stringify(end))
    const to = end.device.id
    const sent = laptop.sent(sample, { to, maps: [], carryOnly: true })
    await page.getByRole('feed').getByText('Morning! This is a little CLI').waitFor()
    const read = performance.now()
    await sent

    await page.getByRole('link', { name: 'Sessions', exact: true }).click()
    const began = performance.now()
    const coming = await whileBusy(page, () =>
      laptop.sent(longSession, { to, maps: [], carryOnly: true }),
    )
    const carried = performance.now() - began
    const first = await whileBusy(page, () => firstScreen(page))
    const reading = await whileBusy(page, () => readAll(page))
    await page.goto('about:blank')
    await page.goBack()
    await page.getByRole('link', { name: 'Sessions', exact: true }).click()
    const again = await whileBusy(page, () => firstScreen(page))
    return [
      {
        name: 'code typed to first message read',
        value: read - typed,
        unit: 'ms',
        target: '<= 1500',
      },
      { name: 'Enter to first message read', value: read - entered, unit: 'ms' },
      { name: `${messages / 1000},000 messages, to the page`, value: carried / 1000, unit: 's' },
      ...tasks('while they come', coming.busy),
      ...screen('first screen of them', first),
      ...screen('first screen of them after a reload', again),
      { name: 'all of them read, from the first screen on', value: reading.result, unit: 'ms' },
      ...tasks('while they are read', reading.busy),
    ]
  } finally {
    await bench.close()
  }
}

/** From the click to the frame that shows the first messages, ms by the page's clock. */
async function firstScreen(page: Page): Promise<number> {
  const link = page.locator(`.session a`).filter({ hasText: 'message 0' })
  await link.waitFor()
  await page.evaluate(() => {
    const seen = globalThis as { firstScreen?: Promise<number> }
    seen.firstScreen = new Promise((resolve) => {
      addEventListener(
        'click',
        ({ timeStamp }) => {
          const look = () => {
            if (document.querySelector('[role=feed] article')) {
              requestAnimationFrame(() => resolve(performance.now() - timeStamp))
            } else requestAnimationFrame(look)
          }
          look()
        },
        { once: true, capture: true },
      )
    })
  })
  await link.click()
  return page.evaluate(() => (globalThis as { firstScreen?: Promise<number> }).firstScreen ?? 0)
}

/** ms until the count of all stands there; then a key leads to their end. */
async function readAll(page: Page): Promise<number> {
  const began = performance.now()
  await page.getByText(`${messages / 1000},000 messages`).waitFor()
  const all = performance.now() - began
  await page.getByRole('feed').focus()
  await page.keyboard.press('End')
  await page.getByRole('feed').getByText(lastWords).waitFor()
  return all
}

const screen = (name: string, { result, busy }: { result: number; busy: Busy }): Measure[] => [
  { name, value: result, unit: 'ms', target: '<= 150' },
  { name: `${name}, processor time`, value: busy.total * 1000, unit: 'ms' },
]

const tasks = (when: string, { wall, cpu, long, total }: Busy): Measure[] => [
  { name: `longest task ${when}, processor time`, value: cpu, unit: 'ms', target: '<= 50' },
  { name: `longest task ${when}, by the wall`, value: wall, unit: 'ms' },
  { name: `tasks of more than 50 ms ${when}`, value: long, unit: '' },
  { name: `main thread ${when}, processor time`, value: total, unit: 's' },
]
