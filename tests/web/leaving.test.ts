/** A page that goes, by a person, by force, or into the background; and what it listens to from others. */
import type { Peer } from '@baton/client/node/peer'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openedAgain, pages } from '../support/paired-page.ts'

const { open, paired, url } = pages()
const patient = { timeout: 60_000 }

const stateOf = async ({ mesh }: Peer, self: string) =>
  (await mesh.devices()).find(({ id }) => id === self)?.state

/** Resolves with the time at which the peer knew. */
function offline({ mesh }: Peer, self: string): Promise<number> {
  return new Promise((resolve) => {
    const off = mesh.watch((event) => {
      if (event.kind !== 'device' || event.device.id !== self) return
      if (event.device.state === 'connected') return
      off()
      resolve(performance.now())
    })
  })
}

async function connected(page: Page, peer: Peer, self: string): Promise<void> {
  await page.getByText('1 of 1 connected').waitFor()
  await expect.poll(() => stateOf(peer, self), patient).toBe('connected')
}

it('WB44 the other device knows at once that a page was closed, soon that it was killed; it comes back the same', async () => {
  const { page, peer, self } = await paired()
  await connected(page, peer, self)
  const next = await openedAgain(page, 'about:blank')
  const gone = offline(peer, self)
  const closedAt = performance.now()
  // As a person closes a tab: the page hears of it.
  await page.close({ runBeforeUnload: true })
  expect((await gone) - closedAt).toBeLessThan(1_000)

  await next.goto(url())
  await connected(next, peer, self)
  const lost = offline(peer, self)
  const devtools = await next.context().newCDPSession(next)
  const crashed = next.waitForEvent('crash')
  const killedAt = performance.now()
  devtools.send('Page.crash').catch(() => {})
  await crashed
  expect((await lost) - killedAt).toBeLessThan(15_000)
  const third = await openedAgain(next, url())
  await connected(third, peer, self)

  // Into the background and back, as a phone does with its pages.
  const again = offline(peer, self)
  await third.goto('about:blank')
  await again
  await third.goBack()
  await connected(third, peer, self)
})

it('WB3 WB29 no message or name of the page answers a script of another origin, and its channel is one among its own pages', async () => {
  const { page, complaints } = await open()
  await page.addInitScript(() => {
    const heard: string[] = []
    Object.assign(globalThis, { heard })
    const add = EventTarget.prototype.addEventListener
    EventTarget.prototype.addEventListener = function (...given: Parameters<typeof add>) {
      if (this === globalThis && given[0] === 'message') heard.push('a message')
      return add.apply(this, given)
    }
    const Channel = globalThis.BroadcastChannel
    globalThis.BroadcastChannel = class extends Channel {
      constructor(name: string) {
        super(name)
        heard.push(name)
      }
    }
  })
  await page.reload()
  await page.getByRole('heading', { name: 'Pair with a device' }).waitFor()
  // What a content script sees of it: the document, and globals that are the browser's.
  const found = await page.evaluate(async () => {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    const own = new Set(Object.keys(frame.contentWindow ?? {}))
    frame.remove()
    const names = Object.keys(globalThis).filter((name) => !own.has(name) && Number.isNaN(+name))
    const stored = Object.keys(localStorage).concat(Object.keys(sessionStorage))
    return { names, stored, heard: (globalThis as unknown as { heard: string[] }).heard }
  })
  // Scripts of its origin alone reach a channel; those can open its store and its screens as well.
  expect(found.heard).toEqual(['baton'])
  // What a library is set to holds nothing of anyone.
  const known = ['heard', '__zod_globalConfig']
  expect(found.names.filter((name) => !known.includes(name))).toEqual([])
  expect(found.stored.filter((name) => !/^baton-(theme|language)$/.test(name))).toEqual([])
  expect(complaints).toEqual([])
})
