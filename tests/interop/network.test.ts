/** AM2: automerge-repo's own acceptance tests of networks, over the links of paired devices. */
import { runNetworkAdapterTests } from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js'
import type { ChannelEnd, Dialer } from '@baton/client/core/ports/channel'
import { createClock } from '@baton/client/node/platform'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'
import { createDice } from '@baton/client/testing/dice'
import { afterAll, describe, expect, it } from 'vitest'
import { createChannelPair } from '../support/channel-pair.ts'
import { createFakeNetwork } from '../support/fake-network.ts'
import { createMessageLink } from './message-link.ts'
import { LinkAdapter } from './network-adapter.ts'
import { openPairedDevices } from './paired-devices.ts'

/** Each test has devices of its own, which are connected when it begins. */
async function setup(dialers: readonly [Dialer, Dialer, Dialer]) {
  const paired = await openPairedDevices({ dialers })
  for (const device of paired.devices) device.meet()
  await paired.connected()
  const [a, b, c] = paired.devices.map((device) => new LinkAdapter(device))
  return {
    adapters: [a, b, c] as [LinkAdapter, LinkAdapter, LinkAdapter],
    teardown: () => void paired.close(),
  }
}

describe('network: links in memory', () => {
  runNetworkAdapterTests(() => {
    const network = createFakeNetwork(createClock())
    return setup([network.dialer(), network.dialer(), network.dialer()])
  }, 'links in memory')
})

describe('network: WebRTC through link hosts', () => {
  const hosts = [createHostDialer(), createHostDialer(), createHostDialer()] as const
  afterAll(async () => void (await Promise.all(hosts.map((host) => host.close()))))
  const [a, b, c] = hosts.map((host): Dialer => ({ dial: host.dial, close: async () => {} }))

  runNetworkAdapterTests(() => setup([a, b, c] as [Dialer, Dialer, Dialer]), 'WebRTC')
})

it('AM2 messages of any size arrive whole and in order, and one without end ends the channel', async () => {
  const pair = createChannelPair({ auto: true })
  for (const end of [pair.alice, pair.bob]) end.admit()
  const dice = createDice(2)
  const sizes = [0, 1, 262_100, 262_144, 262_150, 5, 3_000_000, 7]
  const sent = sizes.map((size) => ({ size, data: dice.bytes(size) }))
  const heard: unknown[] = []
  const link = createMessageLink(pair.alice, () => {})
  createMessageLink(pair.bob, (message) => heard.push(message))
  for (const message of sent) link.say(message)
  await expect.poll(() => heard.length).toBe(sent.length)
  for (const [i, { size, data }] of sent.entries()) {
    const got = heard[i] as { size: number; data: Uint8Array }
    expect(got.size).toBe(size)
    expect(Buffer.from(got.data).equals(data)).toBe(true)
  }

  const ended = new Promise<ChannelEnd>((resolve) => pair.bob.onClose(resolve))
  const part = new Uint8Array(1024 * 1024)
  for (let i = 0; i < 65; i++) await pair.alice.send('live', part).catch(() => undefined)
  expect(await ended).toMatchObject({ clean: false })
})
