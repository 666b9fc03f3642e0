/** A Secret Service of its own: a D-Bus and a gnome-keyring in a temporary home. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { tempFolder } from './temp.ts'

export const noSecretService =
  'needs dbus-daemon and gnome-keyring-daemon: apt-get install dbus gnome-keyring'

const runs = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export const hasSecretService = (): boolean =>
  process.platform === 'linux' && runs('dbus-daemon') && runs('gnome-keyring-daemon')

export type Env = Readonly<Record<string, string>>

/** The environment in which it answers; without `unlocked` nobody is there to type its password. */
export async function startSecretService(unlocked = true): Promise<Env> {
  const home = tempFolder('secrets')
  const { PATH = '' } = process.env
  const alone = { PATH, HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: `${home}/data` }
  const bus = start('dbus-daemon', ['--session', '--nofork', '--print-address=1'], alone)
  const address = await firstLine(bus)
  const env = { ...alone, DBUS_SESSION_BUS_ADDRESS: address }
  const args = ['--foreground', '--components=secrets', ...(unlocked ? ['--unlock'] : [])]
  const daemon = start('gnome-keyring-daemon', args, env)
  daemon.stdin?.end(unlocked ? 'a password' : '')
  await firstLine(daemon)
  return env
}

function start(program: string, args: readonly string[], env: Env): ChildProcess {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill()
    await once(child, 'exit')
  })
  return child
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let said = ''
  if (stdout === null) return said
  for await (const part of stdout.setEncoding('utf8')) {
    said += part as string
    if (said.includes('\n')) break
  }
  return said.split('\n')[0] ?? ''
}
