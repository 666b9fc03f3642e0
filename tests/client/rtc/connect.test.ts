/** RT5, RT6, RT9, RT10, RT15 to RT17: an attempt, its restarts and its end. */
import { answerMs, connect, pathMs } from '@baton/client/rtc/connect'
import { expect, it } from 'vitest'
import {
  auto,
  openAttempt,
  outcome,
  remoteSdp,
  startAttempt,
  turns,
} from '../../support/attempt.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createFakeWebRtc } from '../../support/webrtc.ts'

it('RT15 both channels are negotiated, ordered and reliable, and the pipe waits for both', async () => {
  const { connection, attempt } = await startAttempt()
  expect(connection.channels.map(({ init }) => init)).toEqual([
    { negotiated: true, id: 0, ordered: true },
    { negotiated: true, id: 1, ordered: true },
  ])
  attempt.accept({ type: 'answer', sdp: remoteSdp() })
  await turns()
  connection.channels[0]?.open()
  let open = false
  void attempt.pipe.then(() => {
    open = true
  })
  await turns()
  expect(open).toBe(false)
  connection.channels[1]?.open()
  expect((await attempt.pipe).maxMessageBytes).toBe(262_144)
})

it('RT15 channels nobody agreed on are closed, and the fourth ends the connection', async () => {
  const { connection, pipe } = await openAttempt()
  const ends: string[] = []
  pipe.onClose((reason) => ends.push(reason))
  let closed = 0
  const foreign = () => connection.ondatachannel?.({ channel: { close: () => closed++ } })
  for (let count = 0; count < 3; count++) foreign()
  await turns()
  expect([closed, ends]).toEqual([3, []])
  foreign()
  await turns()
  expect(closed).toBe(4)
  expect(ends).toEqual(['failed to go on: the peer sent channels nobody agreed on'])
})

it.each([
  ['auto', ['stun:a.example', 'turn:b.example'], 'all'],
  ['direct', ['stun:a.example'], 'all'],
  ['relay', ['stun:a.example', 'turn:b.example'], 'relay'],
] as const)('RT9 policy %s asks %s', async (policy, urls, transport) => {
  const servers = [{ urls: 'stun:a.example' }, { urls: 'turn:b.example', username: 'u' }]
  const { connection } = await startAttempt({ ice: { policy, servers } })
  expect(connection.config.iceServers?.flatMap((server) => server.urls)).toEqual(urls)
  expect(connection.config.iceTransportPolicy).toBe(transport)
})

it('RT9 without settings no server is asked, least of all those simple-peer knows', async () => {
  const { connection } = await startAttempt()
  expect(connection.config.iceServers).toEqual([])
  expect(JSON.stringify(connection.config)).not.toMatch(/google|twilio/)
})

it('RT10 relay without a TURN server fails at once and makes no connection', async () => {
  const { attempt, webrtc } = await startAttempt({ ice: { policy: 'relay', servers: [] } })
  await expect(attempt.pipe).rejects.toMatchObject({ code: 'no-path' })
  expect(webrtc.connections).toEqual([])
})

it.each([true, false])(
  'RT10 no description for 20 s is no-answer (initiator %s)',
  async (initiator) => {
    const { clock, attempt, connection } = await startAttempt({ initiator })
    clock.advance(answerMs)
    expect(await outcome(attempt.pipe)).toBe('no-answer')
    expect(connection.closed).toBe(1)
    expect(clock.pending).toBe(0)
  },
)

it('RT10 descriptions without a path are no-path within 20 s, with counts and no address', async () => {
  const { clock, attempt, connection } = await startAttempt()
  connection.gather('candidate:1 1 udp 2 192.0.2.77 5000 typ host ufrag loc1')
  attempt.accept({ type: 'answer', sdp: remoteSdp() })
  await turns()
  clock.advance(pathMs)
  const error = await attempt.pipe.catch((each: Error) => each)
  expect(pathMs).toBeLessThan(20_000)
  expect(String(error)).toContain('here 1 host, there 2 host + 1 srflx')
  expect(String(error)).not.toMatch(/192\.0|198\.51|fd00/)
})

it('RT10 a connection that fails by itself is no-path too', async () => {
  const { attempt, connection } = await startAttempt()
  attempt.accept({ type: 'answer', sdp: remoteSdp() })
  connection.ice('failed')
  expect(await outcome(attempt.pipe)).toBe('no-path')
})

it('RT5 junk, a second answer and stale candidates leave an open connection as it is', async () => {
  const { pipe, connection, attempt } = await openAttempt()
  const added = connection.added.length
  for (const junk of [
    null,
    '',
    { type: 'answer', sdp: remoteSdp() },
    { type: 'answer', sdp: 'x' },
  ]) {
    attempt.accept(junk)
  }
  attempt.accept({
    type: 'candidates',
    list: [
      {
        candidate: 'candidate:1 1 udp 2 10.0.0.1 1 typ host ufrag othr',
        sdpMid: null,
        sdpMLineIndex: null,
      },
    ],
  })
  await turns()
  expect([connection.remotes, connection.added.length, connection.closed]).toEqual([1, added, 0])
  pipe.send(0, Uint8Array.of(1))
})

it('RT6 a candidate the platform refuses does not end the connection', async () => {
  const { connection, attempt } = await startAttempt()
  connection.refuseCandidates = true
  attempt.accept({ type: 'answer', sdp: remoteSdp() })
  await turns()
  expect(connection.closed).toBe(0)
})

it('RT16 the initiator restarts ICE with a new offer, at most every 2 s', async () => {
  const { clock, pipe, connection, signals, attempt } = await openAttempt()
  pipe.restart()
  await turns()
  pipe.restart()
  await turns()
  expect(connection.offers).toEqual([{}, { iceRestart: true }])
  expect(signals.filter(({ type }) => type === 'offer')).toHaveLength(2)
  attempt.accept({ type: 'answer', sdp: remoteSdp('next') })
  await turns()
  expect(connection.remotes).toBe(2)
  clock.advance(2_000)
  attempt.accept({ type: 'restart' })
  await turns()
  expect(connection.offers).toHaveLength(3)
})

it('RT16 a restart whose answer is missing repeats its offer, for that may have been lost', async () => {
  const { clock, pipe, connection, signals } = await openAttempt()
  pipe.restart()
  await turns()
  clock.advance(2_000)
  pipe.restart()
  await turns()
  const offers = signals.filter(({ type }) => type === 'offer')
  expect(connection.offers).toHaveLength(2)
  expect(offers).toHaveLength(3)
  expect(offers[2]).toEqual(offers[1])
})

it('RT16 the answerer asks for a restart, and answers again when its answer was lost', async () => {
  const { pipe, signals, attempt, connection } = await openAttempt({ initiator: false })
  pipe.restart()
  expect(signals.at(-1)).toEqual({ type: 'restart' })
  attempt.accept({ type: 'offer', sdp: remoteSdp() })
  await turns()
  expect(signals.filter(({ type }) => type === 'answer')).toHaveLength(2)
  expect(connection.remotes).toBe(1)
})

it('RT17 an end is told once, and leaves no timer, listener or native connection', async () => {
  const { clock, pipe, connection, attempt } = await openAttempt()
  const ends: string[] = []
  const late: unknown[] = []
  pipe.onMessage((_lane, message) => late.push(message))
  pipe.onClose((reason) => ends.push(reason))
  pipe.close()
  pipe.close()
  attempt.cancel('late')
  await turns()
  connection.channels[0]?.arrive(new ArrayBuffer(1))
  expect(late).toEqual([])
  attempt.accept({ type: 'offer', sdp: remoteSdp('late') })
  pipe.restart()
  await turns()
  pipe.onClose((reason) => ends.push(reason))
  expect(ends).toEqual(['closed here', 'closed here'])
  expect([connection.closed, connection.remotes, clock.pending]).toEqual([1, 1, 0])
  expect(() => pipe.send(0, new Uint8Array(1))).toThrow(
    expect.objectContaining({ code: 'link-closed' }),
  )
})

it('RT17 a cancelled attempt rejects once and closes its connection', async () => {
  const { clock, attempt, connection } = await startAttempt()
  attempt.cancel('no longer wanted')
  expect(await outcome(attempt.pipe)).toBe('cancelled')
  expect([connection.closed, clock.pending]).toEqual([1, 0])
})

it('RT17 a platform without WebRTC rejects instead of throwing', async () => {
  const broken = {
    RTCPeerConnection: class {
      constructor() {
        throw new Error('no')
      }
    },
  }
  const clock = createManualClock()
  const attempt = connect({
    initiator: true,
    ice: auto,
    webrtc: { ...createFakeWebRtc(), ...broken },
    clock,
    signal: () => {},
  })
  expect(await outcome(attempt.pipe)).toBe('no-path')
  expect(clock.pending).toBe(0)
})
