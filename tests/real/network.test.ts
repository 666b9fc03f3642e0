/**
 * Two devices in two network namespaces, joined by one cable that a test pulls, or renames. Needs
 * root and network namespaces (Linux); elsewhere these run nothing.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ExpectStatic, it } from 'vitest'
import { builtChild } from '../support/built.ts'

interface FromPeer {
  readonly signal?: object
  readonly got?: number
  readonly longestMs?: number
  readonly sent?: number
  readonly open?: true
  readonly end?: unknown
}

interface Device {
  readonly child: ChildProcess
  readonly got: number[]
  /** The longest time nothing came. */
  longestMs: number
  sent: number | undefined
  end: unknown
  opened: boolean
  /** `ip` in this device's namespace. */
  ip(...argv: string[]): void
}

const ip = (...argv: string[]) => void execFileSync('ip', argv, { stdio: 'pipe' })
const script = builtChild('real/net-peer.mts')

function possible(): boolean {
  try {
    ip('netns', 'add', `baton-try-${process.pid}`)
    ip('netns', 'del', `baton-try-${process.pid}`)
    return true
  } catch {
    return false
  }
}

function startDevice(name: string, role: 'alice' | 'bob', signal: (each: object) => void): Device {
  const child = spawn('ip', ['netns', 'exec', name, process.execPath, script, role], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const device: Device = {
    child,
    got: [],
    longestMs: 0,
    sent: undefined,
    end: undefined,
    opened: false,
    ip: (...argv) => ip('-n', name, ...argv),
  }
  child.on('message', (message: FromPeer) => {
    if (message.signal) signal(message)
    if (message.got !== undefined) device.got.push(message.got)
    device.opened ||= message.open === true
    device.longestMs = message.longestMs ?? device.longestMs
    device.sent = message.sent ?? device.sent
    device.end = message.end ?? device.end
  })
  return device
}

/** Signals pass through this process, as through a service on another network. */
async function overCable(
  expect: ExpectStatic,
  run: (alice: Device) => Promise<void>,
): Promise<number> {
  const id = Math.random().toString(36).slice(2, 8)
  const names = [`baton-${id}-a`, `baton-${id}-b`] as const
  for (const name of names) ip('netns', 'add', name)
  ip('-n', names[0], 'link', 'add', 'cable', 'type', 'veth', 'peer', 'cable', 'netns', names[1])
  for (const [index, name] of names.entries()) {
    ip('-n', name, 'addr', 'add', `10.77.0.${index + 1}/24`, 'dev', 'cable')
    ip('-n', name, 'link', 'set', 'cable', 'up')
  }
  const alice = startDevice(names[0], 'alice', (signal) => bob.child.send(signal))
  const bob: Device = startDevice(names[1], 'bob', (signal) => alice.child.send(signal))
  try {
    await expect.poll(() => alice.opened && bob.opened, { timeout: 20_000 }).toBe(true)
    await expect.poll(() => bob.got.length, { timeout: 5_000 }).toBeGreaterThan(10)
    await run(alice)
    alice.child.send({ stop: true })
    await expect.poll(() => alice.sent, { timeout: 5_000 }).toBeGreaterThan(0)
    await expect.poll(() => bob.got.length, { timeout: 10_000 }).toBe(alice.sent)
    expect(bob.got).toEqual(Array.from({ length: alice.sent ?? 0 }, (_, index) => index))
    expect([alice.end, bob.end]).toEqual([undefined, undefined])
    return bob.longestMs
  } finally {
    for (const { child } of [alice, bob]) child.kill('SIGKILL')
    for (const name of names) ip('netns', 'del', name)
  }
}

const lab = possible()

it.runIf(lab)(
  'RT19 RTC-23: a cable pulled for 8 s heals in the same link',
  { concurrent: true },
  async ({ expect }) => {
    const silentMs = await overCable(expect, async (alice) => {
      alice.ip('link', 'set', 'cable', 'down')
      await sleep(8_000)
      alice.ip('link', 'set', 'cable', 'up')
    })
    process.stdout.write(`cable out for 8 s: silent for ${silentMs} ms\n`)
    expect(silentMs).toBeLessThan(14_000)
  },
)

it.runIf(lab)(
  'RT19 RTC-22: a new address is found by an ICE restart',
  { concurrent: true },
  async ({ expect }) => {
    const silentMs = await overCable(expect, async (alice) => {
      alice.ip('addr', 'del', '10.77.0.1/24', 'dev', 'cable')
      alice.ip('addr', 'add', '10.77.0.9/24', 'dev', 'cable')
      await sleep(6_000)
    })
    process.stdout.write(`new address: silent for ${silentMs} ms\n`)
    expect(silentMs).toBeLessThan(4_500)
  },
)
