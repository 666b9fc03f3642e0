/** What a person reads when the browser has no more room for the page, or took away what it kept. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openLineFile } from '../support/corpus/transcript.ts'
import { pages } from '../support/paired-page.ts'
import { until } from '../support/real-peer.ts'

const { paired, url } = pages()
const patient = { timeout: 60_000 }
const [small, large] = [
  '0f0e0d0c-0b0a-4908-8706-050403020100',
  '1f0e0d0c-0b0a-4908-8706-050403020100',
]

/** A session of two records, and one of 6 MB that hardly shrinks. */
function writeSessions(home: string): void {
  const folder = join(home, 'projects/-work')
  mkdirSync(folder, { recursive: true })
  const write = (id: string, word: string, count: number, noise: number) => {
    const out = openLineFile(join(folder, `${id}.jsonl`))
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(noise)))
      const message = { role: 'user', content: `${word} ${i} ${bytes.toString('base64')}` }
      out.record({ type: 'user', uuid: String(i), sessionId: id, cwd: '/work', message })
    }
    out.close()
  }
  write(small, 'little', 2, 10)
  write(large, 'much', 300, 15_000)
}

it('WB54 a browser without room: the page says so, keeps what it had, and goes on when there is room', async () => {
  // Before it loads: the browser remembers for half a minute how much room an origin had.
  let giveBack = async () => {}
  const { page, complaints, peer, self } = await paired(writeSessions, async (fresh) => {
    const devtools = await fresh.context().newCDPSession(fresh)
    const { origin } = new URL(url())
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_500_000 })
    giveBack = async () => void (await devtools.send('Storage.overrideQuotaForOrigin', { origin }))
  })
  const send = (ref: string) => peer.mesh.send(ref, { to: self, maps: [], carryOnly: true }).events
  await until(send(small), 'done')
  const ends: unknown[] = []
  for await (const event of send(large)) ends.push(event)
  expect(ends.at(-1)).toMatchObject({ at: 'failed', code: 'store-full' })
  await page.getByText(/the disk of this device takes nothing more/).waitFor()

  // What it had acknowledged is there, also for a page that begins with no room.
  await page.reload()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('link', { name: /little 0/ }).click()
  await page.getByRole('feed').getByText('little 1').waitFor()
  await giveBack()
  await until(send(large), 'done')
  expect(complaints).toEqual([])
})

it('WB55 what a browser takes away under the page is said, with the way back: another device, paired anew', async () => {
  const { page, peer, self } = await paired(writeSessions)
  const send = peer.mesh.send(small, { to: self, maps: [], carryOnly: true })
  await until(send.events, 'done')
  const devtools = await page.context().newCDPSession(page)
  const { origin } = new URL(url())
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  await page.getByRole('heading', { name: 'This page is no device any more' }).waitFor()
  await page.getByText(/reload the page and pair again/).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Pair with a device' }).waitFor()
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByText(/^Key /).waitFor()
  // Nothing of the other side's is gone by it.
  expect((await peer.mesh.devices()).find(({ id }) => id === self)).toBeDefined()
  await expect
    .poll(
      async () => (await peer.mesh.sessions()).some(({ agentSession }) => agentSession === small),
      patient,
    )
    .toBe(true)
})
