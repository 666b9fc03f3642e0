/**
 * Transfers between two processes: the native data channel at its best setting, simple-peer's own
 * stream, and our link in process and behind its host. CPU time counts every process of a side, the
 * link host included. Run after `tsc -b`: node node_modules/.cache/tests/bench/raw.js [MiB]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Job, Kind, Message } from './transfer-peer.ts'

export interface Setting {
  readonly kind: Kind
  readonly messageBytes: number
  readonly gateBytes?: number
  readonly pollMs?: number
  /** What each side is started with, like `ip netns exec a`. */
  readonly prefix?: { readonly sender: readonly string[]; readonly receiver: readonly string[] }
}

export interface Transfer extends Setting {
  readonly mibPerSecond: number
  readonly cpuSecondsPerGb: { readonly sender: number; readonly receiver: number }
}

export interface RoundTrips {
  readonly p50Ms: number
  readonly p95Ms: number
}

interface Side {
  readonly child: ChildProcess
  /** Resolves with the next message that has the field. */
  next<K extends keyof Message>(field: K): Promise<NonNullable<Message[K]>>
  pids: number[]
}

const script = fileURLToPath(new URL('./transfer-peer.js', import.meta.url))
const ticksPerSecond = 100

function start(role: Job['role'], setting: Setting): Side {
  const { kind, messageBytes, gateBytes = 0, pollMs = 0 } = setting
  const job: Job = { kind, role, messageBytes, gateBytes, pollMs }
  const argv = [...(setting.prefix?.[role] ?? []), process.execPath, script, JSON.stringify(job)]
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<keyof Message, (message: Message) => void>()
  const early: Message[] = []
  child.on('message', (message: Message) => {
    const field = [...waiting.keys()].find((each) => each in message)
    if (field === undefined) early.push(message)
    else {
      waiting.get(field)?.(message)
      waiting.delete(field)
    }
  })
  return {
    child,
    pids: [],
    async next(field) {
      const index = early.findIndex((message) => field in message)
      const kept = index < 0 ? undefined : early.splice(index, 1)[0]
      const message = kept ?? (await arrival(field))
      return message[field] as NonNullable<(typeof message)[typeof field]>
    },
  }

  function arrival(field: keyof Message): Promise<Message> {
    return new Promise((resolve, reject) => {
      waiting.set(field, resolve)
      child.once('exit', (code, signal) => reject(new Error(`${kind} ended: ${code ?? signal}`)))
    })
  }
}

/** Opens both sides, runs, and ends them whatever happens. */
async function between<T>(
  setting: Setting,
  run: (sender: Side, receiver: Side) => Promise<T>,
): Promise<T> {
  const sender = start('sender', setting)
  const receiver = start('receiver', setting)
  const sides = [sender, receiver] as const
  try {
    for (const [from, to] of [sides, [receiver, sender]] as const) {
      from.child.on('message', ({ signal }: Message) => signal && to.child.send({ signal }))
    }
    for (const side of sides) side.pids = await side.next('open')
    return await run(sender, receiver)
  } finally {
    for (const { child } of sides) if (child.connected) child.disconnect()
  }
}

/** User and system time of the processes so far, seconds (Linux). */
function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / ticksPerSecond
}

/** One transfer of `bytes`, after a warm-up of a tenth of them. */
export function measureTransfer(setting: Setting, bytes: number): Promise<Transfer> {
  return between(setting, async (sender, receiver) => {
    const move = async (size: number) => {
      receiver.child.send({ count: size })
      await receiver.next('counting')
      const started = performance.now()
      sender.child.send({ transfer: size })
      await receiver.next('done')
      return (performance.now() - started) / 1000
    }
    await move(Math.ceil(bytes / 10))
    const before = [cpuSeconds(sender.pids), cpuSeconds(receiver.pids)] as const
    const seconds = await move(bytes)
    const perGb = (side: Side, was: number) => (cpuSeconds(side.pids) - was) / (bytes / 1e9)
    return {
      ...setting,
      mibPerSecond: bytes / 1_048_576 / seconds,
      cpuSecondsPerGb: { sender: perGb(sender, before[0]), receiver: perGb(receiver, before[1]) },
    }
  })
}

/** The settings a raw channel is tried with; `bestRaw` takes the fastest. */
export const rawSettings: readonly Setting[] = [16, 64, 256].flatMap((kib) =>
  [
    { gateBytes: 0, pollMs: 0 },
    { gateBytes: 1_048_576, pollMs: 0 },
    { gateBytes: 1_048_576, pollMs: 1 },
  ].map((gate) => ({ kind: 'raw' as const, messageBytes: kib * 1024, ...gate })),
)

/** The fastest raw setting in a short trial, measured again over `bytes`. */
export async function bestRaw(bytes: number, prefix?: Setting['prefix']): Promise<Transfer> {
  let best: Transfer | undefined
  for (const setting of rawSettings) {
    const tried = await measureTransfer({ ...setting, ...(prefix && { prefix }) }, bytes / 4)
    if (!best || tried.mibPerSecond > best.mibPerSecond) best = tried
  }
  if (!best) throw new Error('no raw setting was tried')
  return measureTransfer(best, bytes)
}

/** Trips that are not counted: code and caches get warm. */
const warmUp = 5

/**
 * Round trips of a message of 100 bytes over an idle connection, back to back or after `pauseMs` of
 * rest each: a machine that rests takes longer to wake than the message is on its way.
 */
export function measureRoundTrips(kind: Kind, count = 500, pauseMs = 0): Promise<RoundTrips> {
  return between({ kind, messageBytes: 100 }, async (sender, receiver) => {
    receiver.child.send({ reflect: true })
    await receiver.next('counting')
    sender.child.send({ echo: { count: count + warmUp, pauseMs } })
    const trips = (await sender.next('trips')).slice(warmUp)
    trips.sort((a, b) => a - b)
    const at = (share: number) => trips[Math.floor(trips.length * share)] ?? Number.NaN
    return { p50Ms: at(0.5), p95Ms: at(0.95) }
  })
}

function show({ kind, messageBytes, gateBytes, pollMs, ...measured }: Transfer): string {
  const { sender, receiver } = measured.cpuSecondsPerGb
  const gate = kind === 'raw' ? ` gate ${(gateBytes ?? 0) / 1024} KiB poll ${pollMs} ms` : ''
  return (
    `${kind.padEnd(6)} ${String(messageBytes / 1024).padStart(4)} KiB ` +
    `${measured.mibPerSecond.toFixed(1).padStart(6)} MiB/s, CPU s/GB ` +
    `${sender.toFixed(1)} + ${receiver.toFixed(1)}${gate}`
  )
}

async function main(): Promise<void> {
  const bytes = Number(process.argv[2] ?? 256) * 1_048_576
  for (const setting of rawSettings) console.log(show(await measureTransfer(setting, bytes / 4)))
  console.log('best:')
  console.log(show(await bestRaw(bytes)))
  for (const kind of ['stream', 'link', 'host'] as const) {
    console.log(show(await measureTransfer({ kind, messageBytes: 65_536 }, bytes)))
  }
  for (const kind of ['raw', 'link', 'host'] as const) {
    const { p50Ms, p95Ms } = await measureRoundTrips(kind)
    console.log(
      `${kind.padEnd(6)} round trip p50 ${p50Ms.toFixed(2)} ms, p95 ${p95Ms.toFixed(2)} ms`,
    )
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
