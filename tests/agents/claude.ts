/**
 * The real Claude Code, pinned, in a scratch folder, talking to a stand-in for the model. Each
 * machine is a home and a working directory of its own; nothing of this user's is seen or touched.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Source } from '@baton/client/core/ports/source'
import { sourceOf } from '../support/claude.ts'
import type { FakeAnthropic } from './fake-anthropic.ts'

/** Two generations of the format (formats: 2.3). */
export const versions = ['2.1.197', '2.1.329'] as const
export type Version = (typeof versions)[number]

const run = promisify(execFile)

/** Path of the program; 300 MB are fetched from npm the first time. */
export async function installClaude(version: Version): Promise<string> {
  const { BATON_AGENTS: root = join(tmpdir(), 'baton-agents') } = process.env
  const folder = join(root, `claude-code-${version}`)
  mkdirSync(folder, { recursive: true })
  const found = findProgram(folder)
  if (found) return found
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const spec = `@anthropic-ai/claude-code@${version}`
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', spec], {
    cwd: folder,
    timeout: 600_000,
  })
  const program = findProgram(folder)
  if (program === undefined) throw new Error(`${spec} has no program for this platform`)
  return program
}

/** The package of this platform holds it; the main one only links to it. */
function findProgram(folder: string): string | undefined {
  const scope = join(folder, 'node_modules/@anthropic-ai')
  const names = existsSync(scope) ? readdirSync(scope) : []
  const file = process.platform === 'win32' ? 'claude.exe' : 'claude'
  return names.map((name) => join(scope, name, file)).find((path) => existsSync(path))
}

export interface Machine {
  readonly config: string
  readonly project: string
  readonly source: Source
  /** `claude -p` in the project; the answer's text and the session's id. */
  ask(prompt: string, ...args: string[]): Promise<{ readonly text: string; readonly id: string }>
}

export function createMachine(
  program: string,
  fake: FakeAnthropic,
  root: string,
  work = 'work/my.project x',
): Machine {
  const home = join(root, 'home')
  const config = join(home, '.claude')
  mkdirSync(home, { recursive: true })
  mkdirSync(join(root, work), { recursive: true })
  const project = realpathSync(join(root, work))
  return {
    config,
    project,
    source: sourceOf(config),
    ask: async (prompt, ...args) => {
      const { PATH = '' } = process.env
      const pending = run(program, ['-p', prompt, '--output-format', 'json', ...args], {
        cwd: project,
        timeout: 120_000,
        maxBuffer: 16 * 1024 * 1024,
        env: {
          HOME: home,
          PATH,
          ANTHROPIC_BASE_URL: fake.url,
          ANTHROPIC_API_KEY: 'fake-key-of-no-use',
          DISABLE_AUTOUPDATER: '1',
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        },
      })
      pending.child.stdin?.end()
      const { stdout } = await pending
      const { result, session_id } = JSON.parse(stdout) as { result: string; session_id: string }
      return { text: result, id: session_id }
    },
  }
}
