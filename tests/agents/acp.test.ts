/** AC15: real ACP agents from npm, driven through the command, against a stand-in for the model. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'
import { type FakeOpenAi, openFakeOpenAi } from './fake-openai.ts'

const run = promisify(execFile)

/** Path of the program; fetched from npm the first time. */
async function installed(name: string, version: string, bin: string): Promise<string> {
  const { BATON_AGENTS: root = join(tmpdir(), 'baton-agents') } = process.env
  const folder = join(root, `${name.replaceAll('/', '-')}-${version}`)
  const program = join(folder, bin)
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const spec = `${name}@${version}`
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', spec], {
    cwd: folder,
    timeout: 600_000,
  })
  return program
}

/** A home whose opencode asks the stand-in. */
function openCodeHome(name: string, fake: FakeOpenAi): CliHome {
  const home = cliHome(name)
  const config = join(home.folder, '.config/opencode')
  mkdirSync(config, { recursive: true })
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Fake',
    options: { baseURL: `${fake.url}/v1`, apiKey: 'none' },
    models: { fm: { name: 'fm', limit: { context: 100_000, output: 1000 } } },
  }
  const settings = {
    ...{ provider: { fake: provider }, model: 'fake/fm', small_model: 'fake/fm' },
    ...{ autoupdate: false, share: 'disabled', permission: { bash: 'allow' } },
  }
  writeFileSync(join(config, 'opencode.json'), JSON.stringify(settings))
  return home
}

async function pair(inviter: CliHome, joiner: CliHome): Promise<void> {
  const shown = inviter.start(['pair'])
  const code = (await shown.until(/\n/)).trim()
  expect(await joiner.run(['pair', '--join', '-'], `${code}\n`)).toMatchObject({ code: 0 })
  expect(await shown.ended).toMatchObject({ code: 0 })
  await vi.waitFor(async () => {
    expect((await inviter.run(['devices'])).out).toMatch(/bob +connected/)
  }, 20_000)
}

it('AC15 opencode is driven, its answer and its tool call are on a second device, and it goes on', async () => {
  const program = await installed(
    'opencode-ai',
    '1.18.33',
    `node_modules/opencode-${process.platform}-${process.arch}/bin/opencode`,
  )
  const fake = await openFakeOpenAi()
  onTestFinished(() => fake.close())
  const alice = openCodeHome('alice', fake)
  const bob = cliHome('bob')
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(bob, '--signal', signal, '--name', 'bob')
  await pair(alice, bob)

  const at = join(alice.folder, 'project')
  const prompt = ['--prompt', 'remember heron, and USETOOL']
  const first = await alice.run(['run', '--json', ...prompt, program, 'acp'], '', {}, at)
  const result = jsonLines(first.out).at(-1) as { readonly session?: string } & object
  expect(result).toMatchObject({ type: 'result', ok: true })
  const session = result.session ?? ''

  const sent = await alice.run(['send', session, '--to', 'bob', '--carry-only'])
  expect(sent).toMatchObject({ code: 0 })
  const there = async () => (await bob.run(['show', session])).out
  const here = (await alice.run(['show', session])).out
  expect(here).toMatch(
    /^you {5}remember heron, and USETOOL\nagent {3}Let me look\.\ntool {4}pwd [\s\S]*? \(ok\)\nresult .*\/project\nagent {3}This is answer \d+ to \d+ messages\.\n$/,
  )
  expect(await there()).toBe(here)

  const watching = bob.start(['watch', session])
  await watching.until(/answer/)
  const again = await alice.run(
    ['run', '--session', session, '--prompt', 'which word?', program, 'acp'],
    '',
    {},
    at,
  )
  expect(again).toMatchObject({ code: 0 })
  expect(again.err).not.toContain('goes along as text')
  const told = JSON.stringify(fake.asked.at(-1)?.messages)
  for (const part of ['heron', 'Let me look', 'which word?']) expect(told).toContain(part)
  const seen = await watching.until(/which word\?\nagent {3}This is answer .*\n/)
  expect(seen.match(/This is answer/g)).toHaveLength(2)
  watching.child.kill('SIGINT')
  await watching.ended
})
