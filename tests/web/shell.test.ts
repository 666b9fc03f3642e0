/** The page as an app: installable, there without its server, and one version at a time. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { bundlePage } from '../support/bundled.ts'
import { launchProfile, servePage } from '../support/chromium.ts'
import { tempFolder } from '../support/temp.ts'

const patient = { timeout: 60_000 }

/** A profile that is kept, as an app wants it, and the page of a folder of its own. */
async function installed() {
  const folder = join(tempFolder('shell'), 'page')
  cpSync(bundlePage(), folder, { recursive: true })
  const served = await servePage(folder)
  onTestFinished(() => served.close())
  const context = await launchProfile(tempFolder('profile'))
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(served.url)
  await page.getByRole('heading', { name: 'Pair with a device' }).waitFor()
  await page.evaluate(() => navigator.serviceWorker.ready)
  return { folder, served, page }
}

const kept = (page: Page) =>
  page.evaluate(async () => {
    const names = await caches.keys()
    const paths = async (name: string) =>
      (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
    return { names, paths: (await Promise.all(names.map(paths))).flat().sort() }
  })

it('WB24 the page can be installed, keeps its files and nothing else, and opens without its server', async () => {
  const { folder, served, page } = await installed()
  const devtools = await page.context().newCDPSession(page)
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  expect(installabilityErrors).toEqual([])

  const shell = readdirSync(folder).filter((name) => name !== 'worker.js')
  expect((await kept(page)).paths).toEqual(['/', ...shell.map((name) => `/${name}`)].sort())

  await page.getByRole('link', { name: 'Devices' }).click()
  const key = page.getByText(/^Key /)
  const before = await key.innerText()
  await served.close()
  await page.reload()
  await page.getByRole('heading', { name: 'Devices' }).waitFor()
  await expect.poll(() => key.innerText(), patient).toBe(before)
  // What is not of the page is asked for where it always was.
  expect(await page.evaluate(() => fetch('/health').then(String, () => 'no answer'))).toBe(
    'no answer',
  )
  expect((await kept(page)).paths).toHaveLength(shell.length + 1)
})

it('WB24 a newer page is there at the next visit, and the files of the older one go', async () => {
  const { folder, served, page } = await installed()
  const { names } = await kept(page)
  const replace = (name: string, from: RegExp, to: string) => {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
  }
  const [version = ''] = /[0-9a-f]{16}/.exec(readFileSync(join(folder, 'worker.js'), 'utf8')) ?? []
  expect(names).toEqual([`shell ${version}`])
  replace('worker.js', /[0-9a-f]{16}/, '0123456789abcdef')
  replace('index.html', /<title>Baton/, '<title>Baton, newer')
  await served.close()
  const newer = await servePage(folder, Number(new URL(served.url).port))
  onTestFinished(() => newer.close())
  await page.reload()
  await expect.poll(() => page.title(), patient).toBe('Baton, newer')
  await expect
    .poll(async () => (await kept(page)).names, patient)
    .toEqual(['shell 0123456789abcdef'])
})
