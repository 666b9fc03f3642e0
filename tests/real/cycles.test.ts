/**
 * Connections that come and go: nothing may grow, and a native crash is counted and printed. The
 * default is a small run; BATON_CYCLES=1000 makes it the long one.
 */
import type { ChannelEnd } from '@baton/client/core/ports/channel'
import { createHostDialer, type HostDialer } from '@baton/client/node/rtc/host-dialer'
import { expect, it } from 'vitest'
import { dialPair, openPair } from '../support/real-pair.ts'
import { type Usage, usage } from '../support/usage.ts'

const { BATON_CYCLES } = process.env
const cycles = Number(BATON_CYCLES ?? 40)
const patience = 60_000 + cycles * 500

function hosts() {
  const pair = [createHostDialer({ beatMs: 500 }), createHostDialer({ beatMs: 500 })] as const
  const used = () => pair.map(({ pid }) => usage(pid))
  return { pair, used }
}

/** Back to what it was when `settled`; native threads end some seconds after their connection. */
async function untilSettled(pair: readonly HostDialer[], used: () => Usage[], start: Usage[]) {
  const more = () =>
    used().map(({ threads, descriptors }, index) => [
      Math.max(0, threads - (start[index]?.threads ?? 0)),
      Math.max(0, descriptors - (start[index]?.descriptors ?? 0)),
    ])
  const open = () => pair.map(({ connections }) => connections)
  await expect.poll(open, { timeout: 30_000 }).toEqual([0, 0])
  await expect.poll(more, { timeout: 20_000 + cycles * 50 }).toEqual([
    [0, 0],
    [0, 0],
  ])
}

async function report(what: string, pair: readonly HostDialer[]): Promise<void> {
  const crashes = pair.reduce((sum, host) => sum + host.crashes, 0)
  process.stdout.write(`${what}: ${cycles} cycles, ${crashes} native crashes\n`)
  await Promise.all(pair.map((host) => host.close()))
}

it('LH9 SYN-X-6, RTC-40: connect, talk, disconnect, over and over', {
  timeout: patience,
}, async () => {
  const { pair, used } = hosts()
  let start: Usage[] = []
  for (let cycle = 0; cycle < cycles; cycle++) {
    const { alice, bob } = await openPair(...pair)
    const ended = new Promise<ChannelEnd>((resolve) => bob.onClose(resolve))
    alice.admit()
    bob.admit()
    const got = new Promise<number>((resolve) => bob.receive((_lane, each) => resolve(each.length)))
    await alice.send('control', new Uint8Array(1 + (cycle % 100)))
    expect(await got).toBe(1 + (cycle % 100))
    await (cycle % 2 ? alice : bob).close('next')
    expect((await ended).clean).toBe(true)
    await Promise.all([alice.close(''), bob.close('')])
    if (cycle === 0) {
      await expect.poll(() => pair.map((host) => host.connections)).toEqual([0, 0])
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      start = used()
    }
  }
  await untilSettled(pair, used, start)
  await report('connected', pair)
})

it('LH9 RTC-40: attempts given up at every stage', { timeout: patience }, async () => {
  const { pair, used } = hosts()
  const first = await openPair(...pair)
  await Promise.all([first.alice.close(''), first.bob.close('')])
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const start = used()
  for (let cycle = 0; cycle < cycles; cycle++) {
    // Which signals are lost, and when both give up, walk through the whole opening.
    const lost = cycle % 4
    const dialing = dialPair(...pair, {
      tap: (from, signal) => ((from === 'alice' ? lost > 0 : lost > 1) ? [signal] : []),
    })
    await new Promise((resolve) => setTimeout(resolve, (cycle * 7) % 45))
    for (const each of [dialing.alice, dialing.bob]) {
      each.cancel('given up')
      each.channel.then(
        (channel) => channel.close('given up'),
        () => {},
      )
    }
    await Promise.allSettled([dialing.alice.channel, dialing.bob.channel])
  }
  await untilSettled(pair, used, start)
  await report('given up', pair)
})
