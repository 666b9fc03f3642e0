/** RT19: what a dialer does when the networks change, and that it stops watching. */
import { createRtcDialer } from '@baton/client/rtc/dialer'
import type { Signal } from '@baton/shared/protocol/signal'
import { expect, it } from 'vitest'
import { auto, remoteSdp, turns } from '../../support/attempt.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createFakeWebRtc } from '../../support/webrtc.ts'

it('RT19 open connections restart when the networks change; nothing is watched without one', async () => {
  const webrtc = createFakeWebRtc()
  const watchers = new Set<() => void>()
  const dialer = createRtcDialer({
    webrtc,
    clock: createManualClock(),
    watchNetworks(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
  })
  expect(watchers.size).toBe(0)
  const signals: Signal[] = []
  const dial = () =>
    dialer.dial({ initiator: true, ice: auto, signal: (signal) => signals.push(signal) })
  const dialing = dial()
  const unanswered = dial()
  expect(watchers.size).toBe(1)
  await turns()
  dialing.accept({ type: 'answer', sdp: remoteSdp() })
  await turns()
  for (const channel of webrtc.connections[0]?.channels ?? []) channel.open()
  const channel = await dialing.channel
  const offers = () => webrtc.connections.map((each) => each.offers.length)
  expect(offers()).toEqual([1, 1])
  for (const changed of watchers) changed()
  await turns()
  expect(offers()).toEqual([2, 1])
  unanswered.cancel('enough')
  await turns()
  expect(watchers.size).toBe(1)
  const over = new Promise((resolve) => channel.onClose(resolve))
  await dialer.close()
  await over
  expect(watchers.size).toBe(0)
})
