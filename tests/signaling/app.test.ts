/** SV12 to SV16, SV19: what the service takes, from whom and how much, over real HTTP. */
import { request } from 'node:http'
import { maxBlobBytes } from '@baton/shared/limits'
import { closeCodes } from '@baton/shared/protocol/rendezvous'
import type { SignalingOptions } from '@baton/signaling/signaling'
import { Hono } from 'hono'
import { afterEach, expect, it } from 'vitest'
import { listenKey } from '../support/listen-key.ts'
import { ask, dial, listenAt, sid, tcp } from '../support/raw-signaling.ts'
import { startSignaling } from '../support/signaling.ts'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function start(options: SignalingOptions = {}) {
  const service = await startSignaling(options)
  open.push(service.close)
  return service
}

const invalid = { error: 'invalid' }
const token = 'A'.repeat(32)

it('SV12 only compact JSON of exactly the schema’s shape is taken', async () => {
  const { url } = await start()
  const bad = [
    '',
    'null',
    '[]',
    '"open"',
    '{"sid":',
    `{"sid":"${sid}" }`,
    `{"sid":"${sid}","sid":"${sid}"}`,
    `{"sid":"${sid}","more":1}`,
    `{"__proto__":{"polluted":1},"sid":"${sid}"}`,
    `{"sid":"${sid}","constructor":{"prototype":{"polluted":1}}}`,
    `{"sid":"${'A'.repeat(21)}B"}`,
    `{"sid":"${sid}A"}`,
    `{"sid":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    '{"sid":NaN}',
    '\ufeff{}',
  ]
  for (const body of bad) {
    const { status, answer } = await ask(url, 'open', body)
    expect([body.slice(0, 40), status, answer]).toEqual([body.slice(0, 40), 400, invalid])
  }
  const send = { token, turn: 1, n: 1, blob: 'AA' }
  for (const body of [
    { ...send, n: 1.5 },
    { ...send, n: -1 },
    { ...send, n: '1' },
    { ...send, turn: 1e21 },
    { ...send, blob: 'A+' },
    { ...send, blob: '' },
    { ...send, token: 7 },
  ]) {
    expect((await ask(url, 'send', body)).answer).toEqual(invalid)
  }
  expect((await ask(url, 'send', '{"token":"x","turn":1e0}')).answer).toEqual(invalid)
  expect(Object.keys(Object.prototype)).toEqual([])
  expect('polluted' in {}).toBe(false)
  expect((await ask(url, 'open', { sid })).status).toBe(200)
})

it('SV12 a body beyond 48 KiB is cut off, a message beyond 32 KiB refused', async () => {
  const { url, port } = await start()
  const blob = 'A'.repeat(Math.ceil(((maxBlobBytes + 1024) * 4) / 3))
  expect((await ask(url, 'post', { mailbox: sid, blob })).answer).toEqual(invalid)
  const large = await ask(url, 'post', 'x'.repeat(49 * 1024))
  expect([large.status, large.answer]).toEqual([413, { error: 'too-large' }])
  const head = `POST /v1/open HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n`
  const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
  const chunked = await tcp(port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`)
  expect(await chunked.closed).toContain('{"error":"too-large"}')
})

it('SV12 every refusal has one form, and sets nothing', async () => {
  const { url } = await start()
  for (const [path, body] of [
    ['nowhere', {}],
    ['claim', { nameplate: '123' }],
    ['release', { token, turn: 1 }],
    ['close', { token }],
    ['events', { token, after: 0 }],
  ] as const) {
    const { status, answer, headers } = await ask(url, path, body)
    expect([path, status, answer]).toEqual([path, 404, { error: 'unknown' }])
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('cache-control')).toBe('no-store')
    expect(Date.parse(headers.get('date') ?? '')).toBeGreaterThan(0)
  }
  const get = await fetch(`${url}/v1/open`)
  expect([get.status, await get.json()]).toEqual([404, { error: 'unknown' }])
})

it('SV13 one address beyond its allowance gets 429 and when to come back; others go on', async () => {
  const { url } = await start({
    // Time stands still: on a slow machine an allowance would grow while it is used up.
    now: () => 0,
    proxies: ['127.0.0.1'],
    limits: { openPerMinute: 10, claimPerMinute: 10, putPerMinute: 10 },
  })
  const as = (address: string) => ({ 'x-forwarded-for': address })
  const statuses = async (path: string, body: object, address: string) => {
    const all: number[] = []
    for (let n = 0; n < 30; n++) all.push((await ask(url, path, body, as(address))).status)
    return [all.filter((each) => each !== 429).length, all.lastIndexOf(429)]
  }
  expect(await statuses('open', { sid }, '9.9.9.9')).toEqual([10, 29])
  expect(await statuses('claim', { nameplate: '123' }, '9.9.9.9')).toEqual([10, 29])
  expect(await statuses('post', { mailbox: sid, blob: 'AA' }, '9.9.9.9')).toEqual([10, 29])
  const refused = await ask(url, 'open', { sid }, as('9.9.9.9'))
  expect(refused.answer).toEqual({ error: 'rate' })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await ask(url, 'open', { sid }, as('9.9.9.8'))).status).toBe(200)
  expect((await statuses('open', { sid }, '2001:db8:0:100::1'))[0]).toBe(10)
  expect((await ask(url, 'open', { sid }, as('2001:db8:0:1ff::9'))).status).toBe(429)
  expect((await ask(url, 'open', { sid }, as('2001:db8:0:200::1'))).status).toBe(200)
})

it('SV14 a request under another name or from a strange page is refused before anything else', async () => {
  const { url, port } = await start({ origins: ['https://page.example'] })
  const status = (headers: Record<string, string>, path = '/v1/open') =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request(
        { port, path, method: 'POST', headers, host: '127.0.0.1' },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        },
      )
      asked.on('error', reject)
      asked.end(JSON.stringify({ sid }))
    })
  expect(await status({ host: `evil.example:${port}` })).toBe(403)
  expect(await status({ origin: 'https://evil.example' })).toBe(403)
  expect(await status({ origin: url })).toBe(200)
  const page = await ask(url, 'open', { sid }, { origin: 'https://page.example' })
  expect(page.headers.get('access-control-allow-origin')).toBe('https://page.example')
  expect(page.headers.get('access-control-expose-headers')).toBe('Date, Retry-After')
  expect(page.headers.get('access-control-allow-credentials')).toBeNull()
})

it('SV16 a full service refuses newcomers with 503 and lets what lives go on', async () => {
  const { url } = await start({ limits: { slots: 3, challenges: 1 } })
  const opened = await ask(url, 'open', { sid })
  const claimed = await ask(url, 'claim', { nameplate: opened.answer.nameplate })
  for (let n = 0; n < 2; n++) await ask(url, 'open', { sid })
  const full = await ask(url, 'open', { sid })
  expect([full.status, full.answer]).toEqual([503, { error: 'full' }])
  expect(full.headers.get('retry-after')).toBe('1')
  await ask(url, 'challenge', { mailbox: sid })
  expect((await ask(url, 'challenge', { mailbox: sid })).status).toBe(503)
  const send = { token: claimed.answer.token, turn: 1, n: 1, blob: 'AA' }
  expect((await ask(url, 'send', send)).status).toBe(200)
  const events = await ask(url, 'events', { token: opened.answer.token, after: 0 })
  expect(events.answer.events).toMatchObject([{ kind: 'claimed' }, { kind: 'message' }])
})

it('SV16 an address has so many streams, by socket and by poll, and gets them back', async () => {
  const { url } = await start({ limits: { streamsPerAddress: 2, pollWaitMs: 50 } })
  const { answer } = await ask(url, 'open', { sid })
  const first = await dial(url)
  const second = await dial(url)
  const third = await dial(url)
  expect(await third.closed).toBe(0)
  const poll = () => ask(url, 'events', { token: answer.token, after: 0 })
  expect((await poll()).answer).toEqual({ error: 'full' })
  first.socket.close()
  await first.closed
  expect((await poll()).answer).toEqual({ events: [] })
  second.socket.terminate()
})

it('SV19 health says version and uptime; metrics are counts, for this machine alone', async () => {
  const { url } = await start({ now: () => 0, proxies: ['127.0.0.1'] })
  const health = await (await fetch(`${url}/health`)).json()
  expect(health).toEqual({ status: 'ok', version: '0.1.0', uptime: 0 })
  await ask(url, 'open', { sid })
  await ask(url, 'claim', { nameplate: '99' })
  const text = await (await fetch(`${url}/metrics`)).text()
  expect(text).toContain('baton_signaling_slots 1\n')
  expect(text).toContain('baton_signaling_requests_total{operation="open",outcome="ok"} 1\n')
  expect(text).toContain('baton_signaling_requests_total{operation="claim",outcome="invalid"} 1\n')
  for (const line of text.trim().split('\n')) {
    expect(line).toMatch(
      /^(# TYPE )?baton_signaling_\w+(\{operation="\w+",outcome="[\w-]+"\})? \w+$/,
    )
  }
  const strange = { headers: { 'x-forwarded-for': '9.9.9.9' } }
  expect((await fetch(`${url}/metrics`, strange)).status).toBe(404)
  const { url: other } = await start({ proxies: ['127.0.0.1'], publicMetrics: true })
  expect((await fetch(`${other}/metrics`, strange)).status).toBe(200)
})

it('SV19 other routes live beside the service’s own', async () => {
  const page = new Hono().get('/', (c) => c.text('page')).post('/v1/open', (c) => c.text('stolen'))
  const { url } = await start({ also: page as never })
  expect(await (await fetch(url)).text()).toBe('page')
  expect((await ask(url, 'open', { sid })).answer).toHaveProperty('nameplate')
})

it('SV9 a listener that was replaced between two polls is told so, by poll and by socket', async () => {
  const { url } = await start()
  const older = await listenAt(url, listenKey(1))
  const newer = await listenAt(url, listenKey(1))
  const events = (of: string) => ask(url, 'events', { token: of, after: 0 })
  expect(await events(older)).toMatchObject({ status: 409, answer: { error: 'replaced' } })
  const socket = await dial(url)
  socket.say({ token: older, after: 0 })
  expect(await socket.closed).toBe(closeCodes.replaced)
  // Half of it, and one that nobody had, are as unknown as ever.
  const half = older.slice(0, 16) + newer.slice(16)
  expect(await events(half)).toMatchObject({ answer: { error: 'unknown' } })
  expect(await events(token)).toMatchObject({ answer: { error: 'unknown' } })
})
