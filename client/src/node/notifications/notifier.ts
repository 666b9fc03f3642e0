/**
 * Notifications of the desktop (rule UP12): notify-send on Linux, osascript on macOS, PowerShell on
 * Windows. What is shown is passed as data, never as code, and nothing depends on whether it is seen.
 */
import { spawn } from 'node:child_process'
import type { Trace } from '../../core/ports/platform.ts'
import { windowsCommand } from './windows.ts'

export interface Notifier {
  /** Plain text. Never throws; what comes while too many wait is dropped. */
  show(title: string, body: string): void
  close(): void
}

export interface NotifierPorts {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly trace?: Trace
}

/** PowerShell takes seconds to start on a busy machine. */
const patienceMs = { win32: 20_000, other: 5_000 }
const maxWaiting = 8

export const canNotify = (platform: NodeJS.Platform): boolean => commands[platform] !== undefined

/** Undefined on systems for which there is none. */
export function createNotifier({ platform, env, trace }: NotifierPorts): Notifier | undefined {
  const command = commands[platform]
  const timeout = platform === 'win32' ? patienceMs.win32 : patienceMs.other
  return command && createQueue((...of) => command(...of, env), { env, trace, timeout })
}

function createQueue(
  command: (title: string, body: string) => Argv,
  {
    env,
    trace,
    timeout,
  }: Pick<NotifierPorts, 'env'> & { readonly trace: Trace | undefined; readonly timeout: number },
): Notifier {
  const waiting: (readonly [string, string])[] = []
  let stop: (() => void) | undefined

  function next(): void {
    const first = waiting.shift()
    if (first === undefined) return
    const [program, ...argv] = command(...first)
    const child = spawn(program, argv, {
      env,
      stdio: 'ignore',
      timeout,
      windowsHide: true,
    })
    stop = () => child.kill()
    let over = false
    const ended = (why: string | undefined) => {
      if (over) return
      over = true
      stop = undefined
      // Not what was to be shown.
      if (why !== undefined) trace?.('notify.failed', { why })
      next()
    }
    child.once('error', (error: NodeJS.ErrnoException) => ended(error.code ?? 'unknown'))
    child.once('exit', (code, signal) => ended(code === 0 ? undefined : (signal ?? `exit ${code}`)))
  }

  return {
    show(title, body) {
      if (waiting.length >= maxWaiting) return
      waiting.push([plain(title), plain(body)])
      if (!stop) next()
    },
    close() {
      waiting.length = 0
      stop?.()
    },
  }
}

type Argv = readonly [string, ...string[]]
type Command = (title: string, body: string, env: NotifierPorts['env']) => Argv

const commands: Partial<Record<NodeJS.Platform, Command>> = {
  // The body is markup there.
  linux: (title, body) => ['notify-send', '--app-name=Baton', '--', title, markup(body)],
  darwin: (title, body) => ['osascript', ...script.flatMap((line) => ['-e', line]), title, body],
  win32: windowsCommand,
}

/** An argument of a program ends at a zero byte. */
const plain = (text: string): string => text.replaceAll('\0', '')

const script = [
  'on run argv',
  'display notification (item 2 of argv) with title (item 1 of argv)',
  'end run',
]

const markup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
