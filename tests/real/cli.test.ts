/** CL, UP: the real command, spawned, without a terminal. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { widthOf } from '@baton/client/node/cli/width'
import { createSignaling } from '@baton/signaling/signaling'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { builtChild } from '../support/built.ts'
import { cliHome, jsonLines, upAt } from '../support/cli.ts'
import { tellingWords } from '../support/code-words.ts'
import { tempFolder } from '../support/temp.ts'

const sample = fileURLToPath(new URL('../../client/sample', import.meta.url))
const sampleId = '7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10'

beforeAll(() => void builtChild('real/cli'))

it.each(['devices', 'sessions', 'receipts', 'status', 'down', 'show x', 'send x --to y'])(
  'CL1 %s without a running device exits with 5, and says what to type',
  async (line) => {
    const home = cliHome('idle')
    const { code, out, err } = await home.run(line.split(' '))
    expect(code).toBe(5)
    expect(err).toBe('error: this device is not running\nhint: start it with: baton up\n')
    expect(out === '').toBe(line !== 'status')
    const json = await home.run([...line.split(' '), '--json'])
    expect(jsonLines(json.out)).toEqual([
      expect.objectContaining({ type: 'result', ok: false, exit: 5 }),
    ])
  },
)

it('CL1 CL2 CL13 a line that cannot be used exits with 2, on stderr', async () => {
  const home = cliHome('usage')
  for (const args of [
    ['frobnicate'],
    ['send', '--colour'],
    ['show'],
    ['up', '--policy', 'maybe'],
    ['help', 'frobnicate'],
    ['up', '--signal', 'signal.example'],
    ['up', '--daemon', '--ice', 'stun:'],
    ['pair', '--show', '--signal', 'ftp://signal.example'],
    ['doctor', '--signal', 'signal.example/path'],
  ]) {
    const { code, out, err } = await home.run(args)
    expect([args, code, out]).toEqual([args, 2, ''])
    expect(err).toMatch(/^error: .*\nhint: .*\n$/)
    const json = await home.run([...args, '--json'])
    expect([json.code, jsonLines(json.out)]).toMatchObject([
      2,
      [{ type: 'result', ok: false, exit: 2, error: { code: 'usage' } }],
    ])
  }
  expect((await home.run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await home.run(['help', 'exit-codes'])).out).toContain('130')
})

it('UP1 a device runs in the background, once, and goes whole', async () => {
  const home = cliHome('up')
  await upAt(home, '--port', '0')
  const second = await home.run(['up', '--port', '0'])
  expect(second).toMatchObject({ code: 1, err: expect.stringMatching(/process \d+ already runs/) })
  const status = await home.run(['status'])
  expect(status.out).toMatch(/is up\n(.*\n)*.*next {6}baton pair\n$/)
  expect(status.out).not.toContain('\u001b')
  expect(await home.run(['down'])).toMatchObject({ code: 0 })
  const left = readdirSync(join(home.baton, 'store'))
  expect(left.filter((name) => name.startsWith('lock-') && name.endsWith('.held'))).toEqual([])
  expect(existsSync(join(home.baton, 'control.sock'))).toBe(false)
})

it('UP1 Ctrl-C and a termination end a device in the foreground in order', async () => {
  const home = cliHome('foreground')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const running = home.start(['up', '--json', '--port', '0'])
    await running.until(/"at":"up"/)
    running.child.kill(signal)
    const { code, out } = await running.ended
    expect(code).toBe(0)
    expect(jsonLines(out).at(-1)).toEqual({ type: 'result', ok: true })
  }
})

it('UP1 a port that is taken is told', async () => {
  const [one, other] = [cliHome('one'), cliHome('other')]
  const { port } = new URL(await upAt(one, '--port', '0'))
  const { code, err } = await other.run(['up', '--port', port])
  expect(code).toBe(1)
  expect(err).toMatch(/^error: failed to listen: port \d+ is taken\nhint: /)
})

it('UP1 CL6 CL10 CL15 CL16 SEC-48 two devices pair, hand over, and no code or word gets into a log', async () => {
  const alice = cliHome('alice')
  const bob = cliHome('bob')
  cpSync(sample, alice.claude, { recursive: true })
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(bob, '--signal', signal, '--name', 'bob')

  const shown = alice.start(['pair'])
  const code = (await shown.until(/\n/)).trim()
  expect(code).toMatch(/^[1-9]\d*(-[a-z]{4,8}){3}$/)
  const joined = await bob.run(['pair', '--join', '-'], `${code.toUpperCase()}\n`)
  expect(joined).toMatchObject({ code: 0, out: '' })
  expect(joined.err).toContain('paired with alice')
  const inviter = await shown.ended
  expect(inviter).toMatchObject({ code: 0, out: `${code}\n` })
  const emoji = /^ {2}.*$/mu.exec(joined.err)?.[0]
  expect(inviter.err).toContain(emoji)

  await vi.waitFor(async () => {
    expect((await alice.run(['devices'])).out).toMatch(/bob +connected/)
  }, 20_000)
  const project = join(bob.folder, 'project')
  const sent = await alice.run(['send', sampleId, '--to', 'bob', '--project', project])
  expect(sent).toMatchObject({ code: 0 })
  expect(sent.out).toMatch(new RegExp(`^cd '.*' && .*claude --resume ${sampleId}\n$`))
  expect(sent.err).toMatch(/read .*sent .*placed .*receipt .*digest .*the same on both/s)
  const placed = await bob.run(['receipts', '--json'])
  expect(jsonLines(placed.out)[0]?.receipts).toHaveLength(1)
  const shownThere = await bob.run(['show', '7d1c'])
  expect(shownThere.out).toContain('tide')
  const missing = await alice.run(['send', sampleId, '--to', 'carol'])
  expect(missing).toMatchObject({ code: 4, out: '' })

  expect(await alice.run(['remove', 'bob'])).toMatchObject({ code: 2, out: '' })
  expect(await bob.run(['remove', 'alice', '--yes'])).toMatchObject({ code: 4, out: '' })
  expect(await alice.run(['role', 'bob', 'owner'])).toMatchObject({ code: 2 })
  const role = await alice.run(['role', 'bob', 'admin', '--json'])
  expect(jsonLines(role.out)).toMatchObject([{ type: 'result', ok: true, role: 'admin' }])
  expect(await alice.run(['remove', 'bob', '--yes'])).toMatchObject({ code: 0, out: '' })
  expect((await alice.run(['devices'])).out).toMatch(/bob +removed .* by alice/)
  expect(await alice.run(['send', sampleId, '--to', 'bob'])).toMatchObject({ code: 4 })

  const again = await bob.run(['pair', code])
  expect(again.err).toMatch(/^warning: a code on the command line/)
  expect(again.code).not.toBe(0)
  for (const home of [alice, bob]) {
    const log = readFileSync(join(home.baton, 'baton.log'), 'utf8')
    for (const word of tellingWords(code)) expect(log).not.toContain(word)
    expect(log).not.toMatch(/tide|127\.0\.0\.1|candidate|a=fingerprint/)
  }
})

it('CL6 CL7 a code that cannot be read costs nothing, and none is asked for without a terminal', async () => {
  const home = cliHome('code')
  const wrong = await home.run(['pair', '--join', '-'], '7-not-a-word\n')
  expect(wrong).toMatchObject({ code: 2, out: '' })
  expect(wrong.err).toMatch(/^error: failed to read the code: word \d/)
  expect(wrong.err).not.toContain('not-a')
  const silent = await home.run(['pair', '--join'])
  expect(silent).toMatchObject({ code: 2, err: expect.stringContaining('no code was given') })
  // Nothing was started for it.
  expect((await home.run(['status'])).code).toBe(5)
})

it('UP9 a pairing that came to nothing stops the device it started, and no other', async () => {
  const service = createSignaling()
  const { url } = await service.listen()
  onTestFinished(() => service.close())
  const home = cliHome('nothing')
  const signal = ['--signal', url]
  const wrong = await home.run(['pair', '--join', '-', ...signal], '999-ability-aboard-abridge\n')
  expect(wrong.code).toBe(7)
  expect(wrong.err).toMatch(/started in the background.*\n(.*\n)*.*stopped again\nerror: /)
  expect((await home.run(['status'])).code).toBe(5)

  const shown = home.start(['pair', '--show', ...signal])
  await shown.until(/\n/)
  shown.child.kill('SIGINT')
  expect((await shown.ended).code).toBe(130)
  expect((await home.run(['status'])).code).toBe(5)

  await upAt(home, ...signal)
  expect((await home.run(['pair', '--join', '-'], '999-ability-aboard-abridge\n')).code).toBe(7)
  expect((await home.run(['status'])).code).toBe(0)
})

it('CL2 CL6 --json never asks, and ends in one result', async () => {
  const home = cliHome('json')
  await upAt(home, '--port', '0')
  for (const line of [
    'devices',
    'sessions',
    'receipts',
    'status',
    'send',
    'show 0000',
    'pair --join',
  ]) {
    const { out } = await home.run([...line.split(' '), '--json'])
    const lines = jsonLines(out)
    expect(lines.filter(({ type }) => type === 'result')).toHaveLength(1)
    expect(lines.at(-1)).toMatchObject({ type: 'result' })
  }
})

it('CL5 CL4 nothing is wider than 40 columns, or coloured, where that is asked for', async () => {
  const home = cliHome('narrow', { COLUMNS: '40', NO_COLOR: '1', FORCE_COLOR: '1' })
  cpSync(sample, home.claude, { recursive: true })
  await upAt(home, '--port', '0')
  for (const line of ['devices', 'sessions --all', 'show 7d1c', 'status', 'doctor']) {
    const { out } = await home.run(line.split(' '))
    expect(out).not.toBe('')
    for (const each of out.split('\n')) expect(widthOf(each)).toBeLessThanOrEqual(40)
    expect(out).not.toContain('\u001b')
  }
})

it('CL3 UP3 a home that cannot be written is told in one line', async () => {
  const home = cliHome('readonly', { BATON_HOME: join(sample, 'README.md', 'baton') })
  const { code, err } = await home.run(['up', '--port', '0'])
  expect(code).toBe(1)
  expect(err).toMatch(/^error: failed to .*\nhint: .*\n$/)
})

it('UP3 UP10 whatever starts a device says the same of a home that cannot be made', async () => {
  const home = cliHome('unmade', { BATON_HOME: join(sample, 'README.md', 'baton') })
  const told: unknown[] = []
  for (const line of ['up', 'up --daemon', 'pair --show']) {
    const { code, out } = await home.run([...line.split(' '), '--json'])
    expect([line, code]).toEqual([line, 1])
    told.push(jsonLines(out).at(-1))
  }
  expect(told[0]).toMatchObject({ ok: false, error: { code: 'store-readonly' } })
  expect(told[0]).toHaveProperty('error.hint', expect.stringContaining('BATON_HOME'))
  expect(told).toEqual([told[0], told[0], told[0]])
})

it.skipIf(process.platform === 'win32')('UP10 a device that dies at once is told so', async () => {
  const folder = tempFolder('dies')
  const dies = join(folder, 'dies.cjs')
  writeFileSync(dies, 'if (process.send) process.kill(process.pid, "SIGKILL")')
  const home = cliHome('dies', { NODE_OPTIONS: `--require ${dies}` })
  const { code, out } = await home.run(['pair', '--show', '--json'])
  expect([code, jsonLines(out)]).toMatchObject([1, [{ error: { code: 'invalid' } }]])
})

it('DR1 DR2 DR3 the doctor checks this machine, running or not, and a service that is away', async () => {
  const home = cliHome('doctor')
  const idle = await home.run(['doctor'])
  expect(idle.out).toMatch(/✓ webrtc +connects two ends here in .*host/)
  expect(idle).toMatchObject({
    code: 0,
    out: expect.stringContaining('! device     is not running'),
  })
  await upAt(home, '--port', '0')
  const running = await home.run(['doctor', '--json'])
  const last = jsonLines(running.out).at(-1)
  expect(last).toMatchObject({ type: 'result', ok: true })
  const away = await home.run(['doctor', '--signal', 'http://127.0.0.1:9'])
  expect(away).toMatchObject({ code: 1, out: expect.stringContaining('✗ signaling') })
})

it('CL1 a signaling service that is away is exit code 6, and pairing works once it is back', async () => {
  const home = cliHome('away')
  const first = createSignaling()
  const { port } = await first.listen()
  await first.close()
  await upAt(home, '--signal', `http://127.0.0.1:${port}`)
  const away = await home.run(['pair', '--show'])
  expect(away).toMatchObject({ code: 6, out: '', err: expect.stringMatching(/^error: .*\nhint: /) })
  expect((await home.run(['status'])).out).toContain('no answer')
  const back = createSignaling({ port })
  await back.listen()
  onTestFinished(() => back.close())
  const pairing = home.start(['pair', '--show'])
  await pairing.until(/^[1-9]\d*(-[a-z]{4,8}){3}\n$/)
  pairing.child.kill('SIGINT')
  expect((await pairing.ended).code).toBe(130)
})

it('UP4 a Node that is too old is told so in one sentence, before anything loads', async () => {
  const folder = tempFolder('old-node')
  const fake = join(folder, 'fake.cjs')
  const versions = "{ ...process.versions, node: '18.20.4' }"
  writeFileSync(fake, `Object.defineProperty(process, 'versions', { value: ${versions} })`)
  const home = cliHome('old', { NODE_OPTIONS: `--require ${fake}` })
  const { code, out, err } = await home.run(['status'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^error: Baton needs Node 20\.19 or newer, and this is .*\n$/)
})
