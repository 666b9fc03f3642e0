/** Invitations by the screens of a page: made there, and opened there, with headless peers at the other end. */
import type { JoinEvent, Task } from '@baton/client/core/mesh-api'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { violations } from '../support/axe.ts'
import { pages } from '../support/paired-page.ts'
import { realPeer, until } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const { open, paired, url } = pages()

/** A page that is paired and holds a session, shown. */
async function holding() {
  const pair = await paired()
  const { page } = pair
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('button', { name: 'Begin one' }).click()
  await page.getByLabel('What it is about').fill('router sprint')
  await page.getByRole('button', { name: 'Begin', exact: true }).click()
  const field = page.getByLabel('Your message')
  await field.fill('begin')
  await field.press('Enter')
  await page.getByRole('feed').getByText('begin').waitFor()
  return pair
}

/** Makes one; resolves with its link. */
async function invite(page: Page, who: string | RegExp, what: string): Promise<string> {
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Invite into this session' })
  await dialog.getByRole('radio', { name: who }).check()
  await dialog.getByRole('radio', { name: what }).check()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const link = await dialog.getByLabel('Link of the invitation').inputValue()
  await dialog.getByRole('img', { name: 'QR code of the invitation' }).waitFor()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Close' }).click()
  return link
}

const ends = async ({ events }: Task<JoinEvent>) => {
  let last: JoinEvent | undefined
  for await (const event of events) last = event
  return last
}

it('WB47 IV5 IV8 a page invites a device it knows: the link opens there alone, once, and can be called off', async () => {
  const { page, peer, complaints } = await holding()
  const link = await invite(page, /laptop/, 'To write along')
  expect(link).toMatch(/^baton:invite\.[\w-]+$/)
  await page.getByText(/An invitation for laptop waits until/).waitFor()
  expect(await ends(peer.mesh.invitations.join(link))).toMatchObject({ at: 'done' })
  expect(await ends(peer.mesh.invitations.join(link))).toMatchObject({ at: 'failed' })
  const [row] = await peer.mesh.sessions()
  const document = await peer.mesh.documents.open(row?.id as never)
  await expect.poll(async () => (await document.history()).length).toBe(1)
  await page.getByText(/An invitation for laptop waits until/).waitFor({ state: 'detached' })

  const second = await invite(page, /laptop/, 'To go on with it')
  await page.getByRole('button', { name: 'Call it off' }).click()
  await page.getByText(/An invitation for laptop waits until/).waitFor({ state: 'detached' })
  expect(await ends(peer.mesh.invitations.join(second))).toMatchObject({
    ...{ at: 'failed', code: 'code-dead' },
  })
  expect(complaints).toEqual([])
})

it('WB47 IV6 IV10 a page invites a guest: it gets this session and nothing else, and the page says who came', async () => {
  const { page, complaints } = await holding()
  const link = await invite(page, 'Any one device', 'To read along')
  expect(link).toMatch(/^baton:invite\.\d+\.[\w-]{22}\./)
  await page.getByText(/^An invitation waits until/).waitFor()
  const guest = await realPeer(tempFolder('guest'), 'visitor', url())
  expect(await ends(guest.mesh.invitations.join(link))).toMatchObject({ at: 'done' })
  await page.getByText('visitor came by the invitation.').waitFor()
  expect(await guest.mesh.devices()).toHaveLength(2)
  expect(await guest.mesh.sessions()).toMatchObject([{ title: 'router sprint' }])
  await page.getByRole('button', { name: 'Put away' }).click()

  await invite(page, 'Any one device', 'To read along')
  await page.getByRole('button', { name: 'Call it off' }).click()
  await page.getByText(/^An invitation waits until/).waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
})

/** A headless peer with a session. */
async function host(name = 'desk') {
  const peer = await realPeer(tempFolder('host'), name, url())
  const session = await peer.mesh.driven.create({ title: 'tide clock' })
  await (await peer.mesh.documents.open(session)).say({ role: 'user', content: 'a plan' })
  return { peer, session }
}

it('WB47 WB8 IV10 IV12 a link opens a page as a guest, after a person pressed, and is gone from the address', async () => {
  const { peer, session } = await host()
  const task = peer.mesh.invitations.inviteGuest(session, { kind: 'observe' })
  const shown = await until(task.events, 'link')
  const link = shown.at === 'link' ? shown.link : ''
  const { page, complaints } = await open(`/${link.replace('baton:', '#')}`)
  const asked: string[] = []
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
  await page.getByRole('heading', { name: 'Open an invitation' }).waitFor()
  await expect.poll(() => page.getByLabel('Link', { exact: true }).inputValue()).toBe(link)
  expect(page.url()).toBe(`${url()}/#/join`)
  expect(await violations(page)).toEqual([])
  expect(asked.filter((path) => path.includes('claim'))).toEqual([])
  await page.getByRole('button', { name: 'Open it' }).click()
  await page.getByRole('button', { name: 'Read it' }).click()
  await page.getByRole('feed').getByText('a plan').waitFor()
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('heading', { name: 'desk' }).waitFor()
  const [self, guest, ...more] = await peer.mesh.devices()
  expect([self?.self, guest?.trust, more]).toEqual([true, 0.3, []])

  expect(complaints).toEqual([])

  // Used is used, and told so; the browser itself says on its console that it was gone.
  await page.goto(`${url()}/${link.replace('baton:', '#')}`)
  await page.getByRole('button', { name: 'Open it' }).click()
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').innerText()).not.toContain(link.slice(13))
})

it('WB47 IV5 a paired page opens what was made for it; what is damaged or for another is said in words', async () => {
  const { page, peer, self, complaints } = await paired()
  const session = await peer.mesh.driven.create({ title: 'tide clock' })
  const { link } = await peer.mesh.invitations.invite(session, { kind: 'transfer', to: self })
  await page.goto(`${url()}/#invite.damaged`)
  const field = page.getByLabel('Link', { exact: true })
  await page.getByRole('button', { name: 'Open it' }).click()
  await page.getByRole('alert').getByText('the link is damaged').waitFor()
  await field.fill('something else')
  await page.getByRole('button', { name: 'Open it' }).click()
  await page.getByText('That is no whole invitation').waitFor()
  expect(await violations(page)).toEqual([])
  await field.fill(link)
  await page.getByRole('button', { name: 'Open it' }).click()
  await page.getByRole('button', { name: 'Read it' }).click()
  await page.getByText('This page holds it.').waitFor()
  expect((await peer.mesh.handoffs.holding(session)).holder).toBe(self)

  const { page: other } = await open(`/${link.replace('baton:', '#')}`)
  await other.getByRole('button', { name: 'Open it' }).click()
  await other.getByRole('alert').getByText('made that invitation for it').waitFor()
  expect(complaints).toEqual([])
})
