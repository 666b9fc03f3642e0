/** `npm start` as a person runs it, without a terminal: what it said so far, and its page. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))

/** Ended with the test. `home` holds everything of it, agents' folders too. */
export async function startHere(home: string, ...args: string[]) {
  mkdirSync(home, { recursive: true })
  const { PATH = '' } = process.env
  const env = {
    PATH,
    HOME: home,
    BATON_HOME: join(home, 'baton'),
    BATON_KEYCHAIN: 'off',
    TMPDIR: home,
  }
  const child = spawn(process.execPath, [script, '--no-tour', '--name', 'desk', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const looking = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      for (const look of [...looking]) look()
    })
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onTestFinished(async () => {
    child.kill('SIGINT')
    await ended
  })
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(text)
        if (match) resolve(match[1] ?? '')
      }
      looking.add(look)
      look()
      void ended.then(() => reject(new Error(`npm start ended: ${text}`)))
    })
  const url = await said(/or open (https?:\S+) in (?:a|its) browser/)
  return { url, said, code: () => said(/^([1-9]\d*(?:-[a-z]{4,8}){3})$/m) }
}
