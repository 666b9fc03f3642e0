/** A session that changes hands by the screens of a page, and words written into it. */

import type { Document } from '@baton/client/core/mesh-api'
import type { Peer } from '@baton/client/node/peer'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openedAgain, pages } from '../support/paired-page.ts'

const { paired } = pages()
/** They share their machine with others. */
const patient = { timeout: 60_000 }

/** A session that the headless peer holds, and the page may write along. */
async function heldThere() {
  const pair = await paired()
  const { mesh } = pair.peer
  const session = await mesh.driven.create({ title: 'router sprint' })
  const document = await mesh.documents.open(session)
  await document.share(pair.self, { write: true })
  await document.say({ role: 'user', content: 'begin' })
  const { page } = pair
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('link', { name: /router sprint/ }).click()
  await page.getByRole('feed').getByText('begin').waitFor()
  const holder = async () => (await mesh.handoffs.holding(session)).holder
  const said = async () =>
    (await document.history()).map(({ value }) => (value as { content?: string }).content)
  return { ...pair, mesh, session, document, holder, said }
}

/** Answers the next request as a person at the headless peer would. */
function acceptNext(mesh: Peer['mesh']): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = mesh.watch((event) => {
      if (event.kind !== 'handoff' || !event.handoff.waitsForUs) return
      off()
      mesh.handoffs.answer(event.handoff.id, true).then(resolve, reject)
    })
  })
}

const say = async (page: Page, label: string, text: string) => {
  const field = page.getByLabel(label)
  await field.fill(text)
  await field.press('Enter')
}

async function handBack(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Hand over' }).click()
  const dialog = page.getByRole('dialog', { name: 'Hand over' })
  await dialog.getByRole('radio', { name: /laptop/ }).check()
  await dialog.getByRole('button', { name: 'Hand over' }).click()
}

/** Both ends hold the same: what the details of the page say, and what the peer knows. */
async function same({ page, document }: { page: Page; document: Document }): Promise<void> {
  await page.getByRole('link', { name: /Details/ }).click()
  const shown = page.getByText('Digest of all that this page holds').locator('code')
  await expect
    .poll(async () => (await document.digest()).startsWith(await shown.innerText()), patient)
    .toBe(true)
  await page.getByRole('link', { name: 'Back to the session' }).click()
  await page.getByRole('feed').waitFor()
}

/** Resolves when a request was agreed to, at the peer's end. */
function accepted(mesh: Peer['mesh']): Promise<void> {
  return new Promise((resolve) => {
    const off = mesh.watch((event) => {
      if (event.kind !== 'handoff' || event.handoff.state !== 'accepted') return
      off()
      resolve()
    })
  })
}

/** The process behind the page dies where it stands; another page of the profile opens where it was. */
async function killed(page: Page): Promise<Page> {
  const context = page.context()
  const devtools = await context.newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  devtools.send('Page.crash').catch(() => {})
  await crashed
  const url = page.url()
  const next = await openedAgain(page, url)
  await page.close()
  return next
}

it('WB17 WB19 WB20 a session is taken, gone on with and handed back by the screens, with receipts', async () => {
  const at = await heldThere()
  const { page, complaints, mesh, session, document, self, holder, said } = at
  await page.getByText('laptop holds it.').waitFor()
  await same(at)

  // While another device holds it, what is written waits in its inbox.
  await say(page, 'For the inbox of laptop', 'and the tests?')
  await expect
    .poll(async () => (await document.inputs()).map(({ device }) => device), patient)
    .toEqual([self])
  await page.getByRole('list', { name: 'In the inbox' }).getByText('and the tests?').waitFor()

  const asked = acceptNext(mesh)
  await page.getByRole('button', { name: 'Take it here' }).click()
  await asked
  await page.getByText('This page holds it.', { exact: true }).waitFor()
  await expect.poll(holder, patient).toBe(self)
  await same(at)
  await page.getByRole('button', { name: 'Take it up' }).click()
  await page.getByRole('feed').getByText('and the tests?').waitFor()
  await say(page, 'Your message', 'typed in the page')
  await page.getByRole('feed').getByText('typed in the page').waitFor()
  await expect.poll(said, patient).toEqual(['begin', 'and the tests?', 'typed in the page'])
  await same(at)

  const back = acceptNext(mesh)
  await handBack(page)
  await back
  await page.getByText('laptop holds it.').waitFor()
  await expect.poll(holder, patient).toBe(mesh.self)
  await document.say({ role: 'user', content: 'and back' })
  await page.getByRole('feed').getByText('and back').waitFor()
  await same(at)

  await page.getByRole('link', { name: /Details/ }).click()
  const receipts = page.getByRole('region', { name: 'Receipts' }).getByRole('listitem')
  await receipts.filter({ hasText: 'held there from epoch 1 on' }).waitFor()
  await receipts.filter({ hasText: 'held there from epoch 2 on' }).waitFor()
  await expect.poll(() => receipts.filter({ hasText: 'signed by both' }).count(), patient).toBe(2)
  const theirs = (await mesh.receipts()).filter((row) => row.session === session)
  expect(theirs.map(({ signedBy }) => signedBy.length)).toEqual([2, 2])
  for (const { digest } of theirs) await receipts.getByText(digest.slice(0, 16)).waitFor()
  expect(complaints).toEqual([])
})

it('WB17 WB10 a page killed while it takes a session, and while it hands it back, loses nothing of it', async () => {
  const at = await heldThere()
  const { mesh, document, self, holder, said } = at
  let { page } = at
  await mesh.handoffs.setPolicy('always')
  const settled = async () => {
    // On both ends: nothing of it is on its way.
    await expect
      .poll(async () => (await mesh.handoffs.list()).map(({ state }) => state), patient)
      .not.toContain('accepted')
    await page.getByText(/holds it\./).waitFor()
    await same({ ...at, page })
  }
  const taken = accepted(mesh)
  await page.getByRole('button', { name: 'Take it here' }).click()
  await taken
  page = await killed(page)
  await settled()
  // Wherever the kill met it, the page comes to hold it by asking again.
  if ((await holder()) !== self) await page.getByRole('button', { name: 'Take it here' }).click()
  await page.getByText('This page holds it.', { exact: true }).waitFor()
  await say(page, 'Your message', 'typed after the kill')
  await expect.poll(said, patient).toEqual(['begin', 'typed after the kill'])

  const handed = accepted(mesh)
  await handBack(page)
  await handed
  page = await killed(page)
  await settled()
  if ((await holder()) !== mesh.self) await handBack(page)
  await expect.poll(holder, patient).toBe(mesh.self)
  await document.say({ role: 'user', content: 'and back' })
  await page.getByRole('feed').getByText('and back').waitFor()
  await same({ ...at, page })
  expect(await said()).toEqual(['begin', 'typed after the kill', 'and back'])
})

it('WB28 a session begun in the page is handed to a device that can run an agent in it', async () => {
  const { page, complaints, peer } = await paired()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('button', { name: 'Begin one' }).click()
  await page.getByLabel('What it is about').fill('water the beds')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'water the beds' }).waitFor()
  await say(page, 'Your message', 'tomatoes first')
  await page.getByRole('feed').getByText('tomatoes first').waitFor()
  const back = acceptNext(peer.mesh)
  await handBack(page)
  await back
  await page.getByText('laptop holds it.').waitFor()
  const found = async () =>
    (await peer.mesh.sessions()).find(({ title }) => title === 'water the beds')?.id ?? ''
  await expect.poll(found, patient).not.toBe('')
  const drive = await peer.mesh.driven.drive(await found())
  await drive.apply([{ do: 'say', role: 'assistant', text: 'They have 18 % left.' }])
  await page.getByRole('feed').getByText('They have 18 % left.').waitFor()
  await drive.close()
  expect(complaints).toEqual([])
})
