/** What takes libwebrtc's own 15 to 20 s, side by side. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelEnd } from '@baton/client/core/ports/channel'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'
import { afterAll, it } from 'vitest'
import { openPair } from '../support/real-pair.ts'
import { attemptPair } from '../support/real-pipes.ts'

const hosts: ReturnType<typeof createHostDialer>[] = []
afterAll(async () => void (await Promise.all(hosts.map((host) => host.close()))))

async function hostPair() {
  const pair = [createHostDialer(), createHostDialer()] as const
  hosts.push(...pair)
  const channels = await openPair(...pair)
  channels.alice.admit()
  channels.bob.admit()
  return { hosts: pair, ...channels }
}

const ending = (channel: Channel) =>
  new Promise<ChannelEnd & { readonly atMs: number }>((resolve) =>
    channel.onClose((end) => resolve({ ...end, atMs: performance.now() })),
  )

it.concurrent('RT11 SEC-53: an answer with another fingerprint never opens', async ({ expect }) => {
  const other = createHash('sha256').update('mallory').digest('hex').toUpperCase()
  const print = `a=fingerprint:sha-256 ${(other.match(/../g) ?? []).join(':')}`
  const { alice, bob } = attemptPair((_from, signal) =>
    signal.type === 'answer'
      ? [{ ...signal, sdp: signal.sdp.replace(/a=fingerprint.*/, print) }]
      : [signal],
  )
  await expect(alice.pipe).rejects.toMatchObject({ code: 'no-path' })
  bob.cancel('the test is over')
})

it.concurrent('RT10 RTC-15: without a common candidate both ends say so within 20 s', async ({
  expect,
}) => {
  const started = performance.now()
  const { alice, bob } = attemptPair((_from, signal) =>
    signal.type === 'candidates' ? [] : [signal],
  )
  for (const { pipe } of [alice, bob]) {
    const error = await pipe.catch((each: Error & { hint?: string }) => each)
    expect(String(error)).toMatch(/here \d host, there no candidate, policy auto, STUN not conf/)
    expect((error as { hint?: string }).hint).toMatch(/the other device named no address/)
    expect(String(error)).not.toMatch(/\d+\.\d+\.\d+|::/)
  }
  expect(performance.now() - started).toBeLessThan(20_000)
})

it.concurrent('LH6 RTC-18: a peer killed without a word is missed within 16 s, then met again', async ({
  expect,
}) => {
  const { hosts: pair, alice, bob } = await hostPair()
  const atAlice = ending(alice)
  const atBob = ending(bob)
  const killed = performance.now()
  process.kill(pair[1].pid ?? 0, 'SIGKILL')
  expect(await atBob).toMatchObject({ code: 'native-crash', clean: false })
  const end = await atAlice
  expect(end.clean).toBe(false)
  expect(end.atMs - killed).toBeLessThan(16_500)
  const again = await openPair(...pair)
  expect(again.alice.facts().path).toBe('direct')
})

it.concurrent('LH6 RTC-19: a peer stopped for 12 s goes on in the same link', async ({
  expect,
}) => {
  const { hosts: pair, alice, bob } = await hostPair()
  const got: number[] = []
  bob.receive((_lane, message) => void got.push(message[0] ?? -1))
  let ended = 0
  for (const channel of [alice, bob]) channel.onClose(() => ended++)
  await alice.send('control', Uint8Array.of(99))
  await expect.poll(() => got.splice(0)).toEqual([99])
  process.kill(pair[1].pid ?? 0, 'SIGSTOP')
  for (let each = 0; each < 12; each++) {
    await alice.send('live', Uint8Array.of(each))
    await sleep(1_000)
  }
  process.kill(pair[1].pid ?? 0, 'SIGCONT')
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(12)
  expect(got).toEqual(Array.from({ length: 12 }, (_, index) => index))
  expect([ended, pair[1].crashes]).toEqual([0, 0])
})
