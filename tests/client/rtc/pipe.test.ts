/** RT7, RT11 to RT14: what an attempt measures, and the pipe it hands over. */
import { expect, it } from 'vitest'
import {
  certificateLine,
  certificatePrint,
  openAttempt,
  outcome,
  remoteSdp,
  startAttempt,
  turns,
} from '../../support/attempt.ts'
import type { FakeConnection } from '../../support/webrtc.ts'

it('RT11 a certificate other than the announced one opens nothing', async () => {
  const { attempt, connection } = await startAttempt()
  attempt.accept({
    type: 'answer',
    sdp: remoteSdp().replace(certificateLine, certificateLine.replace(/..$/, '00')),
  })
  await turns()
  for (const channel of connection.channels) channel.open()
  expect(await outcome(attempt.pipe)).toBe('bind-failed')
})

it('RT11 fingerprints are measured, from the transport or the statistics', async () => {
  const { pipe } = await openAttempt()
  expect(Buffer.from(pipe.fingerprints.remote).toString('hex')).toBe(certificatePrint)

  const made = await startAttempt()
  made.connection.certificate = undefined
  made.connection.stats = new Map(
    Object.entries({
      t: { type: 'transport', remoteCertificateId: 'c' },
      c: {
        type: 'certificate',
        fingerprintAlgorithm: 'sha-256',
        fingerprint: Array(32).fill('AA').join(':'),
      },
    }),
  )
  made.attempt.accept({ type: 'answer', sdp: remoteSdp() })
  await turns()
  for (const channel of made.connection.channels) channel.open()
  expect(await outcome(made.attempt.pipe)).toBe('bind-failed')
})

const pair = (local: string, remote: string, port = 1) =>
  new Map(
    Object.entries({
      t: { type: 'transport', selectedCandidatePairId: 'p' },
      p: { type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' },
      l: { type: 'local-candidate', candidateType: local },
      r: { type: 'remote-candidate', candidateType: remote, address: '10.9.9.9', port },
    }),
  )

it.each([
  ['host', 'srflx', 'direct'],
  ['relay', 'host', 'relayed'],
  ['host', 'relay', 'relayed'],
])('RT12 the pair %s and %s is %s', async (local, remote, path) => {
  const { pipe, connection } = await openAttempt()
  expect(pipe.path()).toBe('unknown')
  connection.stats = pair(local, remote)
  connection.ice('connected')
  await turns()
  expect(pipe.path()).toBe(path)
})

it('RT7 policy direct ends a connection that turns out relayed, also by a relay it refused', async () => {
  const { pipe, connection, attempt } = await openAttempt({
    ice: { policy: 'direct', servers: [] },
  })
  const relay = 'candidate:1 1 udp 2 10.9.9.9 77 typ relay ufrag peer'
  attempt.accept({
    type: 'candidates',
    list: [{ candidate: relay, sdpMid: '0', sdpMLineIndex: 0 }],
  })
  const ends: string[] = []
  pipe.onClose((reason) => ends.push(reason))
  connection.stats = pair('host', 'prflx', 77)
  connection.ice('connected')
  await turns()
  expect(ends.join()).toMatch(/only a relayed path/)
  expect(connection.added.some(({ candidate }) => candidate.includes('relay'))).toBe(false)
})

it('RT13 nothing larger than both ends take reaches the native send', async () => {
  const { pipe, connection } = await openAttempt()
  expect(() => pipe.send(1, new Uint8Array(262_145))).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
  pipe.send(1, new Uint8Array(262_144))
  pipe.send(0, new Uint8Array(0))
  expect(connection.channels.map(({ sent }) => sent.map((each) => each.length))).toEqual([
    [0],
    [262_144],
  ])
})

it('RT13 a peer that takes less is sent less', async () => {
  const { attempt, connection } = await startAttempt()
  const small = remoteSdp().replace('max-message-size:262144', 'max-message-size:16384')
  attempt.accept({ type: 'answer', sdp: small })
  await turns()
  for (const channel of connection.channels) channel.open()
  expect((await attempt.pipe).maxMessageBytes).toBe(16_384)
})

it('RT18 bulk is gated at empty where nothing tells of room, at a mark elsewhere', async () => {
  expect((await openAttempt()).pipe.gate).toBe('empty')
  const { pipe, connection } = await openAttempt({ browser: true })
  expect(pipe.gate).toBe(128 * 1024)
  let drained = 0
  pipe.onDrain(() => drained++)
  connection.channels[1]?.onbufferedamountlow?.({})
  expect(drained).toBe(1)
  expect(connection.channels[1]?.bufferedAmountLowThreshold).toBe(64 * 1024)
})

it('RT14 messages before the handler wait for it, in order', async () => {
  const { attempt, connection } = await startAttempt()
  attempt.accept({ type: 'answer', sdp: remoteSdp() })
  await turns()
  connection.channels[0]?.open()
  connection.channels[0]?.arrive(Uint8Array.of(1).buffer)
  connection.channels[1]?.open()
  connection.channels[0]?.arrive(Uint8Array.of(2).buffer)
  const pipe = await attempt.pipe
  const got: number[] = []
  pipe.onMessage((lane, message) => got.push(lane, ...message))
  connection.channels[1]?.arrive(Uint8Array.of(3).buffer)
  expect(got).toEqual([0, 1, 0, 2, 1, 3])
})

it.each([
  ['text', (connection: FakeConnection) => connection.channels[0]?.arrive('hello')],
  [
    'a flood before the handler',
    (connection: FakeConnection) => {
      for (let count = 0; count < 5; count++)
        connection.channels[1]?.arrive(new ArrayBuffer(65_536))
    },
  ],
])('RT14 %s ends the connection', async (_name, misbehave) => {
  const { pipe, connection } = await openAttempt()
  const ends: string[] = []
  pipe.onClose((reason) => ends.push(reason))
  misbehave(connection)
  await turns()
  expect(ends).toHaveLength(1)
  expect(connection.closed).toBe(1)
})

it('RT18 what is buffered is looked at again after 64 KiB at the latest', async () => {
  const { pipe, connection } = await openAttempt()
  const [, bulk] = connection.channels
  if (!bulk) throw new Error('no channel')
  let looks = 0
  let buffered = 0
  Object.defineProperty(bulk, 'bufferedAmount', {
    get() {
      looks++
      return buffered
    },
  })
  for (let frame = 0; frame < 8; frame++) {
    expect(pipe.buffered(1)).toBe(0)
    pipe.send(1, new Uint8Array(16_384))
  }
  expect(looks).toBe(2)
  buffered = 5
  expect([pipe.buffered(1), pipe.buffered(1), looks]).toEqual([5, 5, 4])
  buffered = 0
  expect(pipe.buffered(1)).toBe(0)
})
