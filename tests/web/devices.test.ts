/** What a page does about devices, conflicts and what does not count, and its settings. */
import { policyPath } from '@baton/shared/conflict/strategy'
import { expect, it } from 'vitest'
import { violations } from '../support/axe.ts'
import { pages } from '../support/paired-page.ts'
import { openRealPeer, pairReally, realPeer } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const { open, paired, url } = pages()
const patient = { timeout: 60_000 }

it('WB26 devices are renamed, and removed only after a question; path and delay are shown', async () => {
  const { page, complaints, peer, self } = await paired()
  await peer.mesh.setRole(self, 'admin')
  const phone = await realPeer(tempFolder('phone'), 'phone', url())
  await pairReally(peer, phone)
  await page.getByRole('link', { name: 'Devices' }).click()
  const card = (name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) })
  await card('laptop')
    .getByText(/connected, direct, \d+ ms/)
    .waitFor()

  await page.getByRole('button', { name: 'Rename laptop' }).click()
  const naming = page.getByRole('dialog', { name: 'Rename laptop' })
  await naming.getByLabel('Its name').fill('the old laptop')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await card('the old laptop').waitFor()
  await expect
    .poll(async () => (await phone.mesh.devices()).map(({ name }) => name), patient)
    .toContain('the old laptop')

  await page.getByRole('button', { name: 'Remove phone' }).click()
  const question = page.getByRole('dialog', { name: 'Remove phone?' })
  expect(await violations(page)).toEqual([])
  await question.getByRole('button', { name: 'Keep it' }).click()
  await page.getByRole('button', { name: 'Remove phone' }).click()
  await question.getByRole('button', { name: 'Remove it for good' }).click()
  await card('phone').getByText('removed').waitFor()
  await expect
    .poll(
      async () => (await peer.mesh.devices()).find(({ name }) => name === 'phone')?.state,
      patient,
    )
    .toBe('removed')
  await expect.poll(() => card('phone').getByRole('button').count(), patient).toBe(0)
  expect(complaints).toEqual([])
})

it('WB21 what two devices wrote at once stands side by side, and a choice holds on both', async () => {
  const { page, complaints, peer, self } = await paired()
  const root = tempFolder('phone')
  const phone = await realPeer(root, 'phone', url())
  await pairReally(peer, phone)
  const model = ['config', 'model']
  const here = await peer.mesh.documents.create('agent', { title: 'router sprint' })
  const { session } = here
  await here.set(policyPath('strategy'), 'manual')
  await here.set(model, 'small')
  await here.share(self, { write: true })
  await here.share(phone.mesh.self, { write: true })
  const seenBy = async (mesh: typeof phone.mesh) =>
    (await mesh.documents.open(session).catch(() => undefined))?.get(model)
  await expect.poll(() => seenBy(phone.mesh), patient).toBe('small')
  // Neither hears the other while it writes.
  await phone.close()
  await here.set(model, 'large <b>and</b> slow')
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('link', { name: /router sprint/ }).click()
  await page.getByRole('link', { name: /Details/ }).click()
  const shown = page.getByText('Digest of all that this page holds').locator('code')
  await expect
    .poll(async () => (await here.digest()).startsWith(await shown.innerText()), patient)
    .toBe(true)
  await peer.close()
  const again = await realPeer(root, 'phone', url())
  const there = await again.mesh.documents.open(session)
  await there.set(model, 'tiny')

  const conflict = page.getByRole('region', { name: 'config › model' })
  await conflict.getByText('large <b>and</b> slow').waitFor()
  const side = conflict.getByRole('listitem').filter({ hasText: 'tiny' })
  await side.getByText(/^phone, /).waitFor()
  expect(await violations(page)).toEqual([])
  await side.getByRole('button', { name: 'Use this' }).click()
  await conflict.waitFor({ state: 'detached' })
  await expect.poll(() => there.get(model), patient).toBe('tiny')
  await expect.poll(async () => (await there.conflicts()).length, patient).toBe(0)
  expect(complaints).toEqual([])
})

it('WB23 what does not count is listed with its reason, and counts again when a person says so', async () => {
  const { page, complaints, peer, self } = await paired()
  const { mesh } = peer
  await mesh.setRole(self, 'admin')
  const root = tempFolder('phone')
  const phone = await openRealPeer(root, 'phone', url())
  await pairReally(peer, phone)
  const here = await mesh.documents.create('agent', { title: 'router sprint' })
  await here.share(self, { write: true })
  await here.share(phone.mesh.self, { write: true })
  const isThere = () =>
    phone.mesh.documents.open(here.session).then(
      () => true,
      () => false,
    )
  await expect.poll(isThere, patient).toBe(true)
  await phone.close()
  await mesh.setRole(phone.mesh.self, 'observer')
  // It writes where nobody can have told it that it may not.
  const away = await openRealPeer(root, 'phone', 'http://127.0.0.1:9')
  await (await away.mesh.documents.open(here.session)).set(['config', 'model'], 'tiny')
  await away.close()
  await realPeer(root, 'phone', url())

  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('link', { name: /router sprint/ }).click()
  await page.getByRole('link', { name: /Details/ }).click()
  const hidden = page.getByRole('region', { name: 'What does not count' })
  await hidden.getByText('its device only reads').waitFor()
  expect(await violations(page)).toEqual([])
  expect(await here.get(['config', 'model'])).toBeUndefined()
  await hidden.getByRole('button', { name: /Let it count/ }).click()
  await hidden.getByText('taken over').waitFor()
  await expect.poll(() => here.get(['config', 'model']), patient).toBe('tiny')
  expect(complaints).toEqual([])
})

it('WB25 colours are chosen and stay so; a code is shown as a QR code', async () => {
  const { page, complaints } = await open('/#/settings')
  await page.emulateMedia({ colorScheme: 'light' })
  const paper = () => page.evaluate(() => getComputedStyle(document.body).colorScheme)
  await page.getByRole('radio', { name: 'Dark' }).check()
  await expect.poll(paper).toBe('dark')
  await page.reload()
  await page.getByRole('radio', { name: 'Dark' }).waitFor()
  expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true)
  expect(await paper()).toBe('dark')
  await page.getByRole('radio', { name: 'As the system' }).check()
  await expect.poll(paper).toBe('light dark')

  await page.getByRole('link', { name: 'Pair' }).click()
  await page.getByRole('button', { name: 'Show a code' }).click()
  await page.getByText('As a QR code, for a phone').click()
  await page.getByRole('img', { name: 'QR code of this page and the code' }).waitFor()
  expect(await violations(page)).toEqual([])
  expect(complaints).toEqual([])
})
