/** Copies of an agent's transcript that go on from a page, and branches of one. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { violations } from '../support/axe.ts'
import { agentAppends } from '../support/corpus/append.ts'
import { pages } from '../support/paired-page.ts'
import { pairReally, realPeer, until } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const { paired, url } = pages()
const sample = '7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10'
const sampleFolder = fileURLToPath(new URL('../../client/sample', import.meta.url))

it('WB27 a transcript goes on to another device as a copy, is signed for, and its branches are read', async () => {
  let file = ''
  const { page, complaints, peer, self } = await paired((home) => {
    cpSync(sampleFolder, home, { recursive: true })
    file = join(home, 'projects/-projects-tide-clock', `${sample}.jsonl`)
  })
  const { mesh } = peer
  const root = tempFolder('phone')
  const project = join(root, 'project')
  mkdirSync(join(root, 'phone/home/.claude'), { recursive: true })
  mkdirSync(project)
  const phone = await realPeer(root, 'phone', url())
  await pairReally(peer, phone)
  const there = await until(
    mesh.send(sample, { to: phone.mesh.self, maps: [], project }).events,
    'done',
  )
  await until(mesh.send(sample, { to: self, maps: [], carryOnly: true }).events, 'done')

  // Both agents go on by themselves: what the one at the phone wrote stands beside the main history.
  const placed = there.at === 'done' ? there.placed?.path : undefined
  agentAppends(placed ?? '', 3, 8)
  for await (const _ of phone.mesh.show(sample));
  agentAppends(file, 2, 9)
  for await (const _ of mesh.show(sample));
  await page.getByRole('link', { name: /Details/ }).click()
  const branches = page.getByRole('region', { name: 'Branches' })
  await branches.getByText('by phone').waitFor()
  expect(await violations(page)).toEqual([])

  await page.getByRole('button', { name: 'Send a copy' }).click()
  const dialog = page.getByRole('dialog', { name: 'Send a copy' })
  await dialog.getByRole('radio', { name: /laptop/ }).check()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Send it' }).click()
  await page.getByText('laptop has it, the same as here, and signed for it').waitFor()
  const receipts = page.getByRole('region', { name: 'Receipts' }).getByRole('listitem')
  await receipts
    .filter({ hasText: 'From this page to laptop' })
    .getByText('signed by both')
    .waitFor()

  await branches.getByRole('link').click()
  await page.getByText(/branch .* · \d+ messages/).waitFor()
  await page.getByRole('feed').focus()
  await page.keyboard.press('End')
  expect(complaints).toEqual([])
})
