/** `baton doctor`: everything a device needs, each ok, to be watched or failing, with what to do. */
import { parseServerUrl } from '../../rendezvous/server-url.ts'
import type { Check } from '../doctor/check.ts'
import { runChecks } from '../doctor/checks.ts'
import type { Context } from './command.ts'
import { typed } from './exit.ts'
import { hang } from './hang.ts'
import { createKeyAccess } from './passphrase.ts'

const marks = { ok: '✓', warn: '!', fail: '✗' } as const
const nameColumns = 10
/** Mark, name, and a blank behind each. */
const leadColumns = nameColumns + 3

/** Resolves with 1 when something fails. */
export async function doctor(
  context: Context,
  options: { readonly signal?: string },
): Promise<number> {
  const { terminal } = context
  const named = options.signal
  const signal = named === undefined ? undefined : typed(() => parseServerUrl(named).origin)
  const checks: Check[] = []
  for await (const check of runChecks({
    ...context,
    signal,
    keys: createKeyAccess(context),
    status: () => context.control().status(),
  })) {
    checks.push(check)
    terminal.object({ type: 'event', at: 'check', ...check })
    for (const line of linesOf(check, terminal)) terminal.line(line)
  }
  const count = (wanted: Check['state']) => checks.filter(({ state }) => state === wanted).length
  const [failing, watched] = [count('fail'), count('warn')]
  terminal.object({ type: 'result', ok: failing === 0, exit: failing === 0 ? 0 : 1, checks })
  terminal.tell(summary(failing, watched))
  return failing === 0 ? 0 : 1
}

/** Its verdict, and below it what to do. */
export function linesOf(
  { state, name, text, hint }: Check,
  { columns, paint }: Pick<Context['terminal'], 'columns' | 'paint'>,
): string[] {
  const mark = { ok: paint.good, warn: paint.warn, fail: paint.bad }[state](marks[state])
  const found = hang(`${mark} ${name.padEnd(nameColumns)} `, leadColumns, [text], columns)
  if (hint === undefined || state === 'ok') return found
  return [...found, ...hang(' '.repeat(leadColumns), leadColumns, [[hint, paint.dim]], columns)]
}

function summary(failing: number, watched: number): string {
  if (failing > 0) return `${failing} of these will stop it`
  return watched > 0 ? `it will work; ${watched} to look at` : 'all is well'
}
