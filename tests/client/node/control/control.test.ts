/** CS: the control socket, between its own client and a mesh of doubles. */
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { troubleLines } from '@baton/client/node/cli/devices'
import { createControl } from '@baton/client/node/control/app'
import { connectControl } from '@baton/client/node/control/client'
import { serveControl } from '@baton/client/node/control/serve'
import { expect, it, onTestFinished, vi } from 'vitest'
import {
  aReceipt,
  aRecord,
  aSession,
  bob,
  bobId,
  createFakeMesh,
} from '../../../support/fake-mesh.ts'
import { facts, openControl as open, rest } from '../../../support/served-control.ts'
import { tempFolder } from '../../../support/temp.ts'

/** A request as another program would make it. */
function post(path: string, name: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, method: 'POST', path: `/v1/${name}` }, (response) => {
      let text = ''
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

it.skipIf(process.platform === 'win32')('CS1 socket and folder are its owner’s alone', async () => {
  const { path } = await open()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(path, '..')).mode & 0o077).toBe(0)
})

it.skipIf(process.platform === 'win32')('CS1 a folder others can write to is refused', async () => {
  const folder = join(tempFolder('control'), 'open')
  mkdirSync(folder)
  chmodSync(folder, 0o777)
  const app = createControl({ mesh: createFakeMesh(), ...rest, stop: () => {} })
  await expect(serveControl(join(folder, 's'), app)).rejects.toMatchObject({ code: 'keyring-mode' })
})

it('CS2 a second process is told which one runs', async () => {
  const { serve, control } = await open()
  await expect(serve()).rejects.toMatchObject({ code: 'already-running', message: /4711/ })
  expect((await control.status()).process.pid).toBe(4711)
})

it('CS2 what a dead process left is replaced, and closing leaves nothing', async () => {
  const { serve, server, path } = await open()
  await server.close()
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, '')
  const again = await serve()
  await expect(connectControl(path).devices()).resolves.toHaveLength(2)
  await again.close()
})

it('CS3 rows come as the mesh gave them', async () => {
  const { control, mesh } = await open()
  expect(await control.sessions()).toEqual([aSession].map((row) => JSON.parse(JSON.stringify(row))))
  expect(await control.receipts()).toEqual([aReceipt])
  expect((await control.devices())[1]).toEqual(bob)
  expect(await control.status()).toEqual({ ...(await mesh.status()), process: facts })
})

it('CS3 a request of another form is refused without being quoted', async () => {
  const { path, mesh } = await open()
  for (const body of ['', '{', '[]', '{"code":7,"confirm":false}', '{"code":"secret-word"}']) {
    const { status, text } = await post(path, 'join', body)
    expect(status).toBe(400)
    expect(JSON.parse(text).error.code).toBe('invalid')
    expect(text).not.toContain('secret-word')
  }
  expect((await post(path, 'nothing', '{}')).text).toContain('unsupported-version')
  expect(mesh.asked).toEqual([])
})

it('CS3 an answer of another form is refused by the client', async () => {
  const path = join(tempFolder('control'), 's')
  const server = createServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[{"id":1}'))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  await expect(connectControl(path).devices()).rejects.toMatchObject({ code: 'invalid' })
})

it('CS4 a request beyond the bound is refused', async () => {
  const { path, mesh } = await open()
  const { status, text } = await post(path, 'join', JSON.stringify({ code: 'x'.repeat(70_000) }))
  expect(status).toBe(400)
  expect(text).toContain('too-large')
  expect(mesh.asked).toEqual([])
})

it('CS4 a line beyond the bound ends a stream', async () => {
  const { control } = await open({ shown: [{ ...aRecord, text: 'x'.repeat(20_000) }] })
  const read = async () => {
    for await (const record of control.show('abcd')) expect(record).toBeUndefined()
  }
  await expect(read()).rejects.toMatchObject({ code: 'unsupported-version' })
})

it('CS5 a pairing is told line by line, answered, and ends', async () => {
  const { control, mesh } = await open()
  const task = control.invite({ qr: false, confirm: true })
  const seen: string[] = []
  mesh.pairing.push({ at: 'code', code: '7-a-b-c', qr: undefined, expiresAt: 1 })
  const peer = { name: 'bob', platform: 'linux', short: bob.short }
  mesh.pairing.push({ at: 'check', emoji: ['🐙 octopus'], peer, confirm: true })
  for await (const event of task.events) {
    seen.push(event.at)
    if (event.at === 'check') {
      task.answer(true)
      await vi.waitFor(() => expect(mesh.asked).toContainEqual(['answer', true]))
      mesh.pairing.push({ at: 'paired', device: bob, ms: 12 })
      mesh.pairing.end()
    }
  }
  expect(seen).toEqual(['code', 'check', 'paired'])
  expect(mesh.asked[0]).toEqual(['invite', { qr: false, confirm: true, guest: false }])
})

it('CS3 SD11 SD12 what a send warns of comes as it was told', async () => {
  const { control, mesh } = await open()
  const warnings = [
    { at: 'skipped', files: ['a: no'] },
    { at: 'cut', records: 3 },
  ] as const
  for (const event of warnings) mesh.sending.push(event)
  mesh.sending.end()
  const seen: unknown[] = []
  const task = control.send({ ref: 'abcd', to: bobId, maps: [] })
  for await (const event of task.events) seen.push(event)
  expect(seen).toEqual(warnings)
})

it('CS5 a reader that goes cancels the task', async () => {
  const { control, mesh } = await open()
  const task = control.send({ ref: 'abcd', to: bobId, maps: [] })
  mesh.sending.push({ at: 'reading', records: 1, bytes: 2 })
  const events = task.events[Symbol.asyncIterator]()
  expect((await events.next()).value).toEqual({ at: 'reading', records: 1, bytes: 2 })
  const last = events.next()
  task.cancel()
  expect((await last).value).toMatchObject({ at: 'failed', code: 'cancelled' })
  await vi.waitFor(() => expect(mesh.asked).toContainEqual(['cancel', 'send']))
})

it('CS5 a device that goes away in the middle ends the task as failed', async () => {
  const { control, mesh, server } = await open()
  const events = control.join('7-a-b-c', { confirm: false }).events[Symbol.asyncIterator]()
  mesh.pairing.push({ at: 'waiting' })
  expect((await events.next()).value).toEqual({ at: 'waiting' })
  const last = events.next()
  await server.close()
  expect((await last).value).toMatchObject({ at: 'failed', code: 'not-running' })
})

it('CS5 what happens is told to whoever watches, until they go', async () => {
  const { control, mesh } = await open()
  const watching = control.watch()
  const events = watching.events[Symbol.asyncIterator]()
  const first = events.next()
  await vi.waitFor(() => expect(mesh.watchers.size).toBe(1))
  for (const tell of mesh.watchers) tell({ kind: 'notice', message: 'hello' })
  expect((await first).value).toEqual({ kind: 'notice', message: 'hello' })
  const away = { kind: 'signaling', state: 'down', server: 'http://signaling.test' } as const
  for (const tell of mesh.watchers) tell(away)
  expect((await events.next()).value).toEqual(away)
  const last = events.next().catch(() => undefined)
  watching.cancel()
  await last
  await vi.waitFor(() => expect(mesh.watchers.size).toBe(0))
})

it('CS5 a session that was cut off does not pass for a short one', async () => {
  const path = join(tempFolder('control'), 's')
  const line = `${JSON.stringify({ at: 'record', record: aRecord })}\n`
  const server = createHttpServer((_, response) => response.end(line))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  const seen: number[] = []
  const read = async () => {
    for await (const { index } of connectControl(path).show('abcd')) seen.push(index)
  }
  await expect(read()).rejects.toMatchObject({ code: 'unsupported-version' })
  expect(seen).toEqual([0])
})

it('CS3 a device says over the socket why it is not connected', async () => {
  const trouble = { code: 'no-path', message: 'no path: 2 tried', hint: 'set a TURN server' }
  const { control } = await open({ devices: [{ ...bob, state: 'offline', trouble }] })
  const [row] = await control.devices()
  expect(row?.trouble).toEqual(trouble)
  expect(row && troubleLines(row)).toEqual(['bob: no path: 2 tried', '  set a TURN server'])
  expect(troubleLines({ ...bob, trouble })).toEqual([])
  const away = { code: 'no-answer', message: undefined, hint: undefined }
  expect(troubleLines({ ...bob, state: 'offline', trouble: away })).toEqual([])
})

it('CS6 nobody there is not-running', async () => {
  const folder = tempFolder('control')
  await expect(connectControl(join(folder, 's')).status()).rejects.toMatchObject({
    code: 'not-running',
    hint: 'start it with: baton up',
  })
  const events = connectControl(join(folder, 's')).join('x', { confirm: false }).events
  for await (const event of events)
    expect(event).toMatchObject({ at: 'failed', code: 'not-running' })
})

it('CS8 an idle device is stopped, one that someone watches or that is connected is not', async () => {
  const { control, mesh, stop } = await open({ devices: [{ ...bob, state: 'offline' }] })
  const watching = control.watch()
  const first = watching.events[Symbol.asyncIterator]().next()
  first.catch(() => undefined)
  await vi.waitFor(() => expect(mesh.watchers.size).toBe(1))
  expect(await control.down({ idle: true })).toBe(false)
  // A reader that is just going is waited for.
  const asked = control.down({ idle: true })
  watching.cancel()
  expect(await asked).toBe(true)
  await vi.waitFor(() => expect(stop).toHaveBeenCalledTimes(1))

  const linked = await open({ devices: [bob] })
  expect(await linked.control.down({ idle: true })).toBe(false)
  expect(await linked.control.down()).toBe(true)
  await vi.waitFor(() => expect(linked.stop).toHaveBeenCalledTimes(1))
})

it('CS6 down answers, then stops', async () => {
  const { control, stop } = await open()
  await control.down()
  await vi.waitFor(() => expect(stop).toHaveBeenCalledOnce())
})
