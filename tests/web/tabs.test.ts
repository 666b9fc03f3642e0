/** Several tabs of one browser as one device: who runs it, and what becomes of that when it goes. */
import { expect, it } from 'vitest'
import { pages } from '../support/paired-page.ts'
import { say, stands, tabsOf } from '../support/two-tabs.ts'

const { paired } = pages()
const twoTabs = tabsOf(paired)
/** The other tab runs the device: it writes on, what was there is there, and it is no second device. */
async function goesOn({ second, peer }: Awaited<ReturnType<typeof twoTabs>>): Promise<void> {
  await say(second, 'said after')
  await stands(second, 'said in the second')
  await second.getByText('1 of 1 connected').waitFor()
  expect(await peer.mesh.devices()).toHaveLength(2)
}

it('WB4 WB31 a second tab shows the same device, writes, and hears what the first one says', async () => {
  const { first, second, complaints } = await twoTabs()
  await say(first, 'said in the first')
  await stands(second, 'said in the first')
  await second.getByText('1 of 1 connected').waitFor()
  for (const screen of ['Devices', 'Settings']) {
    await second.getByRole('link', { name: screen, exact: true }).click()
    await second.getByRole('heading', { level: 1 }).waitFor()
  }
  await second.getByRole('radio', { name: 'Accept it' }).check()
  await first.getByRole('link', { name: 'Settings' }).click()
  await expect.poll(() => first.getByRole('radio', { name: 'Accept it' }).isChecked()).toBe(true)
  expect(complaints).toEqual([])
})

it('WB30 a tab that runs the device is closed: another goes on at once', async () => {
  const tabs = await twoTabs()
  await tabs.first.close()
  const began = performance.now()
  await say(tabs.second, 'said at once')
  process.stdout.write(`closed to written ${(performance.now() - began).toFixed(0)} ms\n`)
  await goesOn(tabs)
})

it('WB30 a tab that runs the device crashes: another goes on', async () => {
  const tabs = await twoTabs()
  const devtools = await tabs.first.context().newCDPSession(tabs.first)
  const crashed = tabs.first.waitForEvent('crash')
  devtools.send('Page.crash').catch(() => {})
  await crashed
  const began = performance.now()
  await say(tabs.second, 'said at once')
  process.stdout.write(`crashed to written ${(performance.now() - began).toFixed(0)} ms\n`)
  await goesOn(tabs)
})

it('WB30 a tab that runs the device is frozen: another goes on, and thawed it follows without a fork', async () => {
  const tabs = await twoTabs()
  const { first, second } = tabs
  const devtools = await first.context().newCDPSession(first)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await goesOn(tabs)
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  await stands(first, 'said after')
  await say(first, 'said after the thaw')
  await stands(second, 'said after the thaw')
  expect((await tabs.peer.mesh.status()).ranTwice).toEqual([])
})

it('WB30 a tab that runs the device and hangs has it taken, and follows when it is back', async () => {
  const tabs = await twoTabs()
  const { first, second } = tabs
  await second.bringToFront()
  const hangs = first.evaluate(() => {
    const until = performance.now() + 20_000
    while (performance.now() < until);
  })
  await goesOn(tabs)
  await hangs
  await stands(first, 'said after')
  await say(first, 'said after it hung')
  await stands(second, 'said after it hung')
})

it('WB33 without broadcast the tabs reach each other by sealed words in the storage, which keeps none', async () => {
  const tabs = await twoTabs(() => {
    Reflect.deleteProperty(globalThis, 'BroadcastChannel')
    const written: string[] = []
    Object.assign(globalThis, { written })
    const { setItem } = Storage.prototype
    Storage.prototype.setItem = function (name, value) {
      written.push(value)
      setItem.call(this, name, value)
    }
  })
  const { first, second, complaints } = tabs
  await say(first, 'said in the first')
  await stands(second, 'said in the first')
  for (const page of [first, second]) {
    const { written, kept } = await page.evaluate(() => ({
      written: (globalThis as unknown as { written: string[] }).written,
      kept: { ...localStorage },
    }))
    expect(kept).toEqual({})
    expect(written.length).toBeGreaterThan(10)
    // 12 random bytes before each, and nothing that can be read.
    expect(written.filter((word) => !/^[\w-]{40,}$/.test(word))).toEqual([])
  }
  await second.evaluate(() => {
    for (const word of ['', 'x', '{}', 'A'.repeat(200), 'x'.repeat(4_500_000)]) {
      localStorage.setItem('baton', word)
    }
    localStorage.removeItem('baton')
  })
  await say(second, 'said in spite of it')
  await stands(first, 'said in spite of it')
  expect(complaints).toEqual([])
  await first.close()
  await goesOn(tabs)
})

it('WB29 hostile words on the broadcast change nothing for either tab', async () => {
  const { first, second, complaints, peer } = await twoTabs()
  const third = await first.context().newPage()
  await third.goto(new URL('/icon.svg', first.url()).href)
  await third.evaluate(() => {
    const channel = new BroadcastChannel('baton')
    const base = { baton: 1, from: 'f'.repeat(16) }
    const itself: unknown[] = []
    itself.push(itself)
    for (const word of [
      ...['sync_request', 7, null, new Map([[1, 2]]), new Blob(['x']), itself],
      { ...base, baton: 2, kind: 'session_update', term: 2 ** 50 },
      { ...base, kind: 'session_update', term: 0, device: 'A'.repeat(43) },
      { ...base, kind: 'ask', to: 'e'.repeat(16), ask: 0, name: '__proto__', args: [itself] },
      { ...base, kind: 'handoff_init', more: 'x'.repeat(5_000_000) },
      {
        ...base,
        kind: 'events',
        to: 'e'.repeat(16),
        ask: 0,
        events: new Array(1e6).fill(0),
        over: true,
      },
    ]) {
      channel.postMessage(word)
    }
    for (let i = 0; i < 2_000; i++) {
      const from = i.toString(16).padStart(16, '0')
      channel.postMessage({
        ...base,
        from,
        kind: 'mode_change',
        mode: 'tab',
        front: true,
        fresh: true,
      })
    }
  })
  await say(second, 'said in spite of it')
  await stands(first, 'said in spite of it')
  expect(await peer.mesh.devices()).toHaveLength(2)
  expect(complaints).toEqual([])
})
