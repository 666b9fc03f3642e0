/** SEC-69: a peer that speaks WebRTC as it likes, against an attempt of ours. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClock } from '@baton/client/node/platform'
import { liveConnections } from '@baton/client/node/rtc/safe-connection'
import { loadWrtc } from '@baton/client/node/rtc/wrtc'
import { connect } from '@baton/client/rtc/connect'
import type { Signal } from '@baton/shared/protocol/signal'
import { expect, it } from 'vitest'
import { noServers } from '../support/real-pair.ts'

/** Answers our offer by hand, with negotiated channels 0 and 1 like an honest peer. */
async function openToMallory() {
  const { RTCPeerConnection } = loadWrtc() as unknown as {
    RTCPeerConnection: new (config: object) => RTCPeerConnection
  }
  const mallory = new RTCPeerConnection({ iceServers: [] })
  const channels = [0, 1].map((id) => mallory.createDataChannel(`${id}`, { negotiated: true, id }))
  const early: RTCIceCandidateInit[] = []
  let described = false
  async function answer(signal: Signal): Promise<void> {
    if (signal.type === 'offer') {
      await mallory.setRemoteDescription(signal)
      described = true
      await mallory.setLocalDescription(await mallory.createAnswer())
      attempt.accept({ type: 'answer', sdp: mallory.localDescription?.sdp })
      for (const each of early) await mallory.addIceCandidate(each)
    } else if (signal.type === 'candidates') {
      for (const each of signal.list) {
        if (described) await mallory.addIceCandidate(each)
        else early.push(each)
      }
    }
  }
  mallory.onicecandidate = ({ candidate }) => {
    if (!candidate) return
    const list = [{ candidate: candidate.candidate, sdpMid: '0', sdpMLineIndex: 0 }]
    attempt.accept({ type: 'candidates', list })
  }
  const attempt = connect({
    initiator: true,
    ice: noServers,
    webrtc: loadWrtc(),
    clock: createClock(),
    signal: (signal) => void answer(signal),
  })
  const pipe = await attempt.pipe
  await expect.poll(() => channels.map(({ readyState }) => readyState)).toEqual(['open', 'open'])
  return { mallory, channels, pipe, attempt }
}

it('RT15 SEC-69: a thousand more channels are closed and end the connection', async () => {
  const { mallory, pipe } = await openToMallory()
  const ended = new Promise<string>((resolve) => pipe.onClose(resolve))
  for (let count = 0; count < 1_000; count++) {
    try {
      mallory.createDataChannel(`more ${count}`)
    } catch {
      // The library itself makes 512 at most.
      break
    }
  }
  expect(await ended).toMatch(/channels nobody agreed on/)
  mallory.close()
  expect(liveConnections()).toBe(0)
})

it('RT14 text on a channel ends the connection', async () => {
  const { mallory, channels, pipe } = await openToMallory()
  const ended = new Promise<string>((resolve) => pipe.onClose(resolve))
  channels[0]?.send('hello')
  expect(await ended).toMatch(/text/)
  mallory.close()
})

it('RT17 a peer that closes in the middle is told of once, and nothing is left', async () => {
  const { mallory, pipe } = await openToMallory()
  const ends: string[] = []
  pipe.onClose((reason) => ends.push(reason))
  mallory.close()
  await expect.poll(() => ends).toEqual(['closed'])
  await sleep(50)
  expect([ends.length, liveConnections()]).toEqual([1, 0])
})
