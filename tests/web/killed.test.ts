/** A browser that is killed while a page writes: what was acknowledged is there, and batches are whole. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { bundleForPage, launchMortal, servePage } from '../support/chromium.ts'
import { createDice } from '../support/corpus/dice.ts'
import { tempFolder } from '../support/temp.ts'

const { BATON_BROWSER_KILLS = '12' } = process.env
const kills = Number(BATON_BROWSER_KILLS)

let served: Awaited<ReturnType<typeof servePage>>
beforeAll(async () => {
  served = await servePage(bundleForPage('kill-page'))
})
afterAll(() => served?.close())

/** Starts the writer on a profile and kills its browser; what it found, and the last it told of. */
async function killed(profile: string, acknowledgements: number, ms: number) {
  const { page, kill } = await launchMortal(profile)
  onTestFinished(kill)
  let hear = (_word: string, _i: number) => {}
  await page.exposeFunction('told', (word: string, i: number) => hear(word, i))
  await page.goto(served.url)
  await page.waitForFunction(() => 'killed' in globalThis)
  const found = await page.evaluate(() => globalThis.killed.found())
  const last = { durable: found.head, secret: found.secret }
  let left = acknowledgements
  const enough = new Promise<void>((resolve) => {
    hear = (word, i) => {
      if (word === 'secret') last.secret = i & 255
      if (word !== 'durable') return
      last.durable = Math.max(last.durable, i)
      if (--left <= 0) resolve()
    }
  })
  await page.evaluate(() => globalThis.killed.write())
  await enough
  // Anywhere between one write and the next: how long one takes.
  await new Promise((resolve) => setTimeout(resolve, ms))
  await kill()
  return { found, last }
}

it(
  `WB52 ST17 ${kills} kills of the browser lose nothing acknowledged, tear no batch, and leave its keys`,
  async () => {
    const dice = createDice(52)
    const profile = tempFolder('killed')
    let before: Awaited<ReturnType<typeof killed>> | undefined
    let unheard = 0
    for (let kill = 0; kill <= kills; kill++) {
      const now = await killed(profile, 1 + dice.int(40), dice.int(12))
      if (before) {
        expect(now.found.head).toBeGreaterThanOrEqual(before.last.durable)
        expect(now.found.device).toBe(before.found.device)
        if (before.last.secret !== undefined) expect(now.found.secret).toBeDefined()
        unheard += now.found.head - before.last.durable
      }
      before = now
    }
    // How many kills fell between the disk and the word of it is chance: few of them may show none.
    process.stdout.write(`killed browsers kept ${unheard} batches that nobody had heard of\n`)
  },
  60_000 + kills * 10_000,
)
