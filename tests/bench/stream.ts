/**
 * Tokens as they are written, a hundred a second, on the devices that watch: how far these are behind,
 * what a token costs on the wire beyond its text, and what that costs the device that writes; and the
 * same with small changes and a large value beside it, on the same link.
 */
import { fileURLToPath } from 'node:url'
import type { SessionId } from '@baton/shared/ids'
import { type PeerProcess, pairUp } from '../support/peer-process.ts'
import { openPeers } from './devices.ts'
import { type Measure, type Options, quantile } from './measure.ts'
import { cpuSeconds, familyOf } from './processes.ts'
import type { Moment, Part, Watched, Written } from './stream-peer.ts'

const perSecond = 100
const script = fileURLToPath(new URL('./stream-peer.js', import.meta.url))

interface StreamRun {
  /** ms from when a token was said to when it was given there, of every observer. */
  readonly lags: readonly number[]
  readonly entryLags: readonly number[]
  readonly perToken: { readonly messages: number; readonly link: number }
  /** Share of one core of the holder with its link host. */
  readonly cpu: number
}

async function runStream(observers: number, tokens: number, bulk: number): Promise<StreamRun> {
  const names = ['alice', ...Array.from({ length: observers }, (_, i) => `bob${i}`)]
  const { peers, close } = await openPeers(names, { script })
  try {
    const [alice, ...bobs] = peers as [PeerProcess, ...PeerProcess[]]
    for (const bob of bobs) await pairUp(alice, bob)
    const play = <R>(peer: PeerProcess, part: Part) => peer.play<R>(part)
    const share = bobs.map(({ self }) => self)
    const session = await play<SessionId>(alice, { do: 'create', share })
    const beside = await play<SessionId>(alice, { do: 'create', share })
    const id = 'answer'
    const watching = bobs.map((bob) => play<Watched>(bob, { do: 'watch', session, id }))
    const family = familyOf(alice.pid)
    const before = [cpuSeconds(family), performance.now()] as const
    const written = await play<Written>(alice, {
      ...{ do: 'write', session, id, tokens, perSecond, bulk, beside },
    })
    const cpu = (cpuSeconds(family) - before[0]) / ((performance.now() - before[1]) / 1000)
    const watched = await Promise.all(watching)
    const text = (written.tokens.at(-1)?.[0] ?? 0) - (written.tokens[0]?.[0] ?? 0)
    const beyond = (bytes: number) => (bytes / observers - text) / tokens
    return {
      lags: watched.flatMap(({ moments }) => lagsOf(written.tokens, moments)),
      entryLags: watched.flatMap(({ entries }) => lagsOf(written.entries, entries)),
      perToken: { messages: beyond(written.messageBytes), link: beyond(written.linkBytes) },
      cpu: cpu * 100,
    }
  } finally {
    await close()
  }
}

/** Of each that was said, how long until as much was there. */
function lagsOf(said: readonly Moment[], there: readonly Moment[]): number[] {
  let at = 0
  return said.map(([much, when]) => {
    while (at < there.length && (there[at] as Moment)[0] < much) at++
    const come = there[at]
    if (!come) throw new Error('not all of it came')
    return come[1] - when
  })
}

export async function measureStream({ quick, mib }: Options): Promise<Measure[]> {
  const tokens = quick ? 300 : 1000
  const all: Measure[] = []
  const lag = (name: string, values: readonly number[], target?: string) => {
    all.push({ name: `${name}, p50`, value: quantile(values, 0.5), unit: 'ms' })
    const p95 = { name: `${name}, p95`, value: quantile(values, 0.95), unit: 'ms' }
    all.push(target ? { ...p95, target } : p95)
  }
  for (const observers of [1, 5]) {
    const run = await runStream(observers, tokens, 0)
    const who = observers === 1 ? '1 observer' : `${observers} observers`
    lag(`${who}: lag of a token`, run.lags, '<= 100')
    all.push({
      ...{ name: `${who}: beyond the text, a token`, value: run.perToken.messages, unit: 'B' },
      target: '<= 3',
    })
    all.push({
      ...{ name: `${who}: the same with link frames`, value: run.perToken.link, unit: 'B' },
    })
    all.push({ name: `${who}: CPU of the writing device`, value: run.cpu, unit: '%' })
  }
  const beside = await runStream(1, tokens, mib * 1_048_576)
  lag(`beside a value of ${mib} MiB: lag of a token`, beside.lags)
  lag(`beside both: change durable and there`, beside.entryLags)
  return all
}
