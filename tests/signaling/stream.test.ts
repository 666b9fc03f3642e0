/** SV6, SV17, SV18: readers, and how streams and the service end. */
import type { Socket } from 'node:net'
import { toBase64url } from '@baton/shared/bytes'
import { slotGraceMs, streamDeadMs } from '@baton/shared/limits'
import { closeCodes } from '@baton/shared/protocol/rendezvous'
import { createSignaling } from '@baton/signaling/signaling'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import { listenKey } from '../support/listen-key.ts'
import { ask, dial, listenAt, sid, tcp } from '../support/raw-signaling.ts'
import { startSignaling } from '../support/signaling.ts'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function start(limits: Parameters<typeof startSignaling>[0] = {}) {
  const service = await startSignaling(limits)
  open.push(service.close)
  return service
}

/** A slot with a joiner, by hand; `send` is the joiner's. */
async function slot(url: string) {
  const { token, nameplate } = (await ask(url, 'open', { sid })).answer
  const joiner = (await ask(url, 'claim', { nameplate })).answer
  let n = 0
  const send = (blob = 'AA') => ask(url, 'send', { token: joiner.token, turn: 1, n: ++n, blob })
  return { token, nameplate, joiner: joiner.token, send }
}

it('SV6 a poll waits for the next event, and gets again what was not acknowledged', async () => {
  const { url } = await start()
  const { token, send } = await slot(url)
  const poll = async (after: number) =>
    (await ask(url, 'events', { token, after })).answer.events.map(({ seq, kind }) => [seq, kind])
  expect(await poll(0)).toEqual([[1, 'claimed']])
  const waiting = poll(1)
  await send()
  expect(await waiting).toEqual([[2, 'message']])
  await send()
  expect(await poll(1)).toEqual([
    [2, 'message'],
    [3, 'message'],
  ])
  expect(await poll(3 - 1)).toEqual([[3, 'message']])
})

it('SV6 a socket begins after what its reader has, and forgets what is acknowledged', async () => {
  const { url } = await start()
  const { token, send } = await slot(url)
  const first = await dial(url)
  first.say({ token, after: 0 })
  expect((await first.frames.next()).events).toMatchObject([{ seq: 1, kind: 'claimed' }])
  await send()
  expect((await first.frames.next()).events).toMatchObject([{ seq: 2, kind: 'message' }])
  first.say({ ack: 1 })
  const second = await dial(url)
  second.say({ token, after: 1 })
  expect((await second.frames.next()).events).toMatchObject([{ seq: 2 }])
  expect(await first.closed).toBe(closeCodes.replaced)
  second.say({ ack: 2 })
  await send()
  expect((await second.frames.next()).events).toMatchObject([{ seq: 3 }])
  const poll = ask(url, 'events', { token, after: 2 })
  expect((await poll).answer.events).toMatchObject([{ seq: 3 }])
  expect(await second.closed).toBe(closeCodes.replaced)
})

it('SV6 a poll whose client went away frees the side for its slot’s grace', async () => {
  let time = 0
  const { url, sweep } = await start({ now: () => time, limits: { sweepMs: 1_000_000 } })
  const { token, nameplate } = (await ask(url, 'open', { sid })).answer
  const leaving = new AbortController()
  const poll = fetch(`${url}/v1/events`, {
    method: 'POST',
    body: JSON.stringify({ token, after: 0 }),
    signal: leaving.signal,
  }).catch(() => {})
  while (!(await (await fetch(`${url}/metrics`)).text()).includes('streams 1'));
  time += slotGraceMs + 1
  sweep()
  expect((await ask(url, 'claim', { nameplate })).status).toBe(200)
  leaving.abort()
  await poll
  while (!(await (await fetch(`${url}/metrics`)).text()).includes('streams 0'));
  time += slotGraceMs + 1
  sweep()
  expect((await ask(url, 'claim', { nameplate })).answer).toEqual({ error: 'gone' })
})

it('SV17 a socket that says nothing, too much or nonsense is closed with its reason', async () => {
  const { url } = await start()
  const hasty = await start({ limits: { helloMs: 50 } })
  const { token } = await slot(url)
  const codeAfter = async (...frames: string[]) => {
    const { socket, closed } = await dial(url)
    for (const frame of frames) socket.send(frame)
    return closed
  }
  const hello = JSON.stringify({ token, after: 0 })
  expect(await (await dial(hasty.url)).closed).toBe(closeCodes.silent)
  expect(await codeAfter('{}')).toBe(closeCodes.invalid)
  expect(await codeAfter(`${hello} `)).toBe(closeCodes.invalid)
  expect(await codeAfter('x'.repeat(1025))).toBe(1009)
  expect(await codeAfter('x'.repeat(1024 * 1024))).toBe(1009)
  expect(await codeAfter(hello, '{"ack":9}')).toBe(closeCodes.invalid)
  expect(await codeAfter(hello, hello)).toBe(closeCodes.invalid)
  const other = `${token.startsWith('_') ? '-' : '_'}${token.slice(1)}`
  expect(await codeAfter(hello.replace(token, other))).toBe(closeCodes.unknown)
  const binary = await dial(url)
  binary.socket.send(Buffer.from(hello))
  expect(await binary.closed).toBe(closeCodes.invalid)
  expect((await ask(url, 'events', { token, after: 0 })).status).toBe(200)
})

it('SV17 a socket of another version does not come up', async () => {
  const { url } = await start()
  const { socket } = await dial(url, 'baton.v9')
  expect(socket.readyState).not.toBe(socket.OPEN)
})

it('SV17 a reader that answers nothing is dropped, one that answers empty frames stays', async () => {
  let time = 0
  const { url } = await start({ now: () => time, limits: { pingMs: 20 } })
  const { token, joiner } = await slot(url)
  const silent = await dial(url)
  const alive = await dial(url)
  alive.socket.on('message', () => alive.say({ ack: 0 }))
  silent.say({ token, after: 1 })
  alive.say({ token: joiner, after: 0 })
  await silent.frames.next()
  await alive.frames.next()
  time += streamDeadMs - 1
  for (let n = 0; n < 3; n++) await alive.frames.next()
  time += 2
  expect(await silent.closed).toBe(1006)
  await alive.frames.next()
  expect(alive.socket.readyState).toBe(alive.socket.OPEN)
})

it('SV17 a reader that takes nothing gets no more than one queue; one that lies is closed', async () => {
  const { url } = await start()
  const key = listenKey(1)
  const token = await listenAt(url, key)
  const reader = await dial(url)
  reader.say({ token, after: 0 })
  await reader.frames.next()
  reader.socket.pause()
  const post = () =>
    ask(url, 'post', { mailbox: toBase64url(key.mailbox), blob: 'A'.repeat(43_000) })
  let posted = 0
  while ((await post()).status === 200) posted++
  expect(posted).toBe(8)
  // it acknowledges what it cannot have read, so the queue never fills and the socket does
  for (let full = false; !full; ) {
    reader.say({ ack: posted })
    const { answer } = await post()
    if (answer.error === undefined) posted++
    const metrics = await (await fetch(`${url}/metrics`)).text()
    full = metrics.includes('streams 1') && posted > 8 && answer.error === 'quota'
    if (posted > 1000) break
  }
  reader.socket.resume()
  expect(await reader.closed).toBe(closeCodes.slow)
})

it('SV17 half a request, a slow body and an idle connection are cut', async () => {
  const { port } = await start({ limits: { helloMs: 60, requestMs: 120, sweepMs: 20 } })
  const post = `POST /v1/open HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`
  const half = await tcp(port, 'POST /v1/op')
  const slow = await tcp(port, `${post}Content-Length: 40\r\n\r\n{`)
  const idle = await tcp(port, `${post}Content-Length: 2\r\n\r\n{}`)
  expect(await half.closed).toContain('408')
  expect(await slow.closed).toMatch(/408|400/)
  expect(await idle.closed).toContain('{"error":"invalid"}')
})

const upgrade = (port: number, path: string, to: string) =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** A closed connection is only told to one that still writes. */
function isGone(socket: Socket): boolean {
  socket.write('more')
  return socket.destroyed
}

it('SV17 a connection that would leave HTTP and becomes no socket is ended', async () => {
  const { port, url } = await start()
  for (const [path, to] of [
    ['/health', 'h2c'],
    ['/v1/socket', 'h2c'],
    ['/nothing', 'websocket'],
    ['/v1/open', 'websocket'],
  ] as const) {
    // one that keeps its own half open is ended all the same
    const stranger = await tcp(port, upgrade(port, path, to), { allowHalfOpen: true })
    onTestFinished(() => void stranger.socket.destroy())
    await stranger.ended
    await expect.poll(() => isGone(stranger.socket)).toBe(true)
  }
  expect((await fetch(`${url}/health`)).status).toBe(200)
})

it('SV17 a connection that is reset in the middle of an upgrade costs nothing', async () => {
  const { port, url } = await start()
  for (const to of ['h2c', 'websocket']) {
    const stranger = await tcp(port, upgrade(port, '/v1/socket', to))
    await fetch(`${url}/health`)
    stranger.socket.resetAndDestroy()
    await stranger.closed
  }
  expect((await fetch(`${url}/health`)).status).toBe(200)
})

it('SV16 a plain request for the socket takes no place', async () => {
  const { port, url } = await start({ limits: { streamsPerAddress: 2 } })
  const plain = `GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
  const stranger = await tcp(port, plain.repeat(3))
  onTestFinished(() => void stranger.socket.destroy())
  await expect.poll(() => stranger.got().match(/404 Not Found/g)?.length).toBe(3)
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('streams 0')
})

it('SV18 closing tells every reader to come back later, and takes no more', async () => {
  const { url, close } = await start()
  const { token, joiner } = await slot(url)
  const reader = await dial(url)
  const stranger = await dial(url)
  reader.say({ token, after: 0 })
  await reader.frames.next()
  const poll = ask(url, 'events', { token: joiner, after: 0 })
  while (!(await (await fetch(`${url}/metrics`)).text()).includes('streams 3'));
  const closing = close()
  expect(await reader.closed).toBe(closeCodes.draining)
  expect(await stranger.closed).toBe(closeCodes.draining)
  const polled = await poll
  expect([polled.status, polled.answer]).toEqual([503, { error: 'draining' }])
  await closing
  await expect(fetch(`${url}/health`)).rejects.toThrow()
})

it('SV18 a client that does not let go is cut when the time is over', async () => {
  const { url, port, close } = await start({ limits: { drainMs: 100 } })
  const { token } = await slot(url)
  const deaf = await dial(url)
  deaf.say({ token, after: 0 })
  await deaf.frames.next()
  deaf.socket.pause()
  const half = await tcp(port, 'POST /v1/op')
  await close()
  await half.closed
  deaf.socket.terminate()
})

it('SV18 a port that is taken is said so', async () => {
  const { port } = await start()
  const second = createSignaling({ port })
  await expect(second.listen()).rejects.toMatchObject({ code: 'port-taken' })
  await second.close()
})
