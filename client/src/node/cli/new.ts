/** `baton new`: a session that no agent has begun; its id alone on stdout (rule NS1). */
import { maxTitleChars } from '@baton/shared/limits'
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { ensureRunning } from './running.ts'

/** A title as it may be kept. Throws `usage`. */
export function titleOf(text: string | undefined): { readonly title?: string } {
  if (text === undefined) return {}
  const title = text.trim()
  if (title !== '' && [...title].length <= maxTitleChars) return { title }
  throw usage(`failed to use the title: it has 1 to ${maxTitleChars} characters`)
}

export async function newSession(context: Context, given: string | undefined): Promise<void> {
  const { terminal, control } = context
  const title = titleOf(given)
  await ensureRunning(context)
  const { session } = await control().call('create', title)
  terminal.object({ type: 'result', ok: true, session })
  terminal.line(session)
  const short = session.slice(0, 8)
  terminal.tell(terminal.note.dim(`baton say ${short} says something, baton watch ${short} reads`))
}
