/** What other devices ask a page for, and a session whose holder is gone. */
import type { HandoffEvent } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { violations } from '../support/axe.ts'
import { openedAgain, pages } from '../support/paired-page.ts'

const { paired } = pages()
const patient = { timeout: 60_000 }

async function lastOf(events: AsyncIterable<HandoffEvent>): Promise<HandoffEvent | undefined> {
  let last: HandoffEvent | undefined
  for await (const event of events) last = event
  return last
}

async function sharedSession() {
  const pair = await paired()
  const { mesh } = pair.peer
  const session = await mesh.driven.create({ title: 'router sprint' })
  const document = await mesh.documents.open(session)
  await document.share(pair.self, { write: true })
  await document.say({ role: 'user', content: 'begin' })
  return { ...pair, mesh, session, document }
}

it('WB18 what another device asks for waits for a person on every screen, unless a policy says otherwise', async () => {
  const { page, complaints, mesh, session, self } = await sharedSession()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('link', { name: /router sprint/ }).waitFor()
  const requests = page.getByRole('region', { name: 'Requests' })

  const refused = lastOf(mesh.handoffs.hand(session, { to: self, kind: 'transfer' }).events)
  await requests.getByText('laptop hands “router sprint” to this page').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('link', { name: 'Devices' }).click()
  await requests.getByRole('button', { name: 'Decline' }).click()
  expect(await refused).toMatchObject({ at: 'failed', code: 'cancelled' })

  const moved = lastOf(mesh.handoffs.hand(session, { to: self, kind: 'transfer' }).events)
  await requests.getByRole('button', { name: 'Accept' }).click()
  expect(await moved).toMatchObject({ at: 'done', holding: { holder: self, epoch: 1 } })

  const back = lastOf(mesh.handoffs.take(session, { kind: 'transfer' }).events)
  await requests.getByText('laptop wants to go on with “router sprint”').waitFor()
  await requests.getByRole('button', { name: 'Accept' }).click()
  expect(await back).toMatchObject({ at: 'done', holding: { holder: mesh.self, epoch: 2 } })

  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('radio', { name: 'Accept it' }).check()
  await page.reload()
  await expect.poll(() => page.getByRole('radio', { name: 'Accept it' }).isChecked()).toBe(true)
  await page.getByText('1 of 1 connected').waitFor()
  const unasked = lastOf(mesh.handoffs.hand(session, { to: self, kind: 'transfer' }).events)
  expect(await unasked).toMatchObject({ at: 'done', holding: { holder: self, epoch: 3 } })
  expect(complaints).toEqual([])
})

it('WB17 WB22 without its holder a session is taken by a second gesture, and what that one said stands beside it', async () => {
  const { page: first, peer, mesh, session, document, again } = await sharedSession()
  await first.getByRole('link', { name: 'Sessions', exact: true }).click()
  await first.getByRole('link', { name: /router sprint/ }).click()
  await first.getByRole('feed').getByText('begin').waitFor()
  const url = first.url()
  await first.context().newPage()
  await first.close()
  await document.say({ role: 'user', content: 'said where nobody heard it' })
  await peer.close()

  const page = await openedAgain(first, url)
  await page.getByRole('button', { name: 'Take it here' }).click()
  await page.getByText('It can be taken without asking').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Take it without asking' }).click()
  await page.getByText('This page holds it.', { exact: true }).waitFor()
  await page.getByText('Possible split').waitFor()
  const field = page.getByLabel('Your message')
  await field.fill('gone on with here')
  await field.press('Enter')
  await page.getByRole('feed').getByText('gone on with here').waitFor()

  const there = await again()
  await expect.poll(async () => (await there.mesh.handoffs.holding(session)).epoch, patient).toBe(1)
  await page.getByRole('link', { name: /1 to look at/ }).click()
  const branches = page.getByRole('region', { name: 'Said beside the history' })
  await branches.getByText('1 message of laptop').waitFor()
  await branches.getByText('said while another device took it over').waitFor()
  expect(await violations(page)).toEqual([])
  await branches.getByRole('button', { name: 'Go on with it' }).click()
  await page.getByRole('feed').getByText('said where nobody heard it').waitFor()
  expect(await page.getByRole('feed').getByText('gone on with here').count()).toBe(0)
  await page.getByText('This page holds it.', { exact: true }).waitFor()
  expect(mesh.self).toBe(there.mesh.self)
})
