/** RZ13, RZ15, RZ16, RZ17: requests, their answers, and what is tried again. */
import { createRendezvous } from '@baton/client/rendezvous/client'
import { type BatonError, isBatonError } from '@baton/shared/errors'
import { maxBlobBytes } from '@baton/shared/limits'
import { type Refusal, refusals } from '@baton/shared/protocol/rendezvous'
import { expect, it } from 'vitest'
import { createManualClock } from '../../support/manual-clock.ts'
import { json, scriptedFetch } from '../../support/scripted-fetch.ts'

const sid = new Uint8Array(16)
const blob = new Uint8Array(32)
const random = { bytes: () => Uint8Array.of(128, 0) }
const refusal = (error: Refusal, headers = {}) => json({ error }, refusals[error], headers)

function setup(reply: Parameters<typeof scriptedFetch>[0]) {
  const clock = createManualClock()
  const script = scriptedFetch(reply)
  const server = 'https://signal.example'
  return {
    ...script,
    clock,
    rendezvous: createRendezvous({ server, clock, random, fetch: script.fetch }),
  }
}

async function failing(work: Promise<unknown>): Promise<BatonError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isBatonError(error) ? error : expect.fail('it did not fail')
}

it.each<[Refusal, string, string, string]>([
  ['invalid', 'signaling-refused', 'signaling-refused', 'signaling-refused'],
  ['refused', 'signaling-refused', 'signaling-refused', 'signaling-refused'],
  ['unknown', 'signaling-lost', 'code-unknown', 'signaling-lost'],
  ['busy', 'code-busy', 'code-busy', 'code-busy'],
  ['gone', 'code-expired', 'code-expired', 'code-expired'],
  ['too-large', 'too-large', 'too-large', 'too-large'],
  ['rate', 'rate-limited', 'rate-limited', 'rate-limited'],
  ['quota', 'signaling-full', 'signaling-full', 'signaling-full'],
  ['full', 'signaling-full', 'signaling-full', 'signaling-full'],
  ['draining', 'signaling-unreachable', 'signaling-unreachable', 'signaling-unreachable'],
])(
  'RZ15 the refusal %s is an error a caller can branch on, with a hint',
  async (error, ...codes) => {
    const { rendezvous } = setup(() => refusal(error, { 'retry-after': '60' }))
    const errors = [
      await failing(rendezvous.open(sid)),
      await failing(rendezvous.claim('412')),
      await failing(rendezvous.post(sid, blob)),
    ]
    expect(errors.map(({ code }) => code)).toEqual(codes)
    for (const { hint, message } of errors) {
      expect(hint).toBeTruthy()
      expect(message).toMatch(/^failed to /)
      expect(message).not.toContain('412')
    }
    if (error === 'rate') expect(errors[0]?.hint).toBe('try again in 60 s')
  },
)

it('RZ15 no answer is signaling-unreachable, also when it takes more than ten seconds', async () => {
  const gone = setup(() => new TypeError('fetch failed'))
  expect(await failing(gone.rendezvous.open(sid))).toMatchObject({ code: 'signaling-unreachable' })
  const slow = setup(() => 'never')
  const opening = failing(slow.rendezvous.open(sid))
  await slow.clock.elapse(10_000)
  expect(await opening).toMatchObject({ code: 'signaling-unreachable' })
})

it('RZ15 what the service would refuse is not asked', async () => {
  const { rendezvous, asked } = setup(() => json({}))
  for (const nameplate of ['', '12', '012', '1234567890', '12x', '４１２']) {
    expect(await failing(rendezvous.claim(nameplate))).toMatchObject({ code: 'code-unknown' })
  }
  const large = rendezvous.post(sid, new Uint8Array(maxBlobBytes + 1))
  expect(await failing(large)).toMatchObject({ code: 'too-large' })
  expect(await failing(rendezvous.open(new Uint8Array(15)))).toMatchObject({ code: 'invalid' })
  expect(asked).toEqual([])
})

it('RZ16 an answer that is not the protocol’s is no answer', async () => {
  const nameplate = '412'
  const token = 'A'.repeat(32)
  const bad = [
    new Response('<html>', { status: 200 }),
    new Response('<html>', { status: 404 }),
    json({ nameplate }),
    json({ nameplate: '4', token }),
    json({ nameplate, token: 'B'.repeat(31) }),
    json([nameplate, token]),
    json({ error: 'because' }, 404),
    json(null),
  ]
  for (const answer of bad) {
    const { rendezvous } = setup(() => answer)
    expect(await failing(rendezvous.open(sid))).toMatchObject({ code: 'signaling-refused' })
  }
  const { rendezvous } = setup(() => new Response('<html>', { status: 502 }))
  expect(await failing(rendezvous.open(sid))).toMatchObject({ code: 'signaling-unreachable' })
})

it('RZ16 an answer without end is read up to a bound', async () => {
  let given = 0
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(32))
      },
    })
  const { rendezvous } = setup(() => new Response(endless()))
  expect(await failing(rendezvous.open(sid))).toMatchObject({ code: 'signaling-unreachable' })
  expect(given).toBeLessThan(1024 * 1024)
})

it('RZ16 a request carries no cookies, follows nowhere, and asks for no preflight', async () => {
  const { rendezvous, asked } = setup(() => refusal('full', { 'retry-after': '60' }))
  await failing(rendezvous.open(sid))
  expect(asked[0]?.init).toMatchObject({
    method: 'POST',
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  })
  expect(asked[0]?.init.headers).toBeUndefined()
})

it('RZ17 a post is tried four times, with growing pauses, and then given up', async () => {
  const { rendezvous, asked, clock } = setup(() => new TypeError('fetch failed'))
  const posting = failing(rendezvous.post(sid, blob))
  const counts: number[] = []
  for (const pause of [125, 250, 500]) {
    await clock.elapse(pause - 1)
    counts.push(asked.length)
    await clock.elapse(1)
  }
  expect(counts).toEqual([1, 2, 3])
  expect(await posting).toMatchObject({ code: 'signaling-unreachable' })
  expect(asked).toHaveLength(4)
  expect(clock.pending).toBe(0)
})

it('RZ17 a Retry-After is waited for, unless it is longer than a caller should sit through', async () => {
  const soon = setup((_asked, n) => (n === 0 ? refusal('rate', { 'retry-after': '3' }) : json({})))
  const posting = soon.rendezvous.post(sid, blob)
  await soon.clock.elapse(2_999)
  expect(soon.asked).toHaveLength(1)
  await soon.clock.elapse(500)
  await posting
  expect(soon.asked).toHaveLength(2)
  const late = setup(() => refusal('rate', { 'retry-after': '6' }))
  expect(await failing(late.rendezvous.post(sid, blob))).toMatchObject({ code: 'rate-limited' })
  expect(late.asked).toHaveLength(1)
})

it('RZ17 opening and claiming are never tried twice, and a decided refusal is final', async () => {
  const { rendezvous, asked } = setup(() => new TypeError('fetch failed'))
  await failing(rendezvous.claim('412'))
  await failing(rendezvous.open(sid))
  expect(asked).toHaveLength(2)
  const full = setup(() => refusal('quota'))
  await failing(full.rendezvous.post(sid, blob))
  expect(full.asked).toHaveLength(1)
})

it('RZ13 the server’s clock runs on by itself, and is unknown after a sleep', async () => {
  const date = 'Sat, 21 Nov 2026 12:00:00 GMT'
  const { rendezvous, clock } = setup(() => json({}, 200, { date }))
  expect(rendezvous.serverTime()).toBeUndefined()
  await rendezvous.post(sid, blob)
  clock.advance(1234)
  expect(rendezvous.serverTime()).toBe(Date.parse(date) + 1234)
  clock.sleep(60_000)
  expect(rendezvous.serverTime()).toBeUndefined()
  await rendezvous.post(sid, blob)
  expect(rendezvous.serverTime()).toBe(Date.parse(date))
})

it('RZ13 a service that never answered is told as down, once', async () => {
  const { rendezvous } = setup(() => new TypeError('fetch failed'))
  const states: string[] = []
  rendezvous.onState((state) => states.push(state))
  for (let n = 0; n < 3; n++) await failing(rendezvous.open(sid))
  expect(states).toEqual(['down'])
})

it('RZ13 the state follows whether the service answers', async () => {
  let answer = (): Response | Error => refusal('refused')
  const { rendezvous } = setup(() => answer())
  const states: string[] = []
  const unsubscribe = rendezvous.onState((state) => states.push(state))
  await failing(rendezvous.open(sid))
  answer = () => new TypeError('fetch failed')
  await failing(rendezvous.open(sid))
  await failing(rendezvous.open(sid))
  answer = () => refusal('unknown')
  await failing(rendezvous.open(sid))
  answer = () => refusal('draining')
  await failing(rendezvous.open(sid))
  expect(states).toEqual(['up', 'down', 'up', 'down'])
  unsubscribe()
  answer = () => refusal('unknown')
  await failing(rendezvous.open(sid))
  expect(states).toHaveLength(4)
})
