/** opencode from npm, in homes whose model is a stand-in. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type CliHome, cliHome } from '../support/cli.ts'
import type { FakeOpenAi } from './fake-openai.ts'

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

/** Path of its program. */
export const openCode = (): Promise<string> =>
  installed(
    'opencode-ai',
    '1.18.33',
    `node_modules/opencode-${process.platform}-${process.arch}/bin/opencode`,
  )

/** A home whose opencode asks the stand-in. */
export function openCodeHome(name: string, fake: FakeOpenAi): CliHome {
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
