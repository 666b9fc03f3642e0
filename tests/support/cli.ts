/** The real `baton` command in a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { tempFolder } from './temp.ts'

const bin = fileURLToPath(new URL('../../client/bin/baton.mjs', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  /** Resolves with all of stdout so far, once it matches. */
  until(pattern: RegExp, stream?: 'out' | 'err'): Promise<string>
}

export interface CliHome {
  readonly folder: string
  readonly baton: string
  /** Where its agent keeps sessions. */
  readonly claude: string
  /** Stdin ends behind `input`, and stays open for null. */
  start(
    args: readonly string[],
    input?: string | null,
    more?: Readonly<Record<string, string>>,
    cwd?: string,
  ): Running
  run(
    args: readonly string[],
    input?: string | null,
    more?: Readonly<Record<string, string>>,
    cwd?: string,
  ): Promise<Ran>
}

/** `baton down` is run when the test ends. */
export function cliHome(name: string, more: Record<string, string> = {}): CliHome {
  const folder = tempFolder(`cli-${name}`)
  mkdirSync(join(folder, 'project'))
  const [baton, claude] = [join(folder, 'baton'), join(folder, 'claude')]
  const { PATH = '' } = process.env
  const env: Record<string, string> = {
    PATH,
    HOME: folder,
    BATON_HOME: baton,
    CLAUDE_CONFIG_DIR: claude,
    COLUMNS: '80',
    // A person's own keychain is no place for what tests make.
    BATON_KEYCHAIN: 'off',
    ...more,
  }
  const start: CliHome['start'] = (args, input = '', extra = {}, cwd) =>
    startCommand(args, { ...env, ...extra }, input, cwd)
  const run: CliHome['run'] = (...given) => start(...given).ended
  onTestFinished(async () => void (await run(['down'])))
  return { folder, baton, claude, start, run }
}

function startCommand(
  args: readonly string[],
  env: Record<string, string>,
  input: string | null,
  cwd: string | undefined,
): Running {
  const child = spawn(process.execPath, [bin, ...args], { env, cwd, stdio: 'pipe' })
  const said = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const hear = (stream: 'out' | 'err') => (text: string) => {
    said[stream] += text
    for (const listener of [...listeners]) listener()
  }
  child.stdout.setEncoding('utf8').on('data', hear('out'))
  child.stderr.setEncoding('utf8').on('data', hear('err'))
  child.stdin.on('error', () => undefined)
  if (input !== null) child.stdin.end(input)
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (code) => resolve({ code, ...said }))
  })
  return {
    child,
    ended,
    until: (pattern, stream = 'out') =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(said[stream])) return
          listeners.delete(look)
          resolve(said[stream])
        }
        listeners.add(look)
        look()
        void ended.then(({ out, err }) => reject(new Error(`ended first: ${out}\n${err}`)))
      }),
  }
}

export interface JsonLine {
  readonly type: string
  readonly ok?: boolean
  readonly receipts?: readonly unknown[]
  readonly signaling?: { readonly server: string }
}

/** Lines of --json; throws where stdout holds anything else. */
export const jsonLines = (out: string): JsonLine[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonLine)

/** Starts the device in the background; its signaling service. */
export async function upAt(home: CliHome, ...args: string[]): Promise<string> {
  const { code, err } = await home.run(['up', '--daemon', ...args])
  expect(err + code).toMatch(/0$/)
  const { out } = await home.run(['status', '--json'])
  return jsonLines(out)[0]?.signaling?.server ?? ''
}
