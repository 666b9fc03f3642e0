/** WB5 to WB7: what the service's port says of the page, and to whom. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createPageApp } from '@baton/client/node/page/app'
import { expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { startSignaling } from '../../support/signaling.ts'
import { tempFolder } from '../../support/temp.ts'

async function serve() {
  const root = tempFolder('page')
  const folder = join(root, 'page')
  mkdirSync(folder)
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Baton</title>')
  writeFileSync(join(folder, 'index.js'), 'export {}')
  writeFileSync(join(folder, 'index.js.map'), '{}')
  writeFileSync(join(root, 'secret.js'), 'no')
  const also = createPageApp(folder)
  expect(also).toBeDefined()
  const service = await startSignaling({ also: also as NonNullable<typeof also> })
  onTestFinished(() => service.close())
  return service
}

function get(port: number, path: string, host = `127.0.0.1:${port}`, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const asked = request(
        { port, path, method, host: '127.0.0.1', headers: { host } },
        (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (part: string) => {
            body += part
          })
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          )
        },
      )
      asked.on('error', reject)
      asked.end()
    },
  )
}

it('WB5 the page comes under a policy without inline code, code of a text, or another origin', async () => {
  const { port } = await serve()
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
    const { status, headers, body } = await get(port, '/', host)
    expect([status, body]).toEqual([200, '<!doctype html><title>Baton</title>'])
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host}`)
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("worker-src 'self'")
    expect(policy).toMatch(/trusted-types worker$/)
    expect(policy).not.toMatch(/unsafe|\*|https:/)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers).not.toHaveProperty('set-cookie')
  }
  expect((await get(port, '/index.js')).headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
  })
})

it('WB6 a rebound name gets neither the page nor the service, and no word of what is there', async () => {
  const { port } = await serve()
  for (const host of [
    'evil.test',
    `evil.test:${port}`,
    `127.0.0.1.evil.test:${port}`,
    '127.0.0.1:1',
  ]) {
    for (const path of ['/', '/index.js', '/none.js']) {
      expect(await get(port, path, host)).toMatchObject({ status: 403, body: '' })
    }
  }
})

it('WB7 only the files of the page are there, and only to be read', async () => {
  const { port } = await serve()
  for (const path of [
    '/none.js',
    '/index.js.map',
    '/../secret.js',
    '/..%2fsecret.js',
    '/%2e%2e/secret.js',
    '/index.html/',
  ]) {
    expect((await get(port, path)).status).toBe(404)
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    expect((await get(port, '/', undefined, method)).status).toBe(404)
  }
})

it('WB6 SV14 a page of another origin opens no socket here; the page itself does', async () => {
  const { url, port } = await serve()
  const opens = (origin: string) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/socket`, 'baton.v1', { origin })
      socket.on('open', () => resolve(true))
      socket.on('error', () => resolve(false))
      onTestFinished(() => socket.terminate())
    })
  const [own, other, none] = await Promise.all([
    opens(url),
    opens('http://evil.test'),
    opens('null'),
  ])
  expect([own, other, none]).toEqual([true, false, false])
})

it('WB7 without a built page there is none', () => {
  expect(createPageApp(tempFolder('page'))).toBeUndefined()
})
