/** `baton doctor`: everything a device needs, each ok, to be watched or failing, with what to do. */
import { parseServerUrl } from '../../rendezvous/server-url.ts'
import type { Check } from '../doctor/check.ts'
import { runChecks } from '../doctor/checks.ts'
import type { Context } from './command.ts'
import { typed } from './exit.ts'

const marks = { ok: '✓', warn: '!', fail: '✗' } as const

/** Resolves with 1 when something fails. */
export async function doctor(
  context: Context,
  options: { readonly signal?: string },
): Promise<number> {
  const { terminal } = context
  const named = options.signal
  const signal = named === undefined ? undefined : typed(() => parseServerUrl(named).origin)
  const { good, warn, bad, dim } = terminal.paint
  const paint = { ok: good, warn, fail: bad }
  const checks: Check[] = []
  for await (const check of runChecks({
    ...context,
    signal,
    status: () => context.control().status(),
  })) {
    checks.push(check)
    terminal.object({ type: 'event', at: 'check', ...check })
    const { state, name, text, hint } = check
    terminal.line(`${paint[state](marks[state])} ${name.padEnd(10)} ${text}`)
    if (hint !== undefined && state !== 'ok') terminal.line(dim(`  ${' '.repeat(10)} ${hint}`))
  }
  const count = (wanted: Check['state']) => checks.filter(({ state }) => state === wanted).length
  const [failing, watched] = [count('fail'), count('warn')]
  terminal.object({ type: 'result', ok: failing === 0, exit: failing === 0 ? 0 : 1, checks })
  terminal.tell(summary(failing, watched))
  return failing === 0 ? 0 : 1
}

function summary(failing: number, watched: number): string {
  if (failing > 0) return `${failing} of these will stop it`
  return watched > 0 ? `it will work; ${watched} to look at` : 'all is well'
}
