/** A command's terminal that keeps what was written, and what was drawn over. */
import { PassThrough } from 'node:stream'
import { createTerminal } from '@baton/client/node/cli/terminal'

export interface KeptTerminal {
  readonly terminal: ReturnType<typeof createTerminal>
  readonly stdin: PassThrough
  out(): string
  err(): string
}

/** `live`: stdout and stderr are terminals that draw; stdin never is. */
export function keptTerminal(
  options: { live?: boolean; json?: boolean; columns?: number; term?: string } = {},
): KeptTerminal {
  const { live = false, json = false, columns, term = 'xterm' } = options
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  for (const stream of [stdout, stderr]) Object.assign(stream, { isTTY: live, columns })
  const streams = { stdin, stdout, stderr } as unknown as Record<'stdin', NodeJS.ReadStream> &
    Record<'stdout' | 'stderr', NodeJS.WriteStream>
  const env = { TERM: term, NO_COLOR: '1' }
  const terminal = createTerminal({ ...streams, env, json, quiet: false })
  const kept = { out: '', err: '' }
  return {
    terminal,
    stdin,
    out: () => (kept.out += String(stdout.read() ?? '')),
    err: () => (kept.err += String(stderr.read() ?? '')),
  }
}
