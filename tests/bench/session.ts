/**
 * A session from one device to another, each as `baton up` runs it: reading and signing, the way to
 * the other disk, verifying and flushing, placing; against the raw channel and simple-peer's stream.
 */
import type { SendEvent } from '@baton/client/core/mesh-api'
import { pairUp, type Timed } from '../support/peer-process.ts'
import { type Content, openDevices, transcripts, writeSession } from './devices.ts'
import type { Measure, Options } from './measure.ts'
import { cpuSeconds, familyOf, type Memory, memoryOf } from './processes.ts'
import { bestRaw, measureTransfer, type Setting, type Transfer } from './raw.ts'

export interface SessionRun {
  readonly content: Content
  readonly bytes: number
  readonly records: number
  /** What went over the wire, frames not counted. */
  readonly wireBytes: number
  /** Seconds: reading, signing and flushing here; from there to flushed there; placing; all. */
  readonly read: number
  readonly carry: number
  readonly place: number
  readonly total: number
  /** MiB of session a second: while it is carried, and of all of it. */
  readonly carryMib: number
  readonly totalMib: number
  /** CPU seconds for a GB of session, link hosts included. */
  readonly senderCpu: number
  readonly receiverCpu: number
  /** The highest of both devices together, beyond what they had before the send; MiB. */
  readonly privateMib: number
  readonly mappedMib: number
}

export async function benchSession(content: Content, bytes: number): Promise<SessionRun> {
  let id = ''
  const devices = await openDevices((folder) => {
    id = writeSession(folder, content, bytes)
  })
  try {
    const { alice, bob, project } = devices
    await pairUp(alice, bob)
    const families = [familyOf(alice.pid), familyOf(bob.pid)] as const
    const sample = () => memoryOf(families.flat())
    const before = sample()
    let most: Memory = before
    const timer = setInterval(() => {
      const now = sample()
      most = {
        privateBytes: Math.max(most.privateBytes, now.privateBytes),
        mappedBytes: Math.max(most.mappedBytes, now.mappedBytes),
      }
    }, 200)
    const cpu = families.map(cpuSeconds)
    const from = performance.timeOrigin + performance.now()
    const events = await alice.timed(id, { to: bob.self, maps: [], project })
    clearInterval(timer)
    const used = families.map((pids, i) => cpuSeconds(pids) - (cpu[i] as number))
    return summary(content, events, from, used as [number, number], before, most)
  } finally {
    await devices.close()
  }
}

function summary(
  content: Content,
  events: readonly Timed<SendEvent>[],
  from: number,
  [sender, receiver]: readonly [number, number],
  before: Memory,
  most: Memory,
): SessionRun {
  const end = events.at(-1)
  if (end?.event.at !== 'done') throw new Error(JSON.stringify(end?.event))
  const { bytes, records } = end.event.receipt
  const at = (kind: SendEvent['at']) => events.find(({ event }) => event.at === kind)?.when ?? from
  // The way to the other disk begins once all is read: `sending` is first told a fold later.
  const readAt = events.findLast(({ event }) => event.at === 'reading')?.when ?? from
  const wire = events.findLast(({ event }) => event.at === 'sending')?.event
  const read = (readAt - from) / 1000
  const carry = (at('placing') - readAt) / 1000
  const total = (end.when - from) / 1000
  const mib = bytes / 1_048_576
  return {
    content,
    bytes,
    records,
    wireBytes: wire?.at === 'sending' ? wire.wireBytes : 0,
    read,
    carry,
    place: (end.when - at('placing')) / 1000,
    total,
    carryMib: mib / carry,
    totalMib: mib / total,
    senderCpu: sender / (bytes / 1e9),
    receiverCpu: receiver / (bytes / 1e9),
    privateMib: (most.privateBytes - before.privateBytes) / 1_048_576,
    mappedMib: (most.mappedBytes - before.mappedBytes) / 1_048_576,
  }
}

/** One run: the baselines, then a session that shrinks and one that does not. */
export async function measureSession(options: Options): Promise<Measure[]> {
  const bytes = options.mib * 1_048_576
  const { raw: tuned } = options.kept as { raw?: Setting }
  const raw = tuned ? await measureTransfer(tuned, bytes) : await bestRaw(bytes)
  Object.assign(options.kept, { raw: settingOf(raw) })
  const stream = await measureTransfer({ kind: 'stream', messageBytes: 65_536 }, bytes)
  const host = await measureTransfer({ kind: 'host', messageBytes: 65_536 }, bytes)
  const text = await benchSession(transcripts, bytes)
  const noise = await benchSession('random', bytes)
  const transfer = (name: string, { mibPerSecond, cpuSecondsPerGb: cpu }: Transfer): Measure[] => [
    { name, value: mibPerSecond, unit: 'MiB/s' },
    { name: `${name}, CPU`, value: cpu.sender + cpu.receiver, unit: 's/GB' },
  ]
  const session = (name: string, run: SessionRun): Measure[] => [
    { name: `${name}, to the other disk`, value: run.carryMib, unit: 'MiB/s' },
    { name: `${name}, read to placed`, value: run.totalMib, unit: 'MiB/s' },
    { name: `${name}, CPU of all of it`, value: run.senderCpu + run.receiverCpu, unit: 's/GB' },
    { name: `${name}, on the wire`, value: (run.wireBytes / run.bytes) * 100, unit: '%' },
  ]
  const against = (name: string, of: number, target?: string): Measure => ({
    name,
    value: of / raw.mibPerSecond,
    unit: 'x',
    ...(target && { target }),
  })
  return [
    ...transfer('raw channel, best setting', raw),
    ...transfer("simple-peer's stream", stream),
    ...transfer('our link behind its host', host),
    ...session(`transcripts (${transcripts})`, text),
    ...session('incompressible', noise),
    against('link host / raw', host.mibPerSecond),
    against('transcripts / raw', text.carryMib, '>= 1.0'),
    against('incompressible / raw', noise.carryMib, '>= 0.7'),
  ]
}

export const settingOf = ({
  kind,
  messageBytes,
  gateBytes = 0,
  pollMs = 0,
}: Transfer): Setting => ({
  kind,
  messageBytes,
  gateBytes,
  pollMs,
})
