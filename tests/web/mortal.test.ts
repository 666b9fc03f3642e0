/** A page whose browser is killed in the middle of pairing, of a session that comes, and of a handoff. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '@baton/client/node/peer'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { bundleForPage, launchMortal, servePage } from '../support/chromium.ts'
import { openLineFile } from '../support/corpus/transcript.ts'
import { realPeer, until } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'

const patient = { timeout: 60_000 }
const session = '0f0e0d0c-0b0a-4908-8706-050403020100'

let served: Awaited<ReturnType<typeof servePage>>
beforeAll(async () => {
  served = await servePage(bundleForPage('device'))
})
afterAll(() => served?.close())

/** The device of a profile, in a browser of its own. */
async function open(profile: string) {
  const { page, kill } = await launchMortal(profile)
  onTestFinished(kill)
  await page.goto(served.url)
  await page.waitForFunction(() => 'device' in globalThis)
  return { page, kill, self: await page.evaluate(() => globalThis.device.mesh.self) }
}
type Opened = Awaited<ReturnType<typeof open>>

/** A headless peer whose agent has a session of a few MB that hardly shrink. */
async function laptop(): Promise<Peer> {
  const root = tempFolder('mortal')
  const folder = join(root, 'laptop/home/.claude/projects/-work')
  mkdirSync(folder, { recursive: true })
  const out = openLineFile(join(folder, `${session}.jsonl`))
  for (let i = 0; i < 300; i++) {
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(6_000))).toString('base64')
    const message = { role: 'user', content: `${i} ${noise}` }
    out.record({ type: 'user', uuid: String(i), sessionId: session, cwd: '/work', message })
  }
  out.close()
  return realPeer(root, 'laptop', served.url)
}

async function codeOf(peer: Peer) {
  const events = peer.mesh.invite({ qr: false, confirm: false }).events[Symbol.asyncIterator]()
  for (;;) {
    const { value } = await events.next()
    if (value?.at === 'code') return { code: value.code, events }
  }
}

async function pair({ page }: Opened, peer: Peer): Promise<void> {
  const { code, events } = await codeOf(peer)
  await Promise.all([
    page.evaluate((text) => globalThis.device.join(text), code),
    until({ [Symbol.asyncIterator]: () => events }, 'paired'),
  ])
}

/** Others that a device is paired with, as it says itself. */
const known = async (rows: Promise<readonly { self: boolean; state: string; id: string }[]>) =>
  (await rows).filter(({ self, state }) => !self && state !== 'pending').map(({ id }) => id)

it('WB53 a browser killed in the middle of pairing: both are paired in the end, or neither is', async () => {
  // At the other side's first sign of life, when it knows who comes, and when it has written that down.
  for (const stage of ['joined', 'check', 'paired']) {
    const profile = tempFolder('mortal-profile')
    const one = await open(profile)
    const peer = await laptop()
    const { code, events } = await codeOf(peer)
    void one.page.evaluate((text) => globalThis.device.join(text), code).catch(() => {})
    for (;;) {
      const { value, done } = await events.next()
      if (done || value.at === stage || value.at === 'paired' || value.at === 'failed') break
    }
    await one.kill()
    const again = await open(profile)
    expect(again.self).toBe(one.self)
    await expect
      .poll(async () => {
        const here = await known(peer.mesh.devices())
        const there = await again.page
          .evaluate(() => globalThis.device.mesh.devices())
          .then((rows) => known(Promise.resolve(rows)))
        return here.includes(again.self) === there.includes(peer.mesh.self)
      }, patient)
      .toBe(true)
    await again.kill()
    await peer.close()
  }
})

it('WB53 a browser killed twice while a session comes goes on with it, and both hold the same', async () => {
  const profile = tempFolder('mortal-profile')
  let now = await open(profile)
  const peer = await laptop()
  await pair(now, peer)
  const { self } = now
  const task = peer.mesh.send(session, { to: self, maps: [], carryOnly: true })
  const sent: number[] = []
  let end: { at: string; digest?: { here: string; there: string } } | undefined
  const ended = (async () => {
    for await (const event of task.events) {
      if (event.at === 'sending') sent.push(event.sentBytes)
      end = event as typeof end
    }
  })()
  for (const part of [1, 1_000_000]) {
    await expect.poll(() => Math.max(0, ...sent) >= part, { ...patient, interval: 2 }).toBe(true)
    await now.kill()
    now = await open(profile)
    expect(now.self).toBe(self)
  }
  await ended
  expect(end).toMatchObject({ at: 'done' })
  expect(end?.digest?.here).toBe(end?.digest?.there)
  const [row] = await now.page.evaluate(() => globalThis.device.mesh.sessions())
  expect(row).toMatchObject({ agentSession: session, records: 300 })
})

it('WB53 a browser killed while it takes a session over: one device holds it in the end, and its last word is there', async () => {
  const profile = tempFolder('mortal-profile')
  let now = await open(profile)
  const peer = await laptop()
  await pair(now, peer)
  const { self } = now
  await peer.mesh.handoffs.setPolicy('always')
  const here = await peer.mesh.documents.create('agent', { title: 'router sprint' })
  await here.share(self, { write: true })
  await here.say({ role: 'user', content: 'begin' })
  const id = here.session
  const isThere = () =>
    now.page.evaluate(
      (ref) =>
        globalThis.device.mesh.documents.open(ref).then(
          () => true,
          () => false,
        ),
      id,
    )
  await expect.poll(isThere, patient).toBe(true)
  const asked = new Promise<void>((resolve) => {
    peer.mesh.watch((event) => event.kind === 'handoff' && resolve())
  })
  void now.page.evaluate((ref) => globalThis.device.take(ref), id).catch(() => {})
  await asked
  await now.kill()
  now = await open(profile)
  const holders = async () => {
    const there = await now.page.evaluate(async (ref) => {
      const holding = await globalThis.device.mesh.handoffs.holding(ref).catch(() => undefined)
      return holding?.holder
    }, id)
    return [(await peer.mesh.handoffs.holding(id))?.holder, there]
  }
  await expect
    .poll(async () => {
      const [one, other] = await holders()
      return one !== undefined && one === other
    }, patient)
    .toBe(true)
  const said = () =>
    now.page.evaluate(async (ref) => {
      const document = await globalThis.device.mesh.documents.open(ref)
      return (await document.history()).length
    }, id)
  await expect.poll(said, patient).toBe(1)
})
