/**
 * Going on with a session that came here (rules CL28): its line alone on stdout, or, with --resume, run
 * in this terminal. The line is the source's own, every path in it quoted.
 */
import { spawn } from 'node:child_process'
import { BatonError } from '@baton/shared/errors'
import type { Context } from './command.ts'
import { safeLine } from './safe-text.ts'

/** Resolves with the exit code of what was run, 0 where it was only shown. */
export async function goOn(
  { terminal, env }: Pick<Context, 'terminal' | 'env'>,
  line: string,
  run: boolean,
): Promise<number> {
  if (!run) {
    terminal.tell()
    terminal.tell('go on with:')
    terminal.tell()
    terminal.line(safeLine(line))
    return 0
  }
  const windows = process.platform === 'win32'
  const [shell, args] = windows
    ? ['powershell.exe', ['-NoProfile', '-Command', line]]
    : ['/bin/sh', ['-c', line]]
  const child = spawn(shell, args, { stdio: 'inherit', env: env as NodeJS.ProcessEnv })
  // Ctrl-C is for the agent, which has the terminal now.
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(notRun(line, cause)))
      child.once('close', (code) => resolve(code ?? 1))
    })
  } finally {
    process.off('SIGINT', ignore)
  }
}

const notRun = (line: string, cause: unknown) =>
  new BatonError('not-found', 'failed to run the agent: no shell could be started', {
    cause,
    hint: `the session is here; run: ${safeLine(line)}`,
  })
