/** Attacks and mishaps on the way to a connection, against the native library. */
import { setTimeout as sleep } from 'node:timers/promises'
import { liveConnections } from '@baton/client/node/rtc/safe-connection'
import { loadWrtc } from '@baton/client/node/rtc/wrtc'
import { answerMs, connect } from '@baton/client/rtc/connect'
import type { Signal } from '@baton/shared/protocol/signal'
import { afterEach, expect, it } from 'vitest'
import { createManualClock } from '../support/manual-clock.ts'
import { noServers } from '../support/real-pair.ts'
import { openPipes, type Tap } from '../support/real-pipes.ts'

const open: { cancel(reason: string): void }[] = []
afterEach(async () => {
  for (const attempt of open.splice(0)) attempt.cancel('the test is over')
  await expect.poll(liveConnections).toBe(0)
})

async function pipesOf(tap?: Tap) {
  const made = await openPipes(tap)
  open.push(made.alice, made.bob)
  return made
}

/** The next message at one end. */
const arrival = (pipe: Awaited<ReturnType<typeof pipesOf>>['pipes']['alice']) =>
  new Promise<Uint8Array>((resolve) => pipe.onMessage((_lane, message) => resolve(message)))

const candidate = (port: number, ufrag = 'zzzz') => ({
  candidate: `candidate:1 1 udp 21222 127.0.0.1 ${port} typ host ufrag ${ufrag}`,
  sdpMid: '0',
  sdpMLineIndex: 0,
})

it('RT11 both ends measure the same two certificates', async () => {
  const { pipes } = await pipesOf()
  expect(pipes.alice.fingerprints.remote).toEqual(pipes.bob.fingerprints.local)
  expect(pipes.bob.fingerprints.remote).toEqual(pipes.alice.fingerprints.local)
  expect(pipes.alice.fingerprints.local).not.toEqual(pipes.bob.fingerprints.local)
  expect([pipes.alice.path(), pipes.alice.gate]).toEqual(['direct', 'empty'])
})

it('RT5 SEC-60, SEC-61: every signal of the attempt, played again, leaves the link as it is', async () => {
  const { alice, bob, sent, pipes } = await pipesOf()
  const before = liveConnections()
  for (const { from, signal } of [...sent, ...sent, ...sent]) {
    const receiver = from === 'alice' ? bob : alice
    receiver.accept(signal)
  }
  for (const junk of [null, {}, 'x', { type: 'answer', sdp: 'v=0' }]) alice.accept(junk)
  await sleep(100)
  expect(liveConnections()).toBe(before)
  const got = arrival(pipes.bob)
  pipes.alice.send(0, Uint8Array.of(7))
  expect(await got).toEqual(Uint8Array.of(7))
})

it('RT6 RTC-4: candidates before the offer, and of an older generation after a restart', async () => {
  const late: Signal[] = []
  const { bob, alice, sent, pipes } = await pipesOf((from, signal) => {
    // The offer overtakes nothing: its candidates come first.
    if (from === 'bob') return [signal]
    if (signal.type === 'offer' && late.length === 0) {
      late.push(signal)
      return [{ type: 'candidates', list: [candidate(9)] }]
    }
    return late.length === 1 ? [signal, ...late.splice(0)] : [signal]
  })
  const first = sent.filter(({ signal }) => signal.type === 'candidates')
  pipes.bob.restart()
  await expect.poll(() => sent.filter(({ signal }) => signal.type === 'answer').length).toBe(2)
  for (const { from, signal } of first) (from === 'alice' ? bob : alice).accept(signal)
  const got = arrival(pipes.alice)
  pipes.bob.send(1, Uint8Array.of(1))
  expect(await got).toEqual(Uint8Array.of(1))
})

it('RT6 SEC-66: ten thousand candidates, names and nonsense do not keep it from opening', async () => {
  const bad = ['evil.example.org', '0.0.0.0', '255.255.255.255', 'x'.repeat(400)]
  const flood: Signal[] = Array.from({ length: 250 }, (_, batch) => ({
    type: 'candidates',
    list: Array.from({ length: 40 }, (_each, index) => {
      const made = candidate(index % 2 ? 0 : 1 + batch)
      const address = bad[index % bad.length] ?? ''
      return { ...made, candidate: made.candidate.replace('127.0.0.1', address) }
    }),
  }))
  const started = performance.now()
  const { pipes } = await pipesOf((_from, signal) =>
    signal.type === 'candidates' ? [...flood, signal] : [signal],
  )
  expect(pipes.alice.path()).toBe('direct')
  expect(performance.now() - started).toBeLessThan(5_000)
})

it('RT10 RTC-6: an offer nobody answers ends after 20 s and leaves nothing', async () => {
  const clock = createManualClock()
  const attempt = connect({
    initiator: true,
    ice: noServers,
    webrtc: loadWrtc(),
    clock,
    signal: () => {},
  })
  expect(liveConnections()).toBe(1)
  await sleep(50)
  clock.advance(answerMs)
  await expect(attempt.pipe).rejects.toMatchObject({ code: 'no-answer' })
  expect([liveConnections(), clock.pending]).toEqual([0, 0])
})

it('RT13 RTC-28: the largest message arrives, one byte more is refused and closes nothing', async () => {
  const { pipes } = await pipesOf()
  const got: number[] = []
  pipes.bob.onMessage((_lane, message) => got.push(message.length))
  pipes.alice.send(1, new Uint8Array(262_144))
  expect(() => pipes.alice.send(1, new Uint8Array(262_145))).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
  pipes.alice.send(1, new Uint8Array(0))
  pipes.alice.send(1, new Uint8Array(1))
  await expect.poll(() => got).toEqual([262_144, 0, 1])
})

it('RT16 RTC-22 in part: an ICE restart from either side loses nothing', async () => {
  const { pipes, sent } = await pipesOf()
  const got: number[] = []
  pipes.bob.onMessage((_lane, message) => got.push(message[0] ?? -1))
  let next = 0
  const sending = setInterval(() => pipes.alice.send(1, Uint8Array.of(next++)), 5)
  pipes.bob.restart()
  const answers = () => sent.filter(({ signal }) => signal.type === 'answer').length
  await expect.poll(answers).toBe(2)
  await sleep(300)
  clearInterval(sending)
  await expect.poll(() => got.length).toBe(next)
  expect(got).toEqual(Array.from({ length: next }, (_, index) => index))
  expect(pipes.alice.path()).toBe('direct')
})
