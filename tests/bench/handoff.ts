/**
 * A session under way that changes hands: how long nobody can write in it, from the last message that is
 * durable on the first device to the first one on the second, side by side and over a network that is
 * far away (a relay of UDP packets on this machine). The least there can be is one and a half round
 * trips: the second device says that it has all, is signed the session over, and writes.
 */
import { fileURLToPath } from 'node:url'
import type { SessionId } from '@baton/shared/ids'
import type { Distance } from '../support/far-network.ts'
import { type PeerProcess, pairUp } from '../support/peer-process.ts'
import { openPeers } from './devices.ts'
import type { Handed, Part } from './handoff-peer.ts'
import { type Measure, type Options, quantile } from './measure.ts'

const script = fileURLToPath(new URL('./handoff-peer.js', import.meta.url))
const far: Distance = { oneWayMs: 40, loss: 0.01 }

interface HandoffRun {
  readonly pauses: readonly number[]
  readonly rttMs: number
}

async function runHandoffs(count: number, distance: Distance | undefined): Promise<HandoffRun> {
  const argv = distance ? [JSON.stringify(distance)] : []
  const { peers, close } = await openPeers(['alice', 'bob'], { script, argv })
  try {
    const [alice, bob] = peers as [PeerProcess, PeerProcess]
    await pairUp(alice, bob)
    const play = <R>(peer: PeerProcess, part: Part) => peer.play<R>(part)
    const pauses: number[] = []
    for (let n = 0; n < count; n++) {
      const session = await play<SessionId>(alice, { do: 'create', share: [bob.self] })
      const waiting = play<number>(bob, { do: 'wait', session })
      const handed = await play<Handed>(alice, { do: 'hand', session, to: bob.self })
      pauses.push((await waiting) - handed.last)
      const there = await play<number>(bob, { do: 'count', session })
      if (there !== handed.written + 1) {
        throw new Error(`${handed.written} messages were written, and ${there - 1} are there`)
      }
    }
    const rttMs = await play<number>(alice, { do: 'roundTrip' })
    return { pauses, rttMs }
  } finally {
    await close()
  }
}

export async function measureHandoff({ quick }: Options): Promise<Measure[]> {
  const count = quick ? 3 : 10
  const all: Measure[] = []
  for (const [where, distance] of [
    ['loopback', undefined],
    ['80 ms, 1 % lost', far],
  ] as const) {
    const { pauses, rttMs } = await runHandoffs(count, distance)
    all.push({ name: `${where}: round trip`, value: rttMs, unit: 'ms' })
    for (const share of [0.5, 0.95]) {
      const name = `${where}: nobody can write, p${share * 100}`
      all.push({ name, value: quantile(pauses, share), unit: 'ms' })
    }
    if (!distance) continue
    // Of the distance itself: what a link measures has packets in it that were lost.
    const least = 1.5 * 2 * distance.oneWayMs
    all.push({
      ...{ name: `${where}: that in the least there can be, p50`, unit: 'x' },
      value: quantile(pauses, 0.5) / least,
    })
  }
  return all
}
