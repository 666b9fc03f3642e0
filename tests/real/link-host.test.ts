/** LH2, LH6 to LH8: the link host as a process. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ChannelEnd } from '@baton/client/core/ports/channel'
import type { TraceField } from '@baton/client/core/ports/platform'
import { createHostDialer, type HostDialer } from '@baton/client/node/rtc/host-dialer'
import { afterEach, expect, it } from 'vitest'
import { noServers, openPair } from '../support/real-pair.ts'

const dist = new URL('../../client/dist/node/rtc/', import.meta.url)
const open: HostDialer[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map((host) => host.close()))))

function host(options: Parameters<typeof createHostDialer>[0] = {}): HostDialer {
  const made = createHostDialer(options)
  open.push(made)
  return made
}

const call = { initiator: true, ice: noServers, signal: () => {} }

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it.each(['SIGSEGV', 'SIGABRT', 'SIGKILL'] as const)(
  'LH6 RTC-39: after %s the channels end at once, and a new host runs within a second',
  async (signal) => {
    const events: [string, Record<string, TraceField> | undefined][] = []
    const alice = host({ trace: (event, fields) => events.push([event, fields]) })
    const bob = host()
    const channels = await openPair(alice, bob)
    const waiting = alice.dial(call)
    const old = alice.pid ?? 0
    const killed = performance.now()
    process.kill(old, signal)
    const end = await new Promise<ChannelEnd>((resolve) => channels.alice.onClose(resolve))
    expect(end).toMatchObject({ clean: false, code: 'native-crash' })
    await expect(waiting.channel).rejects.toMatchObject({ code: 'native-crash' })
    await expect.poll(() => alice.pid ?? old, { interval: 10 }).not.toBe(old)
    expect(performance.now() - killed).toBeLessThan(1_000)
    expect(alice.crashes).toBe(1)
    expect(events).toContainEqual([
      'host.crash',
      expect.objectContaining({ count: 1, kind: signal.toLowerCase() }),
    ])
    expect((await openPair(alice, bob)).alice.facts().path).toBe('direct')
  },
)

it('LH6 a host that crashes over and over is left alone until the next dial', async () => {
  const entry = new URL(`file://${join(mkdtempSync(join(tmpdir(), 'baton-')), 'host.mjs')}`)
  writeFileSync(entry, 'process.exit(3)')
  const broken = host({ entry })
  await expect(broken.dial(call).channel).rejects.toMatchObject({ code: 'native-crash' })
  await expect.poll(() => broken.crashes, { timeout: 10_000 }).toBe(6)
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect([broken.crashes, broken.pid]).toEqual([6, undefined])
  await expect(broken.dial(call).channel).rejects.toMatchObject({ code: 'native-crash' })
})

it('LH7 close leaves no process behind, and later dials are refused', async () => {
  const alice = host()
  const bob = host()
  const { bob: atBob } = await openPair(alice, bob)
  const end = new Promise<ChannelEnd>((resolve) => atBob.onClose(resolve))
  const pid = alice.pid ?? 0
  await alice.close()
  expect(isAlive(pid)).toBe(false)
  expect(await end).toMatchObject({ clean: true, reason: 'the process ends' })
  expect(alice.crashes).toBe(0)
  await expect(alice.dial(call).channel).rejects.toMatchObject({ code: 'link-closed' })
  await alice.close()
})

const parentScript = `
  import { createHostDialer } from ${JSON.stringify(new URL('host-dialer.js', dist).href)}
  const dialer = createHostDialer()
  dialer.dial({ initiator: true, ice: { servers: [], policy: 'auto' }, signal() {} })
  process.stdout.write(dialer.pid + '\\n')
  if (process.argv[1] === 'leave') process.exit(0)
`

it('LH7 the host ends with a parent that is killed, and with one that leaves', async () => {
  for (const how of ['kill', 'leave']) {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', parentScript, how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
    expect(pid).toBeGreaterThan(0)
    if (how === 'kill') parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false)
  }
})

it('LH7 a process that only warmed a host, or whose channels are closed, exits by itself', () => {
  const script = `
    import { createHostDialer } from ${JSON.stringify(new URL('host-dialer.js', dist).href)}
    const [a, b] = [createHostDialer(), createHostDialer()]
    const ice = { servers: [], policy: 'auto' }
    const left = a.dial({ initiator: true, ice, signal: (s) => right.accept(s) })
    const right = b.dial({ initiator: false, ice, signal: (s) => left.accept(s) })
    const [one] = await Promise.all([left.channel, right.channel])
    await one.close('done')
    console.log('closed')
  `
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect(out).toBe('closed\n')
})

it('LH8 a host that no longer answers is killed and counts as crashed', async () => {
  const alice = host({ beatMs: 400 })
  const dialing = alice.dial(call)
  const pid = alice.pid ?? 0
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(alice.crashes).toBe(0)
  process.kill(pid, 'SIGSTOP')
  await expect(dialing.channel).rejects.toMatchObject({ code: 'native-crash' })
  expect(isAlive(pid)).toBe(false)
})

it('LH2 RTC-38: a library that does not load refuses every dial with the reason, and is not retried', async () => {
  const entry = new URL(`file://${join(mkdtempSync(join(tmpdir(), 'baton-')), 'host.mjs')}`)
  writeFileSync(
    entry,
    `import { Module } from 'node:module'; const load = Module._load
     Module._load = (name, ...rest) => {
       if (name.startsWith('@roamhq/wrtc')) throw new Error("GLIBC_2.34' not found")
       return load(name, ...rest)
     }
     await import(${JSON.stringify(new URL('link-host.js', dist).href)})`,
  )
  const alice = host({ entry })
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await alice.dial(call).channel.catch((each: unknown) => each)
    expect(error).toMatchObject({ code: 'native-missing', hint: expect.any(String) })
    expect(String(error)).toContain("GLIBC_2.34' not found")
  }
  expect([alice.crashes, alice.pid]).toEqual([0, undefined])
})

it('LH2 a host that was not built is said to be so, and is not started', async () => {
  const alice = host({ entry: new URL('absent.js', dist) })
  await expect(alice.dial(call).channel).rejects.toMatchObject({
    code: 'native-missing',
    hint: 'npm run build',
  })
  expect([alice.crashes, alice.pid]).toEqual([0, undefined])
})

it('LH10 the host gets nothing of the environment but what it needs to run', () => {
  Object.assign(process.env, { BATON_TEST_SECRET: 'not for native code' })
  const alice = host()
  alice.warm()
  const environment = readFileSync(`/proc/${alice.pid}/environ`, 'utf8')
  Reflect.deleteProperty(process.env, 'BATON_TEST_SECRET')
  expect(environment).toContain('PATH=')
  expect(environment).not.toContain('BATON_TEST_SECRET')
})

it('LH2 a worker thread is refused before anything native is loaded', async () => {
  const code = await new Promise((resolve, reject) => {
    const worker = new Worker(
      `import(${JSON.stringify(new URL('wrtc.js', dist).href)}).then(({ loadWrtc }) => {
        try { loadWrtc() } catch (error) {
          require('node:worker_threads').parentPort.postMessage(error.code)
        }
      })`,
      { eval: true, execArgv: [] },
    )
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  expect(code).toBe('native-missing')
})
