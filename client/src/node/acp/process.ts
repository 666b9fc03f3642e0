/**
 * The process of an agent that is driven (rule AC11): its stdout as lines of JSON, one at a time and
 * bounded, its stdin, the end of its stderr, and its end, with everything that it started. It knows no
 * ACP.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { cleanText } from '@baton/shared/clean-text'
import { BatonError } from '@baton/shared/errors'
import type { AcpInput } from '../../core/acp/client.ts'
import { maxAcpLineBytes } from '../../core/acp/limits.ts'

export interface AgentProcess {
  send(message: object): Promise<void>
  /** Ends it, gently and then not; resolves when it is gone. */
  end(): Promise<void>
}

export interface AgentCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** How long it may take to end by itself. */
const endMs = 3_000
/** What it said last may still be in the pipe. */
const drainMs = 1_000
const keptStderr = 4 * 1024

/**
 * Starts it. `feed` takes each line before the next is read, and last that it is lost. Rejects with
 * `usage` for a command that is not there.
 */
export async function startAgent(
  { command, args, cwd, env }: AgentCommand,
  feed: (input: AcpInput) => Promise<void>,
): Promise<AgentProcess> {
  // A group of its own: Ctrl-C at the terminal is for the person's turn, and ends all of it together.
  const grouped = process.platform !== 'win32'
  const child = spawn(command, args, { cwd, env, stdio: 'pipe', detached: grouped })
  await started(child, command)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptStderr)
  })
  // It ended: that is told by its end.
  child.stdin.on('error', () => undefined)
  const gone = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal ?? `code ${code}`)
      // What it started may hold on to its pipes; what it said itself has come by then.
      const drained = setTimeout(() => child.stdout.destroy(), drainMs)
      child.once('close', () => clearTimeout(drained))
    })
  })

  const kill = (signal: NodeJS.Signals) => {
    try {
      if (grouped && child.pid !== undefined) process.kill(-child.pid, signal)
      else child.kill(signal)
    } catch {
      // It is gone already.
    }
  }

  // Also where this process is ended before it can say so.
  const atExit = () => kill('SIGKILL')
  process.once('exit', atExit)

  void read(child, feed).then(async () => {
    const how = await gone
    const last = said.trimEnd().split('\n').at(-1) ?? ''
    const why = cleanText(last, 200)
    const ended = `the agent ended (${how})`
    await feed({ at: 'lost', code: 'invalid', how: why === undefined ? ended : `${ended}: ${why}` })
  })

  return {
    async send(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`)
    },
    async end() {
      child.stdin.end()
      child.stdout.destroy()
      child.stderr.destroy()
      kill('SIGTERM')
      const timer = setTimeout(() => kill('SIGKILL'), endMs)
      await gone
      clearTimeout(timer)
      // What it started and did not end.
      kill('SIGKILL')
      process.off('exit', atExit)
    },
  }
}

function started(child: ChildProcessWithoutNullStreams, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT'
      const why = missing ? 'there is no such program' : (cause.code ?? 'it cannot be run')
      const hint = missing ? 'is it installed, and on the PATH?' : undefined
      const name = cleanText(command, 80) ?? ''
      reject(new BatonError('usage', `failed to run ${name}: ${why}`, hint ? { hint } : {}))
    })
  })
}

/** Resolves at the end of what it says, however that came. */
async function read(
  child: ChildProcessWithoutNullStreams,
  feed: (input: AcpInput) => Promise<void>,
): Promise<void> {
  try {
    let parts: Buffer[] = []
    let bytes = 0
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      let from = 0
      for (;;) {
        const at = chunk.indexOf(10, from)
        const part = chunk.subarray(from, at < 0 ? chunk.length : at)
        bytes += part.length
        if (bytes > maxAcpLineBytes) {
          await feed({ at: 'lost', code: 'too-large', how: 'the agent said a line of over 4 MiB' })
          return
        }
        parts.push(part)
        if (at < 0) break
        await feedLine(Buffer.concat(parts, bytes).toString('utf8').trim(), feed)
        parts = []
        bytes = 0
        from = at + 1
      }
    }
  } catch {
    // Destroyed, or broken: either way nothing more comes.
  }
}

async function feedLine(line: string, feed: (input: AcpInput) => Promise<void>): Promise<void> {
  if (line === '') return
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return feed({ at: 'garbage' })
  }
  return feed({ at: 'heard', value })
}
