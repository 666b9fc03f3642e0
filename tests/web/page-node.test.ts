/** A page and a headless peer over real WebRTC, both ways: pairing, sessions, documents, reloads. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Peer } from '@baton/client/node/peer'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { bundleForPage, launchChromium, openPage, servePage } from '../support/chromium.ts'
import { realPeer, until } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const sample = '7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10'
const sampleFolder = fileURLToPath(new URL('../../client/sample', import.meta.url))

let served: Awaited<ReturnType<typeof servePage>>
let browser: Browser

beforeAll(async () => {
  served = await servePage(bundleForPage('device'))
  browser = await launchChromium({ loopback: true })
})
afterAll(async () => {
  await browser?.close()
  await served?.close()
})

async function open() {
  // A context of its own: another profile, and so another device.
  const opened = await openPage(browser, served.url)
  onTestFinished(() => opened.page.context().close())
  await opened.page.waitForFunction(() => 'device' in globalThis)
  return opened
}

/** A headless peer whose agent has the sample session. */
async function laptop(): Promise<Peer> {
  const root = tempFolder('page')
  const home = join(root, 'laptop/home/.claude')
  mkdirSync(home, { recursive: true })
  cpSync(sampleFolder, home, { recursive: true })
  return realPeer(root, 'laptop', served.url)
}

async function codeOf(peer: Peer) {
  const events = peer.mesh.invite({ qr: false, confirm: false }).events[Symbol.asyncIterator]()
  for (;;) {
    const { value } = await events.next()
    if (value?.at === 'code')
      return { code: value.code, rest: { [Symbol.asyncIterator]: () => events } }
  }
}

it('WB10 a page pairs by a code typed, reads what it is sent, and sends it back with receipts', async () => {
  const { page, complaints } = await open()
  const peer = await laptop()
  const { code, rest } = await codeOf(peer)
  const [joined, paired] = await Promise.all([
    page.evaluate((text) => globalThis.device.join(text), code),
    until(rest, 'paired'),
  ])
  expect(joined).toMatchObject({ at: 'paired', device: { id: peer.mesh.self } })
  const self = await page.evaluate(() => globalThis.device.mesh.self)
  expect(paired).toMatchObject({ device: { id: self, platform: expect.stringMatching(/page$/) } })

  const sent = peer.mesh.send(sample, { to: self, maps: [], carryOnly: true })
  const done = await until(sent.events, 'done')
  expect(done.at === 'done' && done.digest.here === done.digest.there).toBe(true)
  const [row] = await page.evaluate(() => globalThis.device.mesh.sessions())
  expect(row).toMatchObject({ agent: 'claude-code', agentSession: sample, origin: peer.mesh.self })
  const texts = await page.evaluate((ref) => globalThis.device.texts(ref), row?.id ?? '')
  const there: string[] = []
  for await (const { text } of peer.mesh.show(sample)) there.push(text)
  expect(texts).toEqual(there)

  const back = await page.evaluate(
    ([ref = '', to = '']) => globalThis.device.send(ref, to),
    [row?.id ?? '', peer.mesh.self],
  )
  expect(back).toMatchObject({ at: 'done' })
  const receipts = await page.evaluate(() => globalThis.device.mesh.receipts())
  expect(receipts.map(({ signedBy }) => signedBy.length)).toEqual([2, 2])
  expect(complaints).toEqual([])
})

it('WB10 a headless peer pairs by the code of a page; a document goes both ways, also after a reload', async () => {
  const { page, complaints } = await open()
  const peer = await laptop()
  const code = await page.evaluate(() => globalThis.device.invite())
  await until(peer.mesh.join(code, { confirm: false }).events, 'paired')
  expect(await page.evaluate(() => globalThis.device.invited)).toMatchObject({ at: 'paired' })
  const session = await page.evaluate(async (to) => {
    const plan = await globalThis.device.mesh.documents.create('federation', { title: 'sprint' })
    await plan.share(to, { write: true })
    await plan.set(['tasks', 'embeddings', 'status'], 'in_progress')
    return plan.session
  }, peer.mesh.self)
  await expect
    .poll(async () => (await peer.mesh.documents.open(session).catch(() => undefined))?.digest())
    .toBeDefined()
  const here = await peer.mesh.documents.open(session)
  await here.set(['tasks', 'embeddings', 'status'], 'completed')
  const digest = () =>
    page.evaluate(async (id) => (await globalThis.device.mesh.documents.open(id)).digest(), session)
  await expect.poll(async () => (await digest()) === (await here.digest())).toBe(true)

  const self = await page.evaluate(() => globalThis.device.mesh.self)
  await page.reload()
  await page.waitForFunction(() => 'device' in globalThis)
  expect(await page.evaluate(() => globalThis.device.mesh.self)).toBe(self)
  await here.set(['tasks', 'embeddings', 'status'], 'blocked')
  await expect
    .poll(async () => (await digest()) === (await here.digest()), { timeout: 20_000 })
    .toBe(true)
  expect(complaints).toEqual([])
})

it('WB10 a session that Node holds moves to a page, grows there, and moves back', async () => {
  const { page, complaints } = await open()
  const peer = await laptop()
  const { code, rest } = await codeOf(peer)
  await Promise.all([
    page.evaluate((text) => globalThis.device.join(text), code),
    until(rest, 'paired'),
  ])
  const self = await page.evaluate(() => globalThis.device.mesh.self)
  const here = await peer.mesh.documents.create('agent', { title: 'router sprint' })
  await here.share(self, { write: true })
  await here.say({ role: 'user', content: 'begin' })
  await peer.mesh.handoffs.setPolicy('always')
  const { session } = here
  const said = async () => (await here.history()).map(({ value }) => value)
  const there = () =>
    page.evaluate(async (id) => {
      const document = await globalThis.device.mesh.documents.open(id).catch(() => undefined)
      return document === undefined ? 'none yet' : await document.digest()
    }, session)
  const same = () =>
    expect
      .poll(async () => (await there()) === (await here.digest()), { timeout: 30_000 })
      .toBe(true)
  await same()

  const taken = await page.evaluate((ref) => globalThis.device.take(ref), session)
  expect(taken).toMatchObject({ at: 'done', holding: { holder: self, epoch: 1, split: false } })
  await page.evaluate(async (id) => {
    const document = await globalThis.device.mesh.documents.open(id)
    await document.say({ role: 'user', content: 'typed in the page' })
  }, session)
  await same()
  expect(await said()).toMatchObject([{ content: 'begin' }, { content: 'typed in the page' }])

  const handed = await page.evaluate(
    ([ref = '', to = '']) => globalThis.device.hand(ref, to),
    [session, peer.mesh.self],
  )
  expect(handed).toMatchObject({ at: 'done', holding: { holder: peer.mesh.self, epoch: 2 } })
  await here.say({ role: 'user', content: 'and back' })
  await same()
  const receipts = await page.evaluate(() => globalThis.device.mesh.receipts())
  expect(receipts.map(({ signedBy }) => signedBy.length)).toEqual([2, 2])
  expect(complaints).toEqual([])
})

it('WB10 two pages of two profiles pair by a code and hold one document, with nothing between them', async () => {
  const [{ page: one, complaints }, { page: two }] = [await open(), await open()]
  const code = await one.evaluate(() => globalThis.device.invite())
  const joined = await two.evaluate((text) => globalThis.device.join(text), code)
  expect(joined).toMatchObject({ at: 'paired' })
  expect(await one.evaluate(() => globalThis.device.invited)).toMatchObject({ at: 'paired' })
  const other = await two.evaluate(() => globalThis.device.mesh.self)
  const session = await one.evaluate(async (to) => {
    const plan = await globalThis.device.mesh.documents.create('agent', { title: 'between pages' })
    await plan.share(to, { write: true })
    await plan.say({ role: 'user', content: 'hello' })
    return plan.session
  }, other)
  const digest = async (page: typeof one) =>
    page.evaluate(async (id) => {
      const document = await globalThis.device.mesh.documents.open(id).catch(() => undefined)
      return document === undefined ? 'none yet' : await document.digest()
    }, session)
  await expect
    .poll(async () => (await digest(two)) === (await digest(one)), { timeout: 30_000 })
    .toBe(true)
  const rows = await two.evaluate(() => globalThis.device.mesh.devices())
  expect(rows.find((row) => !row.self)).toMatchObject({ state: 'connected', path: 'direct' })
  expect(complaints).toEqual([])
})
