/** LH4, LH5: dials and channels across the border of the link host. */
import { setImmediate as turn } from 'node:timers/promises'
import type { ChannelEnd } from '@baton/client/core/ports/channel'
import { createHostCalls } from '@baton/client/node/rtc/host-calls'
import { ask, encodeJson, parseCount, tell } from '@baton/client/node/rtc/host-frames'
import { BatonError } from '@baton/shared/errors'
import type { Signal } from '@baton/shared/protocol/signal'
import { expect, it } from 'vitest'
import { createChannelPair } from '../../../support/channel-pair.ts'
import { createHandDialer, createHostBridge } from '../../../support/host-bridge.ts'
import { createManualClock } from '../../../support/manual-clock.ts'

const ice = {
  servers: [
    { urls: ['turn:t.example'], username: 'u', credential: 'c' },
    { urls: 'stun:s.example' },
  ],
  policy: 'auto',
} as const
const restart: Signal = { type: 'restart' }

async function turns(count = 6): Promise<void> {
  for (let each = 0; each < count; each++) await turn()
}

async function setup() {
  const hand = createHandDialer()
  const bridge = createHostBridge(hand.dialer, createManualClock())
  const signals: Signal[] = []
  const dialing = bridge.calls.dial({
    initiator: false,
    ice,
    signal: (signal) => signals.push(signal),
  })
  await turns()
  const dial = hand.dials[0]
  if (!dial) throw new Error('not dialled')
  return { ...hand, bridge, dialing, dial, signals }
}

const crash = new BatonError('native-crash', 'failed to go on: the link host died (SIGSEGV)')

it('LH4 a dial crosses with its settings, its signals and its cancel', async () => {
  const { dialing, dial, signals } = await setup()
  expect(dial.call).toMatchObject({ initiator: false, ice })
  dial.call.signal(restart)
  dialing.accept(restart)
  dialing.cancel('enough')
  await turns()
  expect([signals, dial.accepted, dial.cancelled]).toEqual([[restart], [restart], ['enough']])
})

it('LH4 a refusal keeps its code, message and hint', async () => {
  const { dialing, dial, bridge } = await setup()
  dial.reject(new BatonError('no-path', 'failed to connect: no path', { hint: 'add a server' }))
  await expect(dialing.channel).rejects.toMatchObject({
    code: 'no-path',
    message: 'failed to connect: no path',
    hint: 'add a server',
  })
  expect([bridge.calls.size, bridge.idle]).toEqual([0, 1])
})

it('LH4 a lost host refuses its dials and ends its channels, each once', async () => {
  const { dialing, dial, bridge } = await setup()
  dial.resolve(createChannelPair().alice)
  const channel = await dialing.channel
  const second = bridge.calls.dial({ initiator: true, ice, signal: () => {} })
  const ends: ChannelEnd[] = []
  channel.onClose((end) => ends.push(end))
  await channel.send('bulk', new Uint8Array(1_000))
  const stuck = Array.from({ length: 20 }, () => channel.send('bulk', new Uint8Array(65_536)))
  const settled = Promise.allSettled(stuck)
  bridge.calls.lost(crash)
  bridge.calls.lost(crash)
  await expect(second.channel).rejects.toMatchObject({ code: 'native-crash' })
  expect(ends).toHaveLength(1)
  expect(ends[0]).toMatchObject({ clean: false, code: 'native-crash' })
  expect(ends[0]?.unconfirmedBytes).toBeGreaterThanOrEqual(1_000)
  expect((await settled).map((each) => each.status)).toContain('rejected')
  await channel.close('already gone')
  await expect(channel.send('bulk', new Uint8Array(1))).rejects.toMatchObject({
    code: 'link-closed',
  })
  expect(bridge.calls.size).toBe(0)
})

it('LH4 a sender waits once a window of its lane is on the way, other lanes do not', async () => {
  const { dialing, dial } = await setup()
  dial.resolve({ ...createChannelPair().alice, send: () => new Promise(() => {}) })
  const channel = await dialing.channel
  let taken = 0
  for (let each = 0; each < 32; each++) {
    void channel.send('bulk', new Uint8Array(65_536)).then(() => taken++)
  }
  await turns()
  expect(taken).toBe(8)
  await channel.send('control', new Uint8Array(10))
})

it('LH4 credit is earned in the order of a lane, also when a later message is handled first', async () => {
  const handled: [lane: number, count: number][] = []
  const calls = createHostCalls(
    (kind, _id, body, lane = 0) => {
      if (kind === ask.handled && body) handled.push([lane, parseCount(body)])
    },
    () => 1,
    () => {},
  )
  const dialing = calls.dial({ initiator: true, ice, signal: () => {} })
  calls.receive({ kind: tell.opened, id: 1, lane: 0, body: new Uint8Array(64) })
  const channel = await dialing.channel
  let finish = () => {}
  const busy = new Promise<void>((resolve) => {
    finish = resolve
  })
  channel.receive((_lane, message) => (message[0] === 0 ? busy : undefined))
  const arrive = (lane: number, first: number) =>
    calls.receive({ kind: tell.message, id: 1, lane, body: Uint8Array.of(first) })
  arrive(2, 0)
  arrive(2, 1)
  arrive(1, 1)
  await expect.poll(() => handled).toEqual([[1, 1]])
  finish()
  await expect.poll(() => handled.slice(1)).toEqual([[2, 2]])
})

it('LH4 closing waits for what this side was told had been taken, but not for ever', async () => {
  const hand = createHandDialer()
  const clock = createManualClock()
  const { calls } = createHostBridge(hand.dialer, clock)
  const dialing = calls.dial({ initiator: true, ice, signal: () => {} })
  await turns()
  const closed: string[] = []
  const taken: (() => void)[] = []
  const channel = createChannelPair().alice
  hand.dials[0]?.resolve({
    ...channel,
    send: () => new Promise((resolve) => taken.push(resolve)),
    close: async (reason) => void closed.push(reason),
  })
  const mine = await dialing.channel
  await mine.send('bulk', new Uint8Array(5))
  void mine.close('done')
  await turns()
  expect(closed).toEqual([])
  taken[0]?.()
  await turns()
  expect(closed).toEqual(['done'])
})

it('LH4 a quit closes every channel with its dialer', async () => {
  const { dialing, dial, bridge } = await setup()
  dial.resolve(createChannelPair().alice)
  const channel = await dialing.channel
  const end = new Promise<ChannelEnd>((resolve) => channel.onClose(resolve))
  await bridge.serving.close()
  expect((await end).reason).toBe('the process ends')
})

it.each([
  ['a signal that is none', tell.signal, { type: 'offer' }],
  ['an error without a code', tell.refused, { message: 'x' }],
  ['no JSON', tell.refused, undefined],
])('LH5 %s from the host is refused', (_name, kind, value) => {
  const calls = createHostCalls(
    () => {},
    () => 1,
    () => {},
  )
  calls.dial({ initiator: true, ice, signal: () => expect.fail('reached the caller') })
  const body = value === undefined ? Uint8Array.of(123) : encodeJson(value)
  expect(() => calls.receive({ kind, id: 1, lane: 0, body })).toThrow(
    expect.objectContaining({ code: 'invalid' }),
  )
})

it('LH5 frames for calls that are over, or never were, change nothing', async () => {
  const { dialing, dial, bridge, signals } = await setup()
  dial.reject(crash)
  await dialing.channel.catch(() => {})
  bridge.calls.receive({ kind: tell.signal, id: 1, lane: 0, body: encodeJson(restart) })
  bridge.calls.receive({ kind: tell.message, id: 99, lane: 9, body: new Uint8Array(1) })
  expect(signals).toEqual([])
})
