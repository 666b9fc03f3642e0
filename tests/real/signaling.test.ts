/** SV16 to SV18, SV20 with the service as a process of its own, as an operator runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { maxBlobBytes, maxQueueBytes } from '@baton/shared/limits'
import { defaultLimits } from '@baton/signaling/limits'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import { openIdleConnections, within } from '../support/idle-connections.ts'
import { listenKey } from '../support/listen-key.ts'
import { ask, dial, listenAt, sid } from '../support/raw-signaling.ts'

const server = fileURLToPath(new URL('../../signaling/dist/server.js', import.meta.url))
const { PATH } = process.env
const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

async function run(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [server], {
    env: { PATH, BATON_SIGNAL_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let written = ''
  const listening = new Promise<string>((resolve) => {
    child.stdout.on('data', (data) => {
      written += String(data)
      const url = /http:\S+/.exec(written)?.[0]
      if (url !== undefined) resolve(url)
    })
  })
  child.stderr.on('data', (data) => {
    written += String(data)
  })
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const url = await Promise.race([listening, exited.then(() => '')])
  const rss = () => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  }
  return { child, url, exited, written: () => written, rss }
}

it('SV20 it says where it listens and that it closes, and nothing else', async () => {
  const { child, url, exited, written } = await run()
  const { nameplate, token } = (await ask(url, 'open', { sid })).answer
  await ask(url, 'claim', { nameplate })
  await ask(url, 'claim', 'nonsense')
  await listenAt(url, listenKey(1))
  const reader = await dial(url)
  reader.say({ token, after: 0 })
  await reader.frames.next()
  const begun = performance.now()
  child.kill('SIGTERM')
  expect(await reader.closed).toBe(1012)
  expect(await exited).toBe(0)
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect(written()).toBe(`listening on ${url}\nclosing\n`)
})

it('SV20 a wrong variable or a taken port ends it with a line for a person', async () => {
  const wrong = await run({ BATON_SIGNAL_PORT: 'x' })
  expect(await wrong.exited).toBe(1)
  expect(wrong.written()).toBe('error: failed to read BATON_SIGNAL_PORT\n')
  const { url } = await run()
  const { port } = new URL(url)
  const second = await run({ BATON_SIGNAL_PORT: port })
  expect(await second.exited).toBe(1)
  expect(second.written()).toMatch(/^error: .* port \d+ is taken\nhint: .*\n$/)
})

it('SV17 ten thousand posts and two thousand idle connections leave it small and answering', async () => {
  const { url, rss } = await run()
  const before = rss()
  const begun = performance.now()
  const token = await listenAt(url, listenKey(1))
  const mailbox = Buffer.from(listenKey(1).mailbox).toString('base64url')
  const blob = 'A'.repeat(43_690)
  const posts = 10_000
  const statuses = new Map<number, number>()
  for (let n = 0; n < posts; n += 50) {
    const some = Array.from({ length: 50 }, () => ask(url, 'post', { mailbox, blob }))
    for (const { status } of await Promise.all(some)) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  // The allowance grows while a slow machine posts; all beyond it is 429, whatever the mailbox says.
  const minutes = (performance.now() - begun) / 60_000
  const allowed = Math.ceil(defaultLimits.putPerMinute * (1 + minutes))
  const fit = Math.floor(maxQueueBytes / maxBlobBytes) * (1 + Math.floor(minutes / 2))
  expect(statuses.get(429)).toBeGreaterThanOrEqual(posts - allowed)
  expect(statuses.get(200)).toBeLessThanOrEqual(fit)

  const opening = openIdleConnections(Number(new URL(url).port), 2_000)
  const idle = await within(30_000, opening, () => 'not all connections were accepted')
  onTestFinished(idle.destroy)
  expect(idle.came(), idle.missing()).toBe(2_000)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  const during = rss()
  await within(30_000, idle.ended, idle.missing)
  expect(during - before).toBeLessThan(150)
  const { events = [] } = (await ask(url, 'events', { token, after: 0 })).answer
  expect(events.length).toBeLessThanOrEqual(fit)
  process.stdout.write(
    `service: ${before.toFixed(0)} MiB before, ${during.toFixed(0)} MiB during\n`,
  )
}, 240_000)
