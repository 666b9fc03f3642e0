/** UP4 to UP7: `npm start`, spawned without a terminal. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { tempFolder } from '../support/temp.ts'

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))

beforeAll(() => void builtChild('real/start'))

function startAt(root: string, name: string, args: readonly string[], input = '') {
  const { PATH = '' } = process.env
  const temp = join(root, 'tmp')
  mkdirSync(temp, { recursive: true })
  const env = {
    PATH,
    HOME: root,
    BATON_HOME: join(root, name),
    TMPDIR: temp,
    COLUMNS: '80',
    BATON_KEYCHAIN: 'off',
  }
  const began = performance.now()
  const child = spawn(process.execPath, [script, ...args], { env, stdio: 'pipe' })
  let out = ''
  let err = ''
  let firstMs = Number.POSITIVE_INFINITY
  const listeners = new Set<() => void>()
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    firstMs = Math.min(firstMs, performance.now() - began)
    out += text
    for (const listener of [...listeners]) listener()
  })
  child.stdin.end(input)
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }))
  })
  return {
    child,
    temp,
    ended,
    firstMs: () => firstMs,
    until: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(out)
          if (match) resolve(match)
        }
        listeners.add(look)
        look()
        void ended.then(() => reject(new Error(`ended first: ${out}\n${err}`)))
      }),
  }
}

it('UP4 UP5 UP6 shows a code alone on its line, tours once, and leaves nothing at Ctrl-C', async () => {
  const root = tempFolder('start')
  const first = startAt(root, 'home', [])
  await first.until(/the guest is gone/)
  expect(first.firstMs()).toBeLessThan(1000)
  const [, code = ''] = await first.until(/^([1-9]\d*(?:-[a-z]{4,8}){3})$/m)
  first.child.kill('SIGINT')
  const { code: exit, out, err } = await first.ended
  expect([exit, err]).toEqual([0, ''])
  expect(out).toMatch(/guest .*\n.*paired .*\n.*read .*\n.*sent .*\n.*placed .*\n.*receipt .*\n/)
  const [, here, there] = /here {2}([0-9a-f]{64})\n +there ([0-9a-f]{64})/.exec(out) ?? []
  expect(here).toBe(there)
  expect(out).not.toContain('\u001b')
  const paste = out.split('\n').filter((line) => line.includes('--signal'))
  expect(paste).toHaveLength(1)
  expect(paste[0]).not.toContain(code)
  expect(readdirSync(first.temp)).toEqual([])
  expect(existsSync(join(root, 'home', 'control.sock'))).toBe(false)

  const second = startAt(root, 'home', [])
  await second.until(/waiting; the code is/)
  second.child.kill('SIGTERM')
  expect((await second.ended).out).not.toContain('tour')
})

it('UP6 a second device joins by the line that is shown, with the code from stdin', async () => {
  const root = tempFolder('start')
  const host = startAt(root, 'one', ['--no-tour', '--name', 'desk'])
  const [, signal = ''] = await host.until(/--join --signal (\S+)/)
  const [code = ''] = await host.until(/^[1-9]\d*(-[a-z]{4,8}){3}$/m)
  const other = startAt(root, 'two', ['--join', '--signal', signal, '--name', 'lap'], `${code}\n`)
  await other.until(/paired with desk/)
  await host.until(/paired with lap/)
  for (const each of [host, other]) each.child.kill('SIGTERM')
  expect((await host.ended).code).toBe(0)
  expect((await other.ended).code).toBe(0)
})

it('UP7 a port that is taken is another one, unless it was named; a second start is told', async () => {
  const root = tempFolder('start')
  const one = startAt(root, 'one', ['--no-tour'])
  const [, port = ''] = await one.until(/meets at +http:\/\/127\.0\.0\.1:(\d+)/)
  const two = startAt(root, 'two', ['--no-tour'])
  const [, other = ''] = await two.until(/meets at +http:\/\/127\.0\.0\.1:(\d+)/)
  expect(other).not.toBe(port)
  const named = await startAt(root, 'three', ['--no-tour', '--port', port]).ended
  expect([named.code, named.err]).toEqual([1, expect.stringMatching(/port \d+ is taken\nhint: /)])
  const again = await startAt(root, 'one', []).ended
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/process \d+ already runs/)])
  for (const each of [one, two]) each.child.kill('SIGTERM')
  await Promise.all([one.ended, two.ended])
})

it('UP5 killed in the middle of the tour, no guest stays', async () => {
  const root = tempFolder('start')
  const host = startAt(root, 'home', [])
  const [, pid = ''] = await host.until(/its own process \((\d+)\)/)
  host.child.kill('SIGKILL')
  await host.ended
  for (let look = 0; look < 200 && isThere(Number(pid)); look++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(isThere(Number(pid))).toBe(false)
  expect(readdirSync(host.temp)).toEqual([])
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
