/** The page's screens in Chromium: who may be the device, hostile text, long transcripts, and access. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { violations } from '../support/axe.ts'
import { pages } from '../support/paired-page.ts'
import { until } from '../support/real-peer.ts'

const { open, paired, url } = pages()
const sampleFolder = fileURLToPath(new URL('../../client/sample', import.meta.url))
const hostileId = '0f0e0d0c-0b0a-4908-8706-050403020100'
const hostile =
  '<img src=x onerror="globalThis.pwned=1"><script>pwned=1</script> [go](javascript:pwned=1)'

/** The sample, and a session of 3,000 messages that would like to be more than text. */
function writeSessions(home: string): void {
  cpSync(sampleFolder, home, { recursive: true })
  const line = (i: number, type: 'user' | 'assistant', text: string) =>
    JSON.stringify({
      parentUuid: i === 0 ? null : `00000000-0000-4000-8000-${String(i - 1).padStart(12, '0')}`,
      uuid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      type,
      sessionId: hostileId,
      cwd: '/projects/<b>x</b>',
      timestamp: '2026-11-20T10:00:00.000Z',
      message: { role: type, content: type === 'user' ? text : [{ type: 'text', text }] },
    })
  const lines = Array.from({ length: 3_000 }, (_, i) =>
    line(
      i,
      i % 2 === 0 ? 'user' : 'assistant',
      i === 0 ? hostile : `word ${i}\n`.repeat((i % 7) + 1),
    ),
  )
  const folder = join(home, 'projects/-projects-x')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${hostileId}.jsonl`), `${lines.join('\n')}\n`)
}

/** A page that is paired with a headless peer which has those sessions. */
async function withSessions() {
  const { peer, self, ...opened } = await paired(writeSessions)
  const send = (ref: string) =>
    until(peer.mesh.send(ref, { to: self, maps: [], carryOnly: true }).events, 'done')
  return { ...opened, send }
}

it('WB11 WB12 WB14 a hostile session of 3,000 messages is text, a few rows at a time, and accessible', async () => {
  const { page, complaints, send } = await withSessions()
  await send(hostileId)
  const feed = page.getByRole('feed')
  await feed.getByText('<img src=x onerror=').waitFor()
  await page.getByText('3,000 messages').waitFor()
  expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false)
  expect(await feed.locator('img, script, a, iframe, object, form').count()).toBe(0)
  expect(await feed.locator('article').count()).toBeLessThan(60)
  expect(await violations(page)).toEqual([])

  // The keyboard alone reaches the end, and what is measured on the way does not lose the place.
  await feed.focus()
  await page.keyboard.press('End')
  await feed.getByText('word 2999').first().waitFor()
  expect(await feed.locator('article').count()).toBeLessThan(60)
  const last = feed.locator('article[aria-posinset="3000"]')
  expect(await last.getAttribute('aria-setsize')).toBe('3000')
  await page.keyboard.press('Home')
  await feed.getByText('<img src=x onerror=').waitFor()

  await send('7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10')
  for (const screen of ['Sessions', 'Devices', 'Pair', 'Settings']) {
    await page.getByRole('link', { name: screen, exact: true }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await violations(page)).toEqual([])
  }
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('link', { name: /Tide clock/ }).click()
  const call = feed.locator('details').first()
  await call.locator('summary').click()
  await call.getByText('f3a91c0').waitFor()
  expect(await violations(page)).toEqual([])
  await page.reload()
  await feed.getByText('Morning!').waitFor()
  expect(complaints).toEqual([])
})

it('WB8 a code in the address is gone from it at once, fills in the form, and nothing is claimed', async () => {
  const { page, complaints } = await open('/#412.q83vEjRWeJCrze8SNFZ4kA.signal.example.org')
  const asked: string[] = []
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
  const field = page.getByLabel('Code of the other device')
  await expect
    .poll(() => field.inputValue())
    .toBe('baton:412.q83vEjRWeJCrze8SNFZ4kA.signal.example.org')
  expect(page.url()).toBe(`${url()}/#/pair`)
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.goBack()
  expect(page.url()).toBe(`${url()}/#/pair`)
  expect(asked.filter((path) => path.includes('claim'))).toEqual([])
  expect(complaints).toEqual([])
})

it('WB14 a code is typed with help: words offered, a slip told, and a dead one said in words', async () => {
  const { page } = await open('/#/pair')
  const field = page.getByLabel('Code of the other device')
  await field.pressSequentially('412 can')
  await page.getByRole('button', { name: 'candle' }).click()
  expect(await field.inputValue()).toBe('412-candle-')
  await field.pressSequentially('castle xqz')
  await page.getByText('no word of a code starts like this').waitFor()
  for (let i = 0; i < 3; i++) await page.keyboard.press('Backspace')
  await field.pressSequentially('anvil')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('there is no such code').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Show a code' }).click()
  await page.getByText('Waiting for the other device').waitFor()
  expect(await violations(page)).toEqual([])
})

it('WB15 on plain http from elsewhere the page runs nothing, and says which rule is in the way', async () => {
  const { page } = await open('/icon.svg')
  // What a browser says of itself there; a network between machines is not had in a test.
  await page.addInitScript(() =>
    Object.defineProperty(globalThis, 'isSecureContext', { value: false }),
  )
  await page.goto(url())
  await page.getByText('keeps its keys from pages on plain http').waitFor()
  await page.getByText('Open it on the machine where Baton runs').waitFor()
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([])
})
