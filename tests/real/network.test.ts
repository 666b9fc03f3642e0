/**
 * Two devices in two network namespaces, joined by one cable that a test pulls, or renames. Needs
 * root and network namespaces (Linux); elsewhere these run nothing.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'

const names = [`baton-a-${process.pid}`, `baton-b-${process.pid}`] as const
const ip = (...argv: string[]) => execFileSync('ip', argv, { stdio: 'pipe' })
const inside = (index: 0 | 1, ...argv: string[]) => ip('-n', names[index], ...argv)

function possible(): boolean {
  try {
    ip('netns', 'add', `${names[0]}-try`)
    ip('netns', 'del', `${names[0]}-try`)
    return true
  } catch {
    return false
  }
}

function lay(): void {
  for (const name of names) ip('netns', 'add', name)
  ip('-n', names[0], 'link', 'add', 'cable', 'type', 'veth', 'peer', 'cable', 'netns', names[1])
  for (const index of [0, 1] as const) {
    inside(index, 'addr', 'add', `10.77.0.${index + 1}/24`, 'dev', 'cable')
    inside(index, 'link', 'set', 'cable', 'up')
  }
}

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const name of names) {
    try {
      ip('netns', 'del', name)
    } catch {
      // It was not laid.
    }
  }
})

interface FromPeer {
  readonly signal?: object
  readonly got?: number
  readonly longestMs?: number
  readonly sent?: number
  readonly open?: true
  readonly end?: unknown
}

interface Told {
  readonly got: number[]
  /** The longest time nothing came. */
  longestMs: number
  sent: number | undefined
  end: unknown
  opened: boolean
}

/** Starts both; signals pass through this process, as through a service on another network. */
function connectAcross(): readonly [Told, Told] {
  const script = builtChild('real/net-peer.mts')
  const told = names.map((): Told => {
    return { got: [], longestMs: 0, sent: undefined, end: undefined, opened: false }
  }) as [Told, Told]
  for (const [index, name] of names.entries()) {
    const role = index === 0 ? 'alice' : 'bob'
    const child = spawn('ip', ['netns', 'exec', name, process.execPath, script, role], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.push(child)
    child.on('message', (message: FromPeer) => {
      const mine = told[index as 0 | 1]
      if (message.signal) children[1 - index]?.send(message)
      if (message.got !== undefined) mine.got.push(message.got)
      mine.opened ||= message.open === true
      mine.longestMs = message.longestMs ?? mine.longestMs
      mine.sent = message.sent ?? mine.sent
      mine.end = message.end ?? mine.end
    })
  }
  return told
}

async function finish([alice, bob]: readonly [Told, Told]): Promise<void> {
  children[0]?.send({ stop: true })
  await expect.poll(() => alice.sent, { timeout: 5_000 }).toBeGreaterThan(0)
  await expect.poll(() => bob.got.length, { timeout: 10_000 }).toBe(alice.sent)
  expect(bob.got).toEqual(Array.from({ length: alice.sent ?? 0 }, (_, index) => index))
  expect([alice.end, bob.end]).toEqual([undefined, undefined])
}

async function openAcross() {
  lay()
  const told = connectAcross()
  await expect.poll(() => told.every(({ opened }) => opened), { timeout: 20_000 }).toBe(true)
  await expect.poll(() => told[1].got.length, { timeout: 5_000 }).toBeGreaterThan(10)
  return told
}

it.runIf(possible())(
  'RT19 RTC-23: a cable pulled for 8 s heals in the same link, nothing is lost',
  async () => {
    const told = await openAcross()
    inside(0, 'link', 'set', 'cable', 'down')
    await sleep(8_000)
    inside(0, 'link', 'set', 'cable', 'up')
    await finish(told)
    process.stdout.write(`cable out for 8 s: silent for ${told[1].longestMs} ms\n`)
    expect(told[1].longestMs).toBeLessThan(14_000)
  },
)

it.runIf(possible())(
  'RT19 RTC-22: a new address is found by an ICE restart, nothing is lost',
  async () => {
    const told = await openAcross()
    inside(0, 'addr', 'del', '10.77.0.1/24', 'dev', 'cable')
    inside(0, 'addr', 'add', '10.77.0.9/24', 'dev', 'cable')
    await sleep(6_000)
    await finish(told)
    process.stdout.write(`new address: silent for ${told[1].longestMs} ms\n`)
    expect(told[1].longestMs).toBeLessThan(4_500)
  },
)
